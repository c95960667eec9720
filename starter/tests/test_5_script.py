"""Task 5 and the first half of task 6: the script, run once and run again."""

from __future__ import annotations

import pytest

from .expect import expect
from .sessions import watched_sessions
from .shop import Shop


def test_one_run_stores_two_products(shop: Shop) -> None:
    """A run of main stores two products, and nothing of the pair that fails."""
    shop.script.main(shop.url)
    expect("One run of the script should leave two products.", expected=2, seen=len(shop.stored()))


def test_one_run_shows_reloading(shop: Shop) -> None:
    """A run of main shows reloading on one of its products."""
    with watched_sessions() as sessions:
        shop.script.main(shop.url)
    shown = {"expire_all", "refresh"} <= sessions.called
    expect("One run of the script should show reloading (step 4). Did it?", expected=True, seen=shown)


@pytest.mark.timeout(90)
def test_a_second_run_adds_two_and_leaves_the_first_alone(shop: Shop) -> None:
    """The program ends well both times, and the second run adds to what the first stored."""
    shop.script.main(shop.url)
    first = shop.stored()
    shop.run_script()
    expect(
        "A second run, `python transaction_script.py` in the folder of that database, should leave four products.",
        expected=4,
        seen=len(shop.stored()),
    )
    expect("A second run should leave the first two products as they were.", expected=first, seen=shop.stored()[:2])
