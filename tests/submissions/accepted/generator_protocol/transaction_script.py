import sys
from decimal import Decimal
from sqlalchemy import create_engine, select, insert, func
from sqlalchemy.orm import Session, sessionmaker
from models import Base, Product

def transaction(engine, commit):
    session = Session(engine)
    try:
        yield session
        if commit:
            session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()

def run(engine, commit, work):
    gen = transaction(engine, commit)
    session = next(gen)
    try:
        result = work(session)
    except BaseException as e:
        gen.throw(e)
        raise
    for _ in gen:
        pass
    return result

def _insert(products):
    def work(session):
        rows = [Product(**p) for p in products]
        session.add_all(rows); session.flush()
        return [r.id for r in rows]
    return work

def add_products(engine, products):
    return run(engine, True, _insert(products))

def preview_ids(engine, products):
    return run(engine, False, _insert(products))

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
    ids = add_products(engine, [{"name": "Dowel", "price": Decimal("0.45")}, {"name": "Eyelet", "price": Decimal("1.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Funnel", "price": Decimal("0.30")}, {"id": ids[0], "name": "Gasket", "price": Decimal("0.60")}])
    except Exception as error:
        print("failed:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[1]).price += Decimal("0.10")

    print(show_reloading(engine, ids[1], change))

if __name__ == "__main__":
    main(*sys.argv[1:2])
