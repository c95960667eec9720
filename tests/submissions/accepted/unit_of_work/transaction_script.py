"""Entry points of the exercise over a unit of work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, create_engine

from models import Base
from unit_of_work import UnitOfWork


def add_products(engine: Engine, products: Sequence[Mapping[str, Any]]) -> list[int]:
    with UnitOfWork(engine) as work:
        ids = work.products.add(products)
        work.commit()
        return ids


def preview_ids(engine: Engine, products: Sequence[Mapping[str, Any]]) -> list[int]:
    with UnitOfWork(engine) as work:
        return work.products.add(products)


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], None]) -> dict[str, Decimal]:
    with UnitOfWork(engine) as work:
        product = work.products.get(product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        work.forget_everything()
        after_expire_all = product.price
        change_elsewhere()
        work.reload(product)
        after_refresh = product.price
    return {
        "loaded": loaded,
        "stale": stale,
        "after_expire_all": after_expire_all,
        "after_refresh": after_refresh,
    }


def main(database_url: str = "sqlite:///products.db") -> None:
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(
        engine,
        [{"name": "Camera", "price": Decimal("420.00")}, {"name": "Tripod", "price": Decimal("55.55")}],
    )
    print("added", ids)
    try:
        add_products(
            engine,
            [{"name": "Lens", "price": Decimal("230.00")}, {"id": ids[0], "name": "Flash", "price": Decimal("99.00")}],
        )
    except Exception as error:
        print("kept nothing of", repr(error)[:70])
    prices = iter([Decimal("410.00"), Decimal("399.00")])

    def change_elsewhere() -> None:
        with UnitOfWork(engine) as work:
            work.products.get(ids[0]).price = next(prices)
            work.commit()

    print(show_reloading(engine, ids[0], change_elsewhere))


if __name__ == "__main__":
    main(*sys.argv[1:2])
