"""What can go wrong anywhere: a statement is forgotten, two are exchanged, a switch is set the other way."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from grader.proof.rewriting import Operators, instead, name_called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.proof.rewriting import Block

ANYWHERE = Operators()
_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)


@ANYWHERE.rewrites(list)
def drop_statement(block: Block) -> Iterator[Block]:
    """A statement is forgotten. What only prints or documents is left alone, and so is what gives a name a value."""
    for place, statement in enumerate(block):
        if isinstance(statement, (ast.Expr, ast.AugAssign)) and not _only_says(statement):
            yield instead(block, place)


@ANYWHERE.rewrites(list)
def swap_statements(block: Block) -> Iterator[Block]:
    """Two statements in a row are exchanged, where no name is used before it has a value."""
    for place, (first, second) in enumerate(pairwise(block)):
        movable = all(isinstance(each, _SIMPLE) and not _only_says(each) for each in (first, second))
        if movable and not isinstance(second, ast.Return) and not _names(first, ast.Store) & _names(second, ast.Load):
            yield [*block[:place], second, first, *block[place + 2 :]]


@ANYWHERE.rewrites(ast.Constant)
def flip_switch(node: ast.Constant) -> Iterator[ast.Constant]:
    """What is on is off."""
    if isinstance(node.value, bool):
        yield ast.Constant(value=not node.value)


@ANYWHERE.rewrites(ast.Compare)
def turn_condition(node: ast.Compare) -> Iterator[ast.expr]:
    """A condition is turned round."""
    if "__name__" not in ast.unparse(node):
        yield ast.UnaryOp(ast.Not(), node)


def _only_says(statement: ast.stmt) -> bool:
    """Tell whether a statement is a text, a ``yield``, or prints what is there already."""
    if not isinstance(statement, ast.Expr) or isinstance(statement.value, (ast.Constant, ast.Yield)):
        return isinstance(statement, ast.Expr)
    inner = [node for node in ast.walk(statement.value) if isinstance(node, ast.Call)][1:]
    return name_called(statement.value) == "print" and not any(_does(node) for node in inner)


def _does(node: ast.Call) -> bool:
    return name_called(node) in {"add_products", "show_reloading"}


def _names(statement: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}
