from __future__ import annotations

import dataclasses
import sys
from decimal import Decimal
from typing import Any, Callable

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dto import ProductDTO, ReloadReport
from models import Base
from repository import ProductRepository, SqlProductRepository


def add_products(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    items = [ProductDTO.from_mapping(product) for product in products]
    with Session(engine) as session, session.begin():
        repository: ProductRepository = SqlProductRepository(session)
        return [row.id for row in repository.add_many(items)]


def preview_ids(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    items = map(ProductDTO.from_mapping, products)
    with Session(engine) as session:
        ids = [row.id for row in SqlProductRepository(session).add_many(items)]
        session.rollback()
    return ids


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], None]) -> dict[str, Decimal]:
    report = ReloadReport()
    with Session(engine) as session:
        product = SqlProductRepository(session).by_id(product_id)
        report.loaded = product.price
        change_elsewhere()
        report.stale = product.price
        session.expire_all()
        report.after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        report.after_refresh = product.price
    return dataclasses.asdict(report)


def main(database_url: str = "sqlite:///products.db") -> None:
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    lamp, bulb = add_products(
        engine,
        [{"name": "Desk lamp", "price": Decimal("34.95")}, {"name": "Bulb", "price": Decimal("4.15")}],
    )
    print(f"lamp = {lamp}, bulb = {bulb}")

    try:
        add_products(
            engine,
            [{"name": "Socket", "price": Decimal("2.60")}, {"name": "Switch", "price": Decimal("3.10"), "id": bulb}],
        )
    except IntegrityError:
        print("switch: id is taken, nothing stored")

    def discount() -> None:
        with Session(engine) as session, session.begin():
            SqlProductRepository(session).by_id(lamp).price -= Decimal("0.55")

    for field, price in show_reloading(engine, lamp, discount).items():
        print(f"{field:<20}{price:>10}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
