"""Homework 10 (Deniz)."""

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


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    add_products(engine, [
        {"name": "Lunch box", "price": Decimal("9.95")},
        {"name": "Orange", "price": Decimal("0.55")},
    ])
    with Session(engine) as session:
        newest = session.scalar(select(func.max(Product.id)))
    print("two products added, the newest has id", newest)

    try:
        add_products(engine, [
            {"name": "Raspberry jam", "price": Decimal("4.15")},
            {"id": newest, "name": "USB cable", "price": Decimal("5.99")},
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
