"""Task 1: the model."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from .expect import expect, failed
from .shop import Shop


def test_a_product_comes_back_as_it_went_in(shop: Shop) -> None:
    """A stored product is read back with an id, its name and its price to the cent."""
    shop.store(name="Teapot", price=Decimal("24.95"))
    expect(
        "Model: a product that was stored should come back with its id, its name and its price to the cent.",
        expected=[(1, "Teapot", Decimal("24.95"))],
        seen=shop.stored(),
    )


@pytest.mark.parametrize("missing", ["name", "price"])
def test_the_database_refuses_a_gap(shop: Shop, missing: str) -> None:
    """A product without a name or without a price is refused by the database."""
    try:
        shop.store(**{"name": "Teapot", "price": Decimal("24.95"), missing: None})
    except IntegrityError:
        return
    raise failed(f"Model: the database should refuse a product whose {missing} is None; it was stored.")
