"""Task 2: all products in one transaction, or none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .expect import expect, failed
from .sessions import watched_sessions
from .shop import Shop

TEAPOT = {"name": "Teapot", "price": Decimal("24.95")}
CUP = {"name": "Cup", "price": Decimal("4.10")}
SAUCER = {"name": "Saucer", "price": Decimal("2.00")}


def fail_to_add(shop: Shop, *products: dict[str, Any]) -> None:
    """Call add_products with something that cannot work, and make sure that an exception reaches the caller."""
    try:
        shop.script.add_products(shop.engine, list(products))
    except NotImplementedError:
        raise
    except Exception:  # noqa: BLE001 - which exception it is, is up to you
        return
    raise failed("Rollback: add_products failed inside; the exception should go on to the caller.")


def test_commit_stores_all_products(shop: Shop) -> None:
    """After add_products another connection reads every product, and the ids came back in order."""
    ids = shop.script.add_products(shop.engine, [TEAPOT, CUP])
    expect(
        "Commit: after add_products another connection should read both products.",
        expected=[("Teapot", Decimal("24.95")), ("Cup", Decimal("4.10"))],
        seen=[(name, price) for _, name, price in shop.stored()],
    )
    expect(
        "Commit: add_products should return the ids in the order of the list.",
        expected=[product_id for product_id, _, _ in shop.stored()],
        seen=ids,
    )


def test_an_empty_list_stores_nothing(shop: Shop) -> None:
    """An empty list gives an empty list, and no product."""
    ids = shop.script.add_products(shop.engine, [])
    expect("Commit: for an empty list add_products should return an empty list.", expected=[], seen=ids)
    expect("Commit: for an empty list nothing should be stored.", expected=[], seen=shop.stored())


def test_others_see_all_or_nothing(shop: Shop) -> None:
    """While add_products works, other connections see none of the products."""
    with shop.others_looking() as seen:
        shop.script.add_products(shop.engine, [TEAPOT, CUP, SAUCER])
    expect(
        "Commit: other connections should see none of the three products, and then all of them: never a part. "
        "How many they saw, from one statement to the next:",
        expected=[count for count in seen if count in {0, 3}],
        seen=seen,
    )


def test_rollback_when_an_insert_fails(shop: Shop) -> None:
    """When the second insert fails, the first is rolled back and the caller gets the exception."""
    shop.store(id=1, **TEAPOT)
    before = shop.stored()
    with shop.others_looking() as seen:
        fail_to_add(shop, CUP, {"id": 1, **SAUCER})
    expect(
        "Rollback: when an insert fails (here the id is taken), nothing of the list should stay.",
        expected=before,
        seen=shop.stored(),
    )
    expect(
        "Rollback: of a list that fails, other connections should not see anything, not even for a moment. "
        "There was one product before; how many they saw, from one statement to the next:",
        expected=[1] * len(seen),
        seen=seen,
    )


def test_rollback_when_the_commit_fails(shop: Shop) -> None:
    """When the COMMIT itself fails, nothing stays, not even with the next commit on the same engine."""
    shop.store(id=1, **TEAPOT)
    with shop.somebody_reading():
        fail_to_add(shop, CUP)
    expect(
        "Rollback: after a failed COMMIT others should be able to write again. Closing the session is not enough "
        "here; see 'When the COMMIT itself fails' in the handout. Can others write?",
        expected=True,
        seen=shop.others_can_write(),
    )
    shop.script.add_products(shop.engine, [SAUCER])
    expect(
        "Rollback: what a failed COMMIT did not store should not come in with the next one.",
        expected=["Teapot", "Saucer"],
        seen=[name for _, name, _ in shop.stored()],
    )


def test_every_session_is_closed(shop: Shop) -> None:
    """The session of add_products is closed when all went well, and also when an insert fails."""
    with watched_sessions() as sessions:
        shop.script.add_products(shop.engine, [TEAPOT])
    expect("Session scope: add_products should work with a session. Was one used?", expected=True, seen=sessions.used)
    expect("Session scope: add_products should close its session. Sessions left open:", expected=0, seen=sessions.open)
    (taken, _, _), *_ = shop.stored()
    with watched_sessions() as sessions:
        fail_to_add(shop, {"id": taken, **CUP})
    expect(
        "Session scope: add_products should close its session also when an insert fails. Sessions left open:",
        expected=0,
        seen=sessions.open,
    )
