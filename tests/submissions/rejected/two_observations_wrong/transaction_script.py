"""Homework 10 (Farida)."""

import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        new = [Product(**values) for values in products]
        session.add_all(new)
        session.flush()
        return [product.id for product in new]


def preview_ids(engine, products):
    with Session(engine) as session:
        new = [Product(**values) for values in products]
        session.add_all(new)
        session.flush()
        ids = [product.id for product in new]
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
        after_refresh = product.price
    return {
        "loaded": loaded,
        "stale": stale,
        "after_expire_all": after_expire_all,
        "after_refresh": after_refresh,
    }


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    add_products(engine, [
        {"name": "Jacket", "price": Decimal("89.90")},
        {"name": "Mirror", "price": Decimal("31.60")},
    ])
    with Session(engine) as session:
        newest = session.scalar(select(func.max(Product.id)))
    print("two products added, the newest has id", newest)

    try:
        add_products(engine, [
            {"name": "Backpack", "price": Decimal("49.90")},
            {"id": newest, "name": "Earphones", "price": Decimal("34.99")},
        ])
    except Exception as error:
        print("the second pair was not stored:", type(error).__name__)

    prices = iter([Decimal("5.55"), Decimal("6.66")])

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, newest).price = next(prices)

    print(show_reloading(engine, newest, change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
