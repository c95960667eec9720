"""Three checks as they are written without a grader: in the student's process, with a real file, and nothing watched.

The benchmark runs them with pytest and in a notebook. They are no tests of ours: pytest does not collect this file
by itself.
"""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product  # type: ignore[import-not-found]  # the submission's: pytest.ini names its folder
from transaction_script import add_products  # type: ignore[import-not-found]  # as above


def shop(folder: Path) -> Engine:
    """Return an engine on a new database."""
    engine = create_engine(f"sqlite:///{folder}/shop.db")
    Base.metadata.create_all(engine)
    return engine


def stored(engine: Engine) -> list[tuple[str, Decimal]]:
    """Return what is stored."""
    with Session(engine) as session:
        return [(product.name, product.price) for product in session.scalars(select(Product))]


def test_model(tmp_path: Path) -> None:
    """A product is stored with its price to the cent."""
    engine = shop(tmp_path)
    with Session(engine) as session, session.begin():
        session.add(Product(name="Pen", price=Decimal("19.99")))
    assert stored(engine) == [("Pen", Decimal("19.99"))]


def test_commit(tmp_path: Path) -> None:
    """Two products are stored, and their ids come back."""
    engine = shop(tmp_path)
    products = [{"name": "Pen", "price": Decimal("1.20")}, {"name": "Ink", "price": Decimal("3.40")}]
    assert add_products(engine, products) == [1, 2]
    assert len(stored(engine)) == 2


def test_rollback(tmp_path: Path) -> None:
    """When the second insert fails, the first is not kept."""
    engine = shop(tmp_path)
    products = [{"name": "Pen", "price": Decimal("1.20")}, {"name": None, "price": Decimal("3.40")}]
    with pytest.raises(IntegrityError):
        add_products(engine, products)
    assert stored(engine) == []
