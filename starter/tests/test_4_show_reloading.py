"""Task 4: expire and refresh."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .expect import expect, failed
from .sessions import watched_sessions
from .shop import Shop, cents

MOMENTS = ("loaded", "stale", "after_expire_all", "after_refresh")


def reload(shop: Shop) -> Any:  # noqa: ANN401 - whatever your function returns
    """Call show_reloading on a teapot that costs 24.95, then 26.45, then 23.05."""
    shop.store(id=1, name="Teapot", price=Decimal("24.95"))
    new_prices = iter([Decimal("26.45"), Decimal("23.05")])
    return shop.script.show_reloading(shop.engine, 1, lambda: shop.change_price(1, next(new_prices)))


def test_one_object_shows_four_prices(shop: Shop) -> None:
    """The object keeps its price until expire_all() or refresh() makes the session read again."""
    prices = reload(shop)
    if not isinstance(prices, dict) or not prices.keys() >= set(MOMENTS):
        raise failed(f"Reloading: a dict with the keys {', '.join(MOMENTS)} should come back.\n  seen:     {prices!r}")
    expect(
        "Reloading: the price was 24.95, then 26.45 after the first change elsewhere, then 23.05 after the second.",
        expected={"loaded": "24.95", "stale": "24.95", "after_expire_all": "26.45", "after_refresh": "23.05"},
        seen={moment: str(cents(prices[moment])) for moment in MOMENTS},
    )


def test_the_session_is_told_to_reload(shop: Shop) -> None:
    """expire_all() and refresh() bring the new prices: no other way of reading again."""
    with watched_sessions() as sessions:
        reload(shop)
    for method in ("expire_all", "refresh"):
        expect(f"Reloading: was {method}() of the session called?", expected=True, seen=method in sessions.called)


def test_show_reloading_only_looks(shop: Shop) -> None:
    """show_reloading leaves the row as it was changed elsewhere, and closes its session."""
    with watched_sessions() as sessions:
        reload(shop)
    expect(
        "Reloading: show_reloading should write nothing; the row is as it was changed elsewhere.",
        expected=[(1, "Teapot", Decimal("23.05"))],
        seen=shop.stored(),
    )
    expect(
        "Session scope: show_reloading should close its session. Sessions left open:", expected=0, seen=sessions.open
    )


def test_session_is_closed_when_the_change_fails(shop: Shop) -> None:
    """An error in change_elsewhere reaches the caller, and the session is closed by then."""
    shop.store(id=1, name="Teapot", price=Decimal("24.95"))
    with watched_sessions() as sessions:
        try:
            shop.script.show_reloading(shop.engine, 1, give_up)
        except InterruptedError:
            lent = shop.connections_lent()
        else:
            raise failed("Session scope: when change_elsewhere raises, show_reloading should let the exception go on.")
    expect(
        "Session scope: when change_elsewhere raises, the session should be closed. Sessions left open:",
        expected=0,
        seen=sessions.open or lent,
    )


def give_up() -> None:
    """Raise, as a program that cannot reach the database would."""
    raise InterruptedError("nothing was changed")
