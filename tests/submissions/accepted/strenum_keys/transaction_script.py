from __future__ import annotations

import sys
from decimal import Decimal
from enum import StrEnum, auto
from typing import Final, NewType, NotRequired, Protocol, TypedDict, cast

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from models import Base, Product, Shelf

DEFAULT_URL: Final = "sqlite:///products.db"
ProductId = NewType("ProductId", int)


class Moment(StrEnum):
    LOADED = auto()
    STALE = auto()
    AFTER_EXPIRE_ALL = auto()
    AFTER_REFRESH = auto()


class NewProduct(TypedDict):
    name: str
    price: Decimal
    id: NotRequired[int]


class ChangeElsewhere(Protocol):
    def __call__(self) -> None: ...


def _flushed(session: Session, products: list[NewProduct]) -> list[ProductId]:
    rows = [Product(**product) for product in products]
    session.add_all(rows)
    session.flush()
    return [ProductId(row.id) for row in rows]


def add_products(engine: Engine, products: list[NewProduct]) -> list[ProductId]:
    with sessionmaker(engine).begin() as session:
        return _flushed(session, products)


def preview_ids(engine: Engine, products: list[NewProduct]) -> list[ProductId]:
    with sessionmaker(engine)() as session:
        try:
            return _flushed(session, products)
        finally:
            session.rollback()


def show_reloading(engine: Engine, product_id: int, change_elsewhere: ChangeElsewhere) -> dict[Moment, Decimal]:
    shown: dict[Moment, Decimal] = {}
    with sessionmaker(engine)() as session:
        product = cast(Product, session.get(Product, product_id))
        shown[Moment.LOADED] = product.price
        change_elsewhere()
        shown[Moment.STALE] = product.price
        session.expire_all()
        shown[Moment.AFTER_EXPIRE_ALL] = product.price
        change_elsewhere()
        session.refresh(product)
        shown[Moment.AFTER_REFRESH] = product.price
    return shown


def main(database_url: str = DEFAULT_URL) -> None:
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    first: list[NewProduct] = [
        {"name": "Encyclopedia", "price": Decimal("120.00")},
        {"name": "Bookmark", "price": Decimal("0.95")},
    ]
    ids = add_products(engine, first)
    second: list[NewProduct] = [
        {"name": "Bookend", "price": Decimal("15.15")},
        {"name": "Bookcase", "price": Decimal("215.00"), "id": ids[0]},
    ]
    try:
        add_products(engine, second)
    except IntegrityError:
        print(f"id {ids[0]} is taken")

    def move_up() -> None:
        with sessionmaker(engine).begin() as session:
            book = session.get_one(Product, ids[0])
            book.shelf, book.price = Shelf.UPPER, book.price + 1

    for moment, price in show_reloading(engine, ids[0], move_up).items():
        print(moment.value, price)


if __name__ == "__main__":
    main(*sys.argv[1:2])
