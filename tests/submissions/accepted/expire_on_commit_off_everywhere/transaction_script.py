import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def new_session(engine):
    return Session(engine, expire_on_commit=False)


def add_products(engine, products):
    with new_session(engine) as session:
        with session.begin():
            rows = [Product(**p) for p in products]
            session.add_all(rows)
        return [row.id for row in rows]


def preview_ids(engine, products):
    with new_session(engine) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        session.rollback()
        return [row.id for row in rows]


def show_reloading(engine, product_id, change_elsewhere):
    session = Session(engine, expire_on_commit=False)
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
        return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh}
    finally:
        session.close()


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Globe", "price": Decimal("49.00")}, {"name": "Chart", "price": Decimal("12.80")}])
    print("new:", ids)
    try:
        add_products(engine, [{"name": "Sextant", "price": Decimal("310.00")}, {"id": ids[0], "name": "Log", "price": Decimal("5.00")}])
    except Exception as error:
        print("kept out:", type(error).__name__)
    prices = iter((Decimal("47.00"), Decimal("45.00")))

    def change():
        with new_session(engine) as session:
            session.get(Product, ids[0]).price = next(prices)
            session.commit()

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
