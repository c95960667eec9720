"""Reloading: left out, exchanged, replaced by another query, done to another object, read too early or too late."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.proof.rewriting import Operators, calls, expression, instead, statements, with_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.proof.rewriting import Block

RELOADING = Operators()
_STALE, _EXPIRE, _REFRESH = "reload.stale", "reload.expire_all", "reload.refresh"
_OTHERWISE = (
    "product = session.get(type(product), product_id)",
    "product = session.get(type(product), product_id, populate_existing=True)",
    "session.expire(product)",
    "session.expire_all()",
    "session.commit()",
    "session.refresh(session.query(type(product)).filter(type(product).id != product_id).first())",
    "with type(session)(session.bind) as other:\n    product = other.get(type(product), product_id)",
)
KEYS = ("loaded", "stale", "after_expire_all", "after_refresh")


@RELOADING.rewrites(list, _EXPIRE, "observations.agree")
def drop_expire_all(block: Block) -> Iterator[Block]:
    """Nothing is expired."""
    for place, _, _ in calls(block, "expire_all"):
        yield instead(block, place)


@RELOADING.rewrites(list, _REFRESH, "observations.agree")
def drop_refresh(block: Block) -> Iterator[Block]:
    """Nothing is refreshed."""
    for place, _, _ in calls(block, "refresh"):
        yield instead(block, place)


@RELOADING.rewrites(list, _EXPIRE, _REFRESH)
def swap_reloads(block: Block) -> Iterator[Block]:
    """It refreshes where it should expire, and expires where it should refresh."""
    for first, expire, _ in calls(block, "expire_all"):
        for second, refresh, _ in calls(block, "refresh"):
            yield instead(instead(block, first, refresh), second, expire)


@RELOADING.rewrites(list, _EXPIRE)
def expire_otherwise(block: Block) -> Iterator[Block]:
    """Where it should expire everything it expires or refreshes the one object, or ends the transaction."""
    for place, _, session in calls(block, "expire_all"):
        for product in _refreshed(block):
            for text in ("session.expire(product)", "session.refresh(product)", "session.commit()"):
                yield instead(block, place, *statements(text, session=session, product=product))


@RELOADING.rewrites(list, _REFRESH)
def refresh_otherwise(block: Block) -> Iterator[Block]:
    """Where it should refresh, it asks again, expires, commits, refreshes another object or opens another session."""
    for place, _, session in calls(block, "refresh"):
        for product in _refreshed(block):
            for text in _OTHERWISE:
                yield instead(block, place, *statements(text, session=session, product=product))


@RELOADING.rewrites(list, _REFRESH)
def write_while_reloading(block: Block) -> Iterator[Block]:
    """The price that was read is written back, or marked as read."""
    for place, refresh, session in calls(block, "refresh"):
        for product in _refreshed(block):
            for text in ("product.price += 1\nsession.commit()", "product.name += '!'\nsession.flush()"):
                yield instead(block, place, refresh, *statements(text, session=session, product=product))


def _refreshed(block: Block) -> Iterator[ast.expr]:
    """Yield what is refreshed in a block."""
    for _, statement, _ in calls(block, "refresh"):
        yield statement.value.args[0]  # type: ignore[attr-defined]  # calls() gives calls alone


@RELOADING.rewrites(list, _STALE)
def copy_stale(block: Block) -> Iterator[Block]:
    """The stale price is a copy of the first one: the object is not read again."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "stale":
            yield instead(block, place, with_fields(statement, value=ast.Name("loaded")))


@RELOADING.rewrites(ast.Dict, _STALE, _EXPIRE, _REFRESH)
def other_keys(node: ast.Dict) -> Iterator[ast.Dict]:
    """One of the four prices is missing, or stands under the name of the next one."""
    if [key.value for key in node.keys if isinstance(key, ast.Constant)] == list(KEYS):
        for place in range(len(KEYS)):
            yield with_fields(
                node,
                keys=instead(node.keys, place),
                values=instead(node.values, place),
            )
        for place in range(1, len(KEYS)):
            values = list(node.values)
            values[place - 1 : place + 1] = values[place], values[place - 1]
            yield with_fields(node, values=values)


@RELOADING.rewrites(ast.Return, _STALE)
def return_prices(node: ast.Return) -> Iterator[ast.Return]:
    """The prices come back as a list, as texts, or not at all."""
    for text in ("list(prices.values())", "{key: str(price) for key, price in prices.items()}", "None"):
        if node.value is not None:
            yield with_fields(node, value=expression(text, prices=node.value))
