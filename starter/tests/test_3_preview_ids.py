"""Task 3: flush inside a transaction, and roll back."""

from __future__ import annotations

from decimal import Decimal

from expect import expect
from shop import Shop


def test_flush_gives_ids_and_stores_nothing(shop: Shop) -> None:
    """preview_ids returns the next ids, and nothing is stored."""
    shop.store(id=41, name="Teapot", price=Decimal("24.95"))
    before = shop.stored()
    ids = shop.script.preview_ids(shop.engine, [{"name": "Cup", "price": Decimal("4.10")}])
    expect("Flush: preview_ids should return the id that the database gives next.", expected=[42], seen=ids)
    expect("Flush: preview_ids should store nothing.", expected=before, seen=shop.stored())
