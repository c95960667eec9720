"""Demonstrations of reloading that leave out, mistake or overdo a step."""

from __future__ import annotations

from compositions.reloading import STEPS, Steps

_VARIABLES = STEPS[0].code


def _variables(name: str, old: str, new: str) -> Steps:
    """Return the plainest demonstration with something else in one place."""
    if old not in _VARIABLES:
        raise ValueError(f"{name}: the plainest demonstration has no {old!r}")
    return Steps(name, _VARIABLES.replace(old, new, 1))


STALE_COPIED = _variables("stale_copied", "stale = $price", "stale = loaded")
STALE_TOO_LATE = _variables("stale_too_late", "stale = $price\n        $expire", "$expire\n        stale = $price")
STALE_ELSEWHERE = _variables(
    "stale_from_another_session",
    "stale = $price",
    "with Session(engine) as other:\n            stale = other.get(Product, product_id).price",
)
KEY_MISSING = _variables("key_missing", '"stale": stale, ', "")
KEYS_MISSPELLED = _variables("keys_misspelled", '"after_refresh": after_refresh', '"refreshed": after_refresh')
AS_TUPLE = Steps("as_tuple", _VARIABLES + "\n        prices = tuple(prices.values())")
AS_TEXT = Steps("as_text", _VARIABLES + "\n        prices = str(prices)")
EXPIRES_TOO_EARLY = _variables(
    "expires_too_early",
    "change_elsewhere()\n        stale = $price\n        $expire",
    "$expire\n        loaded = $price\n        change_elsewhere()\n        stale = $price",
)
WRITES_A_MARK = _variables(
    "writes_a_mark",
    "after_refresh = $price",
    'after_refresh = $price\n        product.name += "*"\n        session.commit()',
)
RESTORES_THE_PRICE = _variables(
    "restores_the_price",
    "after_refresh = $price",
    "after_refresh = $price\n        product.price = loaded\n        session.flush()\n        session.commit()",
)

COMMITS_INSTEAD = "session.commit()"
EXPIRES_ONE = "session.expire(product)"
REFRESHES_INSTEAD = "session.refresh(product)"
ROLLS_BACK_INSTEAD = "session.rollback()"
EXPIRES_ALL_AGAIN = "session.expire_all()"
QUERIES_POPULATING = """
session.scalars(select(Product).execution_options(populate_existing=True).where(Product.id == product_id)).one()
""".strip()
GETS_POPULATING = "product = session.get(Product, product_id, populate_existing=True)"
IN_A_NEW_SESSION = """
with Session(engine) as other:
    product = other.get(Product, product_id)
""".strip()
