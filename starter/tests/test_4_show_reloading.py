"""Task 4: expire and refresh."""

from __future__ import annotations

from decimal import Decimal

from expect import expect, failed
from shop import Shop, cents


def test_one_object_shows_four_prices(shop: Shop) -> None:
    """The object keeps its price until expire_all() or refresh() makes the session read again."""
    shop.store(id=1, name="Teapot", price=Decimal("24.95"))
    new_prices = iter([Decimal("26.45"), Decimal("23.05")])
    prices = shop.script.show_reloading(shop.engine, 1, lambda: shop.change_price(1, next(new_prices)))
    expect(
        "Reloading: the price was 24.95, then 26.45 after the first change elsewhere, then 23.05 after the second.",
        expected={
            "loaded": Decimal("24.95"),
            "stale": Decimal("24.95"),
            "after_expire_all": Decimal("26.45"),
            "after_refresh": Decimal("23.05"),
        },
        seen={moment: cents(price) for moment, price in prices.items()} if isinstance(prices, dict) else prices,
    )


def test_session_is_closed_when_the_change_fails(shop: Shop) -> None:
    """An error in change_elsewhere reaches the caller, and the session's connection is back in the pool by then."""
    shop.store(id=1, name="Teapot", price=Decimal("24.95"))
    try:
        shop.script.show_reloading(shop.engine, 1, give_up)
    except InterruptedError:
        lent = shop.connections_lent()
    else:
        raise failed("Session scope: when change_elsewhere raises, show_reloading should let the exception go on.")
    expect(
        "Session scope: when change_elsewhere raises, the session should be closed. Connections not given back:",
        expected=0,
        seen=lent,
    )


def give_up() -> None:
    """Raise, as a program that cannot reach the database would."""
    raise InterruptedError("nothing was changed")
