"""Sessions and transactions.

Author: Emre
"""

import sys
from decimal import Decimal

from sqlalchemy import create_engine, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from models import Base, Product


def add_products(engine, products):
    """Insert all products in one transaction and return their ids."""
    with sessionmaker(engine).begin() as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    return ids


def preview_ids(engine, products):
    """Return the ids that the products would get."""
    return add_products(engine, products)


def show_reloading(engine, product_id, change_elsewhere):
    """Show the price at four moments."""
    with sessionmaker(engine)() as session:
        product = session.get(Product, product_id)
        prices = {"loaded": product.price}
        change_elsewhere()
        prices["stale"] = product.price
        session.expire_all()
        prices["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        prices["after_refresh"] = product.price
    return prices


def main(database_url="sqlite:///products.db"):
    """Run the exercise once."""
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    add_products(engine, [dict(name="Ice cream", price=Decimal("3.60")), dict(name="Lunch box", price=Decimal("9.95"))])
    with sessionmaker(engine)() as session:
        last = session.scalar(select(func.max(Product.id)))
    print(f"Added two products, the last one is number {last}.")
    try:
        add_products(engine, [dict(name="Orange", price=Decimal("0.55")), dict(id=last, name="Raspberry jam", price=Decimal("4.15"))])
    except SQLAlchemyError as error:
        print(f"Rolled back: {error}")

    def change():
        with sessionmaker(engine).begin() as session:
            session.execute(update(Product).where(Product.id == last).values(price=Product.price + Decimal("0.25")))

    for moment, price in show_reloading(engine, last, change).items():
        print(f"{moment}: {price}")


if __name__ == "__main__":
    main(*sys.argv[1:])
