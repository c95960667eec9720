import asyncio, sys
from decimal import Decimal
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from models import Base, Product

class AsyncSession:
    def __init__(self, engine): self.s = Session(engine)
    async def __aenter__(self): return self.s
    async def __aexit__(self, kind, v, tb):
        if kind: self.s.rollback()
        self.s.close()

async def _add(engine, products):
    async with AsyncSession(engine) as s:
        rows = [Product(**p) for p in products]
        s.add_all(rows)
        s.flush()
        ids = [r.id for r in rows]
        await asyncio.sleep(0)
        s.commit()
        return ids

def add_products(engine, products):
    return asyncio.run(_add(engine, products))

async def _preview(engine, products):
    async with AsyncSession(engine) as s:
        rows = [Product(**p) for p in products]
        s.add_all(rows)
        s.flush()
        return [r.id for r in rows]

def preview_ids(engine, products):
    return asyncio.run(_preview(engine, products))

async def _show(engine, product_id, change_elsewhere):
    async with AsyncSession(engine) as s:
        p = s.get(Product, product_id)
        loaded = p.price
        await asyncio.to_thread(lambda: None)
        change_elsewhere()
        stale = p.price
        s.expire_all()
        a = p.price
        change_elsewhere()
        s.refresh(p)
        return dict(loaded=loaded, stale=stale, after_expire_all=a, after_refresh=p.price)

def show_reloading(engine, product_id, change_elsewhere):
    return asyncio.run(_show(engine, product_id, change_elsewhere))

def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Anvil", "price": Decimal("0.45")}, {"name": "Barrel", "price": Decimal("1.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Cabinet", "price": Decimal("0.30")}, {"id": ids[0], "name": "Drum", "price": Decimal("0.60")}])
    except Exception as error:
        print("failed:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[1]).price += Decimal("0.10")

    print(show_reloading(engine, ids[1], change))

if __name__ == "__main__":
    main(*sys.argv[1:2])
