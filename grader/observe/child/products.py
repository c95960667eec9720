"""Products through the student's model: as its functions get them, stored, and read back."""

from __future__ import annotations

import traceback
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy.orm import Session

from .request import Product

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


def as_dict(product: Product) -> dict[str, Any]:
    """Return a product as the student's functions get it."""
    given: dict[str, Any] = {} if product.id is None else {"id": product.id}
    return given | {"name": product.name, "price": None if product.price is None else Decimal(product.price)}


def store_all(
    engine: sqlalchemy.Engine,
    model: Any,  # noqa: ANN401  # the student's class
    products: Sequence[Product],
    done: dict[str, Any],
) -> BaseException | None:
    """Store each product in a transaction of its own; return the first failure.

    One that cannot be stored without an id is tried with one, so that the rest of the model can still be judged.
    ``done`` is told under which id each was stored, None if under none, and whether that was as asked.
    """
    first: BaseException | None = None
    for number, product in enumerate(products, 1001):
        identifier: int | None = None
        as_given = True
        try:
            identifier = _store(engine, model, product)
        except BaseException as error:  # noqa: BLE001  # whatever the student's class raises
            traceback.print_exc()
            first, as_given = first or error, False
            if product.id is None:
                identifier = _store_with_id(engine, model, product, number)
        done["stored"].append(identifier)
        done["as_given"].append(as_given)
    return first


def _store_with_id(engine: sqlalchemy.Engine, model: Any, product: Product, identifier: int) -> int | None:  # noqa: ANN401  # as above
    try:
        return _store(engine, model, Product(product.name, product.price, identifier))
    except BaseException:  # noqa: BLE001  # the first failure has been told
        return None


def _store(engine: sqlalchemy.Engine, model: Any, product: Product) -> int:  # noqa: ANN401  # as above
    with Session(engine) as session, session.begin():
        stored = model(**as_dict(product))
        session.add(stored)
        session.flush()
        identifier: int = stored.id
    return identifier


def read_or_none(url: str, models: ModuleType) -> list[dict[str, Any]] | None:
    """Return every product of a database, None where the student's model cannot read it."""
    try:
        return read(sqlalchemy.create_engine(url), models.Product)
    except BaseException:  # noqa: BLE001  # whatever the student's class raises: then it cannot be read
        traceback.print_exc()
        return None


def read(engine: sqlalchemy.Engine, model: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # as above
    """Return every product as the model reads it."""
    with Session(engine) as session:
        products = session.scalars(sqlalchemy.select(model))
        return [{"id": p.id, "name": p.name, "price": p.price} for p in products]
