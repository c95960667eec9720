"""What is done when something fails: swallowed, caught too narrowly, not caught at all."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.proof.rewriting import Operators, expression, instead, statements, with_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.proof.rewriting import Block

FAILURES = Operators()
_LOCKED = "rollback.commit_failure"
_UNSILENCED = "rollback.error_reaches_caller"
_NOT_CAUGHT = ("rollback.nothing_kept", _LOCKED, "scope.closed_after_failure", "script.first_run")


@FAILURES.rewrites(list, _UNSILENCED)
def drop_raise(block: Block) -> Iterator[Block]:
    """What was caught is not raised again."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Raise):
            yield instead(block, place)


@FAILURES.rewrites(list, _UNSILENCED)
def return_for_raise(block: Block) -> Iterator[Block]:
    """What was caught becomes an empty list."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Raise):
            yield instead(block, place, *statements("return []"))


@FAILURES.rewrites(list, _UNSILENCED)
def exit_for_raise(block: Block) -> Iterator[Block]:
    """What was caught ends the program."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Raise):
            yield instead(block, place, *statements("raise SystemExit(1)"))


@FAILURES.rewrites(list, _UNSILENCED)
def another_error(block: Block) -> Iterator[Block]:
    """What was caught is raised as an error of its own, chained to the first one."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Raise):
            yield instead(block, place, *statements("raise RuntimeError('not stored')"))


@FAILURES.rewrites(list, _UNSILENCED)
def swallow(block: Block) -> Iterator[Block]:
    """Whatever fails while a session is open is caught, and nothing is said of it."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.With):
            (guarded,) = statements("try:\n    pass\nexcept Exception:\n    return []")
            yield instead(block, place, with_fields(guarded, body=[statement]))


@FAILURES.rewrites(list, _UNSILENCED, "commit.ids")
def return_in_finally(block: Block) -> Iterator[Block]:
    """A ``return`` in a finally block swallows what failed."""
    for place, statement in enumerate(block):
        if isinstance(statement, (ast.With, ast.Try)):
            (guarded,) = statements("try:\n    pass\nfinally:\n    return []")
            yield instead(block, place, with_fields(guarded, body=[statement]))


@FAILURES.rewrites(ast.ExceptHandler, *_NOT_CAUGHT)
def catch_value_errors(handler: ast.ExceptHandler) -> Iterator[ast.ExceptHandler]:
    """Nothing but a ``ValueError`` is caught, which no database raises."""
    yield with_fields(handler, type=ast.Name("ValueError"))


@FAILURES.rewrites(ast.ExceptHandler, _LOCKED, "scope.closed_after_failure", "script.first_run")
def catch_integrity_errors(handler: ast.ExceptHandler) -> Iterator[ast.ExceptHandler]:
    """Nothing but an ``IntegrityError`` is caught: a commit can fail in other ways."""
    if handler.type is None or not ast.unparse(handler.type).endswith("IntegrityError"):
        yield with_fields(handler, type=expression("__import__('sqlalchemy.exc').exc.IntegrityError"))


@FAILURES.rewrites(list, *_NOT_CAUGHT)
def drop_handlers(block: Block) -> Iterator[Block]:
    """What was caught is caught no more."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Try) and statement.handlers:
            kept = [with_fields(statement, handlers=[])] if statement.finalbody else statement.body
            yield instead(block, place, *kept)


@FAILURES.rewrites(ast.Try, "scope.closed_after_success", "scope.closed_after_failure", _LOCKED)
def drop_finally(node: ast.Try) -> Iterator[ast.Try | ast.If]:
    """What is to be done in any case is not done."""
    if node.finalbody:
        (block,) = statements("if True:\n    pass")
        yield with_fields(node, finalbody=[]) if node.handlers else with_fields(block, body=node.body)


@FAILURES.rewrites(list, "scope.closed_after_success", "scope.closed_after_failure", _LOCKED)
def finally_afterwards(block: Block) -> Iterator[Block]:
    """What is to be done in any case is done only where everything went well."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Try) and statement.finalbody:
            kept = [with_fields(statement, finalbody=[])] if statement.handlers else statement.body
            *before, last = kept
            leaves = isinstance(last, ast.Return)
            yield instead(block, place, *before, *([] if leaves else [last]), *statement.finalbody, *[last] * leaves)
