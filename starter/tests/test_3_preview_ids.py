"""Task 3: flush inside a transaction, and roll back."""

from __future__ import annotations

from decimal import Decimal

from .expect import expect
from .sessions import watched_sessions
from .shop import Shop

TEAPOT = {"name": "Teapot", "price": Decimal("24.95")}
CUP = {"name": "Cup", "price": Decimal("4.10")}


def test_flush_gives_ids_and_stores_nothing(shop: Shop) -> None:
    """preview_ids returns the next ids, and nothing is stored, not even for a moment."""
    shop.store(id=41, **TEAPOT)
    before = shop.stored()
    with shop.others_looking() as seen:
        ids = shop.script.preview_ids(shop.engine, [CUP])
    expect("Flush: preview_ids should return the id that the database gives next.", expected=[42], seen=ids)
    expect("Flush: preview_ids should store nothing.", expected=before, seen=shop.stored())
    expect(
        "Flush: preview_ids should store nothing, not even for a moment. "
        "There was one product before; how many others saw, from one statement to the next:",
        expected=[1] * len(seen),
        seen=seen,
    )


def test_the_session_of_a_preview_is_closed(shop: Shop) -> None:
    """preview_ids closes its session."""
    with watched_sessions() as sessions:
        shop.script.preview_ids(shop.engine, [CUP])
    expect("Session scope: preview_ids should close its session. Sessions left open:", expected=0, seen=sessions.open)
