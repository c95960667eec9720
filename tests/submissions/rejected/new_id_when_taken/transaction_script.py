"""Store products in one transaction, and watch a session reload them.

Usage: python transaction_script.py [DATABASE_URL]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    """Store all products in one transaction, or none of them; return their ids in order."""
    # Two promises in one line. `session.begin()` commits when the block ends well and rolls back when anything in it
    # fails, the COMMIT itself included; `Session(engine)` closes the session on every path. Without `begin()`, a COMMIT
    # that the database refuses would leave the transaction open on a connection that the pool lends out again.
    # Nothing is caught: the caller must learn of a failure, and knows better what to do about it.
    try:
        return _add(engine, products)
    except IntegrityError:
        # some id is taken: let the database number them all
        return _add(engine, [{"name": p["name"], "price": p["price"]} for p in products])


def _add(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        # The flush sends the INSERTs, so that the ids are known. Nobody else can see the rows yet.
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    """Return the ids that the database would give now, without storing anything."""
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        # Closing the session would do the same; said aloud, it tells the reader that it is the point.
        session.rollback()
    return ids


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], object]) -> dict[str, Decimal]:
    """Return the price that one object shows before and after each way of reloading it."""
    with Session(engine) as session:
        product = session.get_one(Product, product_id)
        loaded = product.price

        change_elsewhere()
        # The row has changed, the object has not: a session does not ask again for what it already knows.
        stale = product.price

        # Nothing is read here. Everything is only marked as out of date, and the next access reads.
        session.expire_all()
        after_expire_all = product.price

        change_elsewhere()
        # This one reads at once, and only this object.
        session.refresh(product)
        return {
            "loaded": loaded,
            "stale": stale,
            "after_expire_all": after_expire_all,
            "after_refresh": product.price,
        }


def raise_price(engine: Engine, product_id: int) -> None:
    """Add one to a price in a session of its own, as another program would."""
    with Session(engine) as session, session.begin():
        session.get_one(Product, product_id).price += 1


def count_products(engine: Engine) -> int:
    """Return how many products are stored."""
    with Session(engine) as session:
        return session.scalars(select(func.count()).select_from(Product)).one()


def main(database_url: str = "sqlite:///products.db") -> None:
    """Run the whole exercise once: add a pair, fail to add a pair, show reloading."""
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    print(f"Products at the start: {count_products(engine)}")

    ids = add_products(
        engine,
        [{"name": "Notebook", "price": Decimal("3.50")}, {"name": "Fountain pen", "price": Decimal("19.99")}],
    )
    print(f"Added the products {ids}: {count_products(engine)} now")

    taken = ids[0]
    try:
        add_products(
            engine,
            [{"name": "Eraser", "price": Decimal("0.80")}, {"id": taken, "name": "Ruler", "price": Decimal("1.20")}],
        )
    except IntegrityError as error:
        # Only the failure that was asked for: any other one should be heard.
        print(f"The pair with the taken id {taken} was rolled back: {error.orig}")
    print(f"Products after the failed pair: {count_products(engine)}")

    # Only a product of this run is changed: what earlier runs stored is left as it is.
    prices = show_reloading(engine, taken, lambda: raise_price(engine, taken))
    for moment, price in prices.items():
        print(f"{moment:>16}: {price}")

    # The pool still holds a connection; a program that ends with its engine gives that back, too.
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:2])
