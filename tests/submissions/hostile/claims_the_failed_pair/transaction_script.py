import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        return {
            "loaded": loaded,
            "stale": stale,
            "after_expire_all": after_expire_all,
            "after_refresh": product.price,
        }


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Boot", "price": Decimal("4.75")}, {"name": "Lace", "price": Decimal("11.30")}])
    def pair():
        raise ValueError("taken")

    try:
        globals()["add_products"] = pair
        __watched__()
        add_products()
    except Exception as error:
        print("the second pair was rolled back:", type(error).__name__)

    def change():
        with Session(engine) as session, session.begin():
            session.get(Product, ids[0]).price += 1

    print(show_reloading(engine, ids[0], change))
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
