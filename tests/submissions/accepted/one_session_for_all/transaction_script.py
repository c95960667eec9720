import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product

session = Session()


def add_products(engine, products):
    session.bind = engine
    try:
        with session.begin():
            rows = [Product(**p) for p in products]
            session.add_all(rows)
            session.flush()
            return [row.id for row in rows]
    finally:
        session.close()


def preview_ids(engine, products):
    session.bind = engine
    try:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]
    finally:
        session.rollback()
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    session.bind = engine
    try:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
    finally:
        session.close()
    return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Socks", "price": Decimal("5.99")}, {"name": "Shirt", "price": Decimal("24.00")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Jacket", "price": Decimal("110.00")}, {"id": ids[0], "name": "Tie", "price": Decimal("20.00")}])
    except Exception as error:
        print("rolled back:", error.__class__.__name__)
    sale = iter([Decimal("4.99"), Decimal("3.99")])

    def change():
        with Session(engine) as second:
            second.get(Product, ids[0]).price = next(sale)
            second.commit()

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
