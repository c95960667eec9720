import sys
from decimal import Decimal
from sqlalchemy import create_engine, select, insert, func
from sqlalchemy.orm import Session, sessionmaker
from models import Base, Product

def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [r.id for r in rows]

def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        ids = [r.id for r in rows]
        session.rollback()
        return ids

def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        out = {"loaded": product.price}
        change_elsewhere()
        out["stale"] = product.price
        session.expire_all()
        out["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        out["after_refresh"] = product.price
        return out

def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Bolt", "price": Decimal("0.45")}, {"name": "Clamp", "price": Decimal("1.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Drill", "price": Decimal("0.30")}, {"id": ids[0], "name": "Epoxy", "price": Decimal("0.60")}])
    except Exception as error:
        print("failed:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[1]).price += Decimal("0.10")

    print(show_reloading(engine, ids[1], change))
    print(show_reloading(engine, ids[0], lambda: None))

if __name__ == "__main__":
    main(*sys.argv[1:2])
