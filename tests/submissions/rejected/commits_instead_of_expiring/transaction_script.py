"""Practice exercise of chapter 10.

Simon, group 2
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from models import Base, Product


@contextmanager
def session_scope(engine: Engine) -> Iterator[Session]:
    session = Session(engine)
    try:
        yield session
    finally:
        session.rollback()  # what was not committed is given up
        session.close()


def add_products(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    with session_scope(engine) as session:
        created = [Product(**product) for product in products]
        session.add_all(created)
        session.flush()
        ids = [product.id for product in created]
        session.commit()
        return ids


def preview_ids(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    with session_scope(engine) as session:
        created = [Product(**product) for product in products]
        session.add_all(created)
        session.flush()
        return [product.id for product in created]


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], None]) -> dict[str, Decimal]:
    with session_scope(engine) as session:
        product = session.get_one(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.commit()  # expires everything
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


def newest_id(engine: Engine) -> int:
    with session_scope(engine) as session:
        return session.scalar(select(func.max(Product.id))) or 0


def main(database_url: str = "sqlite:///products.db") -> None:
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    add_products(engine, [{"name": "Alarm clock", "price": Decimal("16.60")}, {"name": "Duvet", "price": Decimal("75.00")}])
    taken = newest_id(engine)
    print("newest id:", taken)
    try:
        add_products(engine, [{"name": "Garden hose", "price": Decimal("21.35")}, {"id": taken, "name": "Jacket", "price": Decimal("89.90")}])
    except Exception as error:
        print("rolled back:", type(error).__name__)

    def change() -> None:
        with session_scope(engine) as other:
            other.get_one(Product, taken).price += Decimal("0.30")
            other.commit()

    print(show_reloading(engine, taken, change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
