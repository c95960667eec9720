"""The scope of a session: not closed, closed only where all went well, kept from one call to the next."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.proof.rewriting import Operators, calls, expression, instead, name_called, statements, with_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.proof.rewriting import Block

SESSIONS = Operators()
_SUCCESS, _FAILURE = "scope.closed_after_success", "scope.closed_after_failure"
_LEFT_OPEN = ("rollback.nothing_kept", "rollback.commit_failure")
"""A transaction that nobody ends may be ended by somebody else, later."""
_KEPT = "engine.__dict__.setdefault('kept', make)"


@SESSIONS.rewrites(list, _SUCCESS, _FAILURE)
def drop_close(block: Block) -> Iterator[Block]:
    """A session is not closed."""
    for place, _, _ in calls(block, "close"):
        yield instead(block, place)


@SESSIONS.rewrites(list, _SUCCESS, _FAILURE)
def expunge_for_close(block: Block) -> Iterator[Block]:
    """A session forgets its objects, and keeps its connection."""
    for place, _, session in calls(block, "close"):
        yield instead(block, place, *statements("session.expunge_all()", session=session))


@SESSIONS.rewrites(list, _SUCCESS, _FAILURE, *_LEFT_OPEN)
def drop_with(block: Block) -> Iterator[Block]:
    """A session is made without a ``with``, and never closed."""
    for place, statement in enumerate(block):
        for item in _sessions(statement):
            yield instead(block, place, _made(item), *_rest(statement, item))


@SESSIONS.rewrites(list, _FAILURE, *_LEFT_OPEN)
def close_at_the_end(block: Block) -> Iterator[Block]:
    """A session is closed in the last line, which is not reached when something fails."""
    for place, statement in enumerate(block):
        for item in _sessions(statement):
            close = statements("session.close()", session=_variable(item))
            *before, last = _rest(statement, item)
            yield instead(block, place, _made(item), *before, *_closing(last, close))


@SESSIONS.rewrites(list, _SUCCESS, _FAILURE, *_LEFT_OPEN)
def keep_session(block: Block) -> Iterator[Block]:
    """One session is kept for all calls on an engine, and never closed."""
    for place, statement in enumerate(block):
        for item in _sessions(statement):
            kept = with_fields(item, context_expr=_kept(item.context_expr))
            yield instead(block, place, _made(kept), *_rest(statement, item))


@SESSIONS.rewrites(ast.withitem, _SUCCESS, _FAILURE)
def reuse_session(item: ast.withitem) -> Iterator[ast.withitem]:
    """One session serves all calls on an engine, and is closed after each."""
    if _makes_session(item):
        yield with_fields(item, context_expr=_kept(item.context_expr))


@SESSIONS.rewrites(ast.Call, "commit.ids", "reload.expire_all")
def expire_on_commit_off(node: ast.Call) -> Iterator[ast.Call]:
    """The session does not expire its objects when it commits."""
    if name_called(node) in {"Session", "sessionmaker"}:
        yield with_fields(node, keywords=[*node.keywords, ast.keyword("expire_on_commit", ast.Constant(value=False))])


def _sessions(statement: ast.stmt) -> list[ast.withitem]:
    return [item for item in statement.items if _makes_session(item)] if isinstance(statement, ast.With) else []


def _makes_session(item: ast.withitem) -> bool:
    return item.optional_vars is not None and name_called(item.context_expr).lower().endswith("session")


def _variable(item: ast.withitem) -> ast.expr:
    assert item.optional_vars is not None  # noqa: S101  # _makes_session has looked
    return item.optional_vars


def _made(item: ast.withitem) -> ast.stmt:
    return statements("session = make", session=_variable(item), make=item.context_expr)[0]


def _kept(make: ast.expr) -> ast.expr:
    engine = make.args[0] if isinstance(make, ast.Call) and make.args else ast.Name("engine")
    return expression(_KEPT, engine=engine, make=make)


def _rest(statement: ast.stmt, item: ast.withitem) -> Block:
    """Return what is left of a ``with`` when one of its sessions is made without it."""
    assert isinstance(statement, ast.With)  # noqa: S101  # _sessions has looked
    items = [other for other in statement.items if other is not item]
    return [with_fields(statement, items=items)] if items else statement.body


def _closing(last: ast.stmt, close: Block) -> Block:
    """Return the last statement with a close after it, or within it, before it returns."""
    if isinstance(last, ast.Return) and last.value is not None:
        return [*statements("result = value", value=last.value), *close, *statements("return result")]
    if isinstance(last, ast.With):
        *before, inner = last.body
        if isinstance(inner, ast.Return) and inner.value is not None:
            kept = with_fields(last, body=[*before, *statements("result = value", value=inner.value)])
            return [kept, *close, *statements("return result")]
    return [last, *close]
