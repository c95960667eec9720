"""Commits, rollbacks and flushes: left out, taken for one another, made too early or too often."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.proof.rewriting import Operators, called, calls, expression, instead, name_called, statements, with_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.proof.rewriting import Block

TRANSACTIONS = Operators()
_INSIDE_BEGIN = ("commit.ids", "rollback.commit_failure")
"""A commit inside of ``with session.begin()`` ends it too early: what follows fails, and nothing rolls back."""
_IN_PARTS = ("commit.stored", "commit.one_transaction", "rollback.nothing_kept", "flush.nothing_stored")


@TRANSACTIONS.rewrites(list, "commit.stored", "script.first_run")
def drop_commit(block: Block) -> Iterator[Block]:
    """A commit is left out."""
    for place, _, _ in calls(block, "commit"):
        yield instead(block, place)


@TRANSACTIONS.rewrites(list, "commit.stored", "script.first_run")
def flush_for_commit(block: Block) -> Iterator[Block]:
    """Where it should commit, it flushes."""
    for place, _, session in calls(block, "commit"):
        yield instead(block, place, *statements("session.flush()", session=session))


@TRANSACTIONS.rewrites(list, "commit.stored", "commit.one_transaction", "commit.ids")
def commit_first(block: Block) -> Iterator[Block]:
    """The commit comes before everything else in its block."""
    for place, commit, _ in calls(block, "commit"):
        if place:
            yield [commit, *instead(block, place)]


@TRANSACTIONS.rewrites(list, "commit.one_transaction")
def commit_twice(block: Block) -> Iterator[Block]:
    """The commit is made a second time."""
    for place, commit, _ in calls(block, "commit"):
        yield instead(block, place, commit, commit)


@TRANSACTIONS.rewrites(list, *_IN_PARTS, *_INSIDE_BEGIN)
def commit_for_flush(block: Block) -> Iterator[Block]:
    """Where it should flush, it commits."""
    for place, _, session in calls(block, "flush"):
        yield instead(block, place, *statements("session.commit()", session=session))


@TRANSACTIONS.rewrites(list, "rollback.nothing_kept", "rollback.commit_failure", "flush.nothing_stored")
def commit_for_rollback(block: Block) -> Iterator[Block]:
    """Where it should roll back, it commits."""
    for place, _, session in calls(block, "rollback"):
        yield instead(block, place, *statements("session.commit()", session=session))


@TRANSACTIONS.rewrites(list, "rollback.nothing_kept", "rollback.commit_failure", "flush.nothing_stored")
def drop_rollback(block: Block) -> Iterator[Block]:
    """A rollback is left out."""
    for place, _, _ in calls(block, "rollback"):
        yield instead(block, place)


@TRANSACTIONS.rewrites(list, "commit.ids", "flush.ids", "flush.nothing_stored")
def drop_flush(block: Block) -> Iterator[Block]:
    """A flush is left out."""
    for place, _, _ in calls(block, "flush"):
        yield instead(block, place)


@TRANSACTIONS.rewrites(list, *_IN_PARTS, *_INSIDE_BEGIN)
def commit_per_row(block: Block) -> Iterator[Block]:
    """It commits after each row that it adds or inserts."""
    for place, statement in enumerate(block):
        session = _inserts_one(statement)
        if session is not None:
            yield instead(block, place, statement, *statements("session.commit()", session=session))
    for place, statement, session in calls(block, "add_all"):
        rows = statement.value.args[0]  # type: ignore[attr-defined]  # calls() gives calls alone
        text = "for each in rows:\n    session.add(each)\n    session.commit()"
        yield instead(block, place, *statements(text, session=session, rows=rows))


def _inserts_one(statement: ast.stmt) -> ast.expr | None:
    """Return the session of ``session.add(row)``, or that of an INSERT which is executed, whatever is done with it."""
    for node in ast.walk(statement) if isinstance(statement, ast.Expr) else ():
        if called(node, "add", "execute") is not None and not _changes_rows(node):
            return called(node, "add", "execute")
    return None


def _changes_rows(node: ast.AST) -> bool:
    return any(word in ast.unparse(node).lower() for word in ("update", "delete"))


@TRANSACTIONS.rewrites(ast.With, "commit.stored", "script.first_run")
def drop_begin(node: ast.With) -> Iterator[ast.With]:
    """A session is used without ``session.begin()``: nothing commits at the end of the block."""
    for place, item in enumerate(node.items):
        if item.optional_vars is None and called(item.context_expr, "begin") is not None and len(node.items) > 1:
            yield with_fields(node, items=instead(node.items, place))


@TRANSACTIONS.rewrites(ast.withitem, "commit.stored", "script.first_run")
def call_for_begin(item: ast.withitem) -> Iterator[ast.withitem]:
    """A ``sessionmaker`` is called where it should begin."""
    factory = called(item.context_expr, "begin")
    if item.optional_vars is not None and factory is not None and name_called(factory) == "sessionmaker":
        yield with_fields(item, context_expr=expression("factory()", factory=factory))


@TRANSACTIONS.rewrites(ast.With, "commit.stored", "script.first_run")
def connect_for_begin(node: ast.With) -> Iterator[ast.With]:
    """A connection is taken from the engine without a transaction that commits."""
    for place, item in enumerate(node.items):
        engine = called(item.context_expr, "begin")
        if item.optional_vars is not None and isinstance(engine, ast.Name):
            new = with_fields(item, context_expr=expression("engine.connect()", engine=engine))
            yield with_fields(node, items=instead(node.items, place, new))


@TRANSACTIONS.rewrites(ast.Call, *_IN_PARTS)
def autocommit(node: ast.Call) -> Iterator[ast.Call]:
    """The session works on an engine that commits every statement."""
    if name_called(node) == "Session" and node.args:
        engine = expression("engine.execution_options(isolation_level='AUTOCOMMIT')", engine=node.args[0])
        yield with_fields(node, args=[engine, *node.args[1:]])
