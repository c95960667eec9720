from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any, Callable

from sqlalchemy import Engine, create_engine, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from models import Base, Product


def add_products(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    """Add all products, or none."""
    with sessionmaker(engine).begin() as session:
        entities = [Product(**product) for product in products]
        session.add_all(entities)
        session.flush()
        return [entity.id for entity in entities]


def preview_ids(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    """Ask the database for the next ids."""
    with Session(engine) as session:
        entities = [Product(**product) for product in products]
        session.add_all(entities)
        session.flush()
        ids = [entity.id for entity in entities]
        session.rollback()
    return ids


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], None]) -> dict[str, Decimal]:
    """Watch one object while its row is changed."""
    with Session(engine) as session:
        product = session.scalars(select(Product).where(Product.id == product_id)).one()
        prices = {"loaded": product.price}
        change_elsewhere()
        prices["stale"] = product.price
        session.expire_all()
        prices["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        prices["after_refresh"] = product.price
        return prices


def main(database_url: str = "sqlite:///products.db") -> None:
    """Run the exercise."""
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    first, second = add_products(
        engine,
        [{"name": "Cello", "price": Decimal("880.00")}, {"name": "Stand", "price": Decimal("23.70")}],
    )
    print(f"Stored under {first} and {second}.")

    try:
        add_products(
            engine,
            [{"name": "Mute", "price": Decimal("7.35")}, {"name": "Strings", "price": Decimal("38.15"), "id": second}],
        )
    except SQLAlchemyError as error:
        print(f"Nothing stored: {error}")

    def reprice() -> None:
        with Session(engine) as session, session.begin():
            session.execute(update(Product).where(Product.id == first).values(price=Product.price + 1))

    for moment, price in show_reloading(engine, first, reprice).items():
        print(f"{moment:>18}: {price}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
