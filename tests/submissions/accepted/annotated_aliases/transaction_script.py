"""Products, in one transaction or not at all.

>>> python transaction_script.py sqlite:///shop.db
"""

from __future__ import annotations

import sys
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Engine


def _pending(session: Session, products: Iterable[dict[str, Any]]) -> list[Product]:
    rows = [Product(**product) for product in products]
    session.add_all(rows)
    return rows


def add_products(engine: Engine, products: Sequence[dict[str, Any]]) -> list[int]:
    session = Session(engine, autobegin=False)
    with session, session.begin():
        rows = _pending(session, products)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine: Engine, products: Sequence[dict[str, Any]]) -> list[int]:
    with Session(engine, autobegin=False) as session:
        transaction = session.begin()
        rows = _pending(session, products)
        session.flush()
        ids = [row.id for row in rows]
        transaction.rollback()
    return ids


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], object]) -> dict[str, Decimal]:
    with Session(engine) as session:
        product: Product = session.get_one(Product, product_id)
        prices = {"loaded": product.price}
        change_elsewhere()
        prices["stale"] = product.price
        session.expire_all()
        prices["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        return prices | {"after_refresh": product.price}


def main(database_url: str = "sqlite:///products.db") -> None:
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(
        engine,
        [{"name": "Oolong", "price": Decimal("11.80")}, {"name": "Sencha", "price": Decimal("9.40")}],
    )
    print("Stored:", *ids)

    with suppress(IntegrityError):
        add_products(
            engine,
            [{"name": "Assam", "price": Decimal("7.70")}, {"id": ids[0], "name": "Darjeeling", "price": Decimal("12.00")}],
        )
        print("This line is never reached.")

    def inflation() -> None:
        with Session(engine) as session, session.begin():
            session.execute(update(Product).where(Product.id == ids[1]).values(price=Product.price + Decimal("0.30")))

    print(show_reloading(engine, ids[1], inflation))
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
