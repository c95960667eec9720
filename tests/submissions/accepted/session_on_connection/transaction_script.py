"""The transaction belongs to the connection; the session only joins it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, create_engine, update
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    with engine.begin() as connection, Session(bind=connection) as session:
        new = [Product(**values) for values in products]
        session.add_all(new)
        session.flush()
        ids = [product.id for product in new]
        session.commit()
        return ids


def preview_ids(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(bind=connection) as session:
            new = [Product(**values) for values in products]
            session.add_all(new)
            session.flush()
            ids = [product.id for product in new]
        outer.rollback()
        return ids


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], None]) -> dict[str, Decimal]:
    with engine.connect() as connection, Session(bind=connection) as session:
        product = session.get_one(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        expired = product.price
        change_elsewhere()
        session.refresh(product)
        return {"loaded": loaded, "stale": stale, "after_expire_all": expired, "after_refresh": product.price}


def main(database_url: str = "sqlite:///products.db") -> None:
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(
        engine, [{"name": "Chair", "price": Decimal("79.00")}, {"name": "Table", "price": Decimal("240.00")}]
    )
    print("ids:", ids)
    taken = {"id": ids[1], "name": "Shelf", "price": Decimal("35.00")}
    try:
        add_products(engine, [{"name": "Sofa", "price": Decimal("499.00")}, taken])
    except Exception as error:  # noqa: BLE001
        print("refused:", error)

    def sale() -> None:
        with engine.begin() as connection:
            connection.execute(update(Product).where(Product.id == ids[1]).values(price=Product.price - 20))

    print(show_reloading(engine, ids[1], sale))


if __name__ == "__main__":
    main(*sys.argv[1:2])
