"""Session management and transactions: the practice exercise.

The module has three functions that each show one idea of the chapter, and a
program that puts them together:

``add_products``
    inserts several products in one transaction. Either all of them are
    stored, or none.

``preview_ids``
    flushes without a commit, so the database gives ids and forgets them.

``show_reloading``
    compares what an object shows before and after the session reloads it.

Run it as a program::

    python transaction_script.py
    python transaction_script.py sqlite:///another.db
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Final, NotRequired, TypedDict

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import Base, Product

DEFAULT_DATABASE_URL: Final = "sqlite:///products.db"


class ProductValues(TypedDict):
    """What is needed to build a product."""

    id: NotRequired[int]
    name: str
    price: Decimal


class Prices(TypedDict):
    """The price of one object at four moments."""

    loaded: Decimal
    stale: Decimal
    after_expire_all: Decimal
    after_refresh: Decimal


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session whose work is committed at the end of the block.

    If the block or the commit fails, everything is rolled back and the
    exception goes on. The session is closed in any case.
    """
    with Session(engine) as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def looking(engine: Engine) -> Iterator[Session]:
    """Give a session whose work is never committed."""
    with Session(engine) as session:
        try:
            yield session
        finally:
            session.rollback()


def _flush_all(session: Session, products: Sequence[ProductValues]) -> list[int]:
    """Send the products to the database and return the ids they were given."""
    new_products = [Product(**values) for values in products]
    session.add_all(new_products)
    session.flush()
    return [product.id for product in new_products]


def add_products(engine: Engine, products: Sequence[ProductValues]) -> list[int]:
    """Insert all products in one transaction.

    :param engine: where to insert them
    :param products: the values of each product
    :return: the ids, in the order of ``products``
    :raise SQLAlchemyError: if one of them cannot be stored; then none is
    """
    with writing(engine) as session:
        ids = _flush_all(session, products)
    return ids


def preview_ids(engine: Engine, products: Sequence[ProductValues]) -> list[int]:
    """Return the ids that the products would get now, and store nothing."""
    with looking(engine) as session:
        return _flush_all(session, products)


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], None]) -> Prices:
    """Show when a session sees a change that somebody else has made.

    :param engine: where the product is
    :param product_id: the product to look at
    :param change_elsewhere: changes its price through another connection
    """
    with looking(engine) as session:
        product = session.get_one(Product, product_id)
        loaded = product.price

        change_elsewhere()
        stale = product.price

        session.expire_all()
        after_expire_all = product.price

        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price

    return Prices(
        loaded=loaded,
        stale=stale,
        after_expire_all=after_expire_all,
        after_refresh=after_refresh,
    )


def count_products(engine: Engine) -> int:
    """Return how many products are stored."""
    with looking(engine) as session:
        return session.scalar(select(func.count()).select_from(Product)) or 0


def add_two(engine: Engine) -> list[int]:
    """Add two products and return their ids."""
    ids = add_products(
        engine,
        [
            ProductValues(name="Fountain pen", price=Decimal("34.90")),
            ProductValues(name="Blotting paper", price=Decimal("3.15")),
        ],
    )
    print(f"Two products were added, with the ids {ids[0]} and {ids[1]}.")
    return ids


def fail_to_add_two(engine: Engine, taken: int) -> None:
    """Try to add a pair whose second product has an id that is taken."""
    pair = [
        ProductValues(name="Sealing wax", price=Decimal("6.40")),
        ProductValues(name="Signet", price=Decimal("48.00"), id=taken),
    ]
    try:
        add_products(engine, pair)
    except SQLAlchemyError as error:
        print(f"The second pair was refused ({type(error).__name__}); nothing of it was stored.")
    else:
        print("The second pair was stored, which should not have happened!")


def price_changer(engine: Engine, product_id: int) -> Callable[[], None]:
    """Return a function that raises a price by ten cents, through a session of its own."""

    def change() -> None:
        with writing(engine) as session:
            session.get_one(Product, product_id).price += Decimal("0.10")

    return change


def main(database_url: str = DEFAULT_DATABASE_URL) -> None:
    """Run the whole exercise once."""
    engine = create_engine(database_url)
    try:
        Base.metadata.create_all(engine)
        print(f"There are {count_products(engine)} products at the start.")
        ids = add_two(engine)
        fail_to_add_two(engine, taken=ids[0])
        for moment, price in show_reloading(engine, ids[0], price_changer(engine, ids[0])).items():
            print(f"{moment:>17}: {price}")
        print(f"There are {count_products(engine)} products at the end.")
    finally:
        engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:2])
