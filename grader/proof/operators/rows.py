"""Rows and ids: left out, spoiled, merged, given back in another order."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.proof.rewriting import Operators, calls, expression, instead, name_called, statements, with_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.proof.rewriting import Block

ROWS = Operators()
_IDS = ("commit.ids", "flush.ids")
# Where the row that is left out is the bad one, the others stay, and nobody learns of it.
_ROW_LEFT_OUT = ("commit.stored", *_IDS, "rollback.nothing_kept", "rollback.error_reaches_caller")


@ROWS.rewrites(list, *_IDS, "rollback.nothing_kept", "rollback.error_reaches_caller")
def merge_for_add(block: Block) -> Iterator[Block]:
    """Where it should add, it merges: a taken id overwrites the row that has it."""
    for place, statement, session in calls(block, "add", "add_all"):
        row = statement.value.args[0]  # type: ignore[attr-defined]  # calls() gives calls alone
        many = "add_all" in ast.unparse(statement)
        text = "for each in row:\n    session.merge(each)" if many else "session.merge(row)"
        yield instead(block, place, *statements(text, session=session, row=row))


@ROWS.rewrites(ast.expr, "rollback.nothing_kept", "rollback.error_reaches_caller", "commit.stored")
def insert_or_replace(node: ast.expr) -> Iterator[ast.expr]:
    """The row that has a taken id is replaced."""
    if isinstance(node, ast.Call) and name_called(node) == "execute" and _inserts(node):
        text = "__import__('sqlalchemy').text(str(statement).replace('INSERT', 'INSERT OR REPLACE'))"
        yield with_fields(node, args=[expression(text, statement=node.args[0]), *node.args[1:]])


def _inserts(node: ast.Call) -> bool:
    return len(node.args) > 1 and not any(word in ast.unparse(node).lower() for word in ("update", "delete", "select"))


@ROWS.rewrites(ast.expr, "commit.stored")
def round_price(node: ast.expr) -> Iterator[ast.expr]:
    """Prices lose their cents."""
    if _makes_product(node):
        yield _with_values(node, "{**row, 'price': row['price'] and round(row['price'])}")


@ROWS.rewrites(ast.expr, "commit.stored")
def capital_name(node: ast.expr) -> Iterator[ast.expr]:
    """Names are stored in capitals."""
    if _makes_product(node):
        yield _with_values(node, "{**row, 'name': row['name'] and row['name'].upper()}")


@ROWS.rewrites(ast.expr, "commit.stored", "commit.ids", "rollback.nothing_kept", "rollback.error_reaches_caller")
def ignore_id(node: ast.expr) -> Iterator[ast.expr]:
    """An id that the caller gives is left out."""
    if _makes_product(node):
        yield _with_values(node, "{key: value for key, value in row.items() if key != 'id'}")


def _makes_product(node: ast.expr) -> bool:
    """Tell whether an expression makes a product, or a copy of its values, out of a dict."""
    return (isinstance(node, ast.Call) and name_called(node) == "Product" and _row(node) is not None) or (
        isinstance(node, ast.Call) and name_called(node) == "dict" and len(node.args) == 1
    )


def _row(node: ast.Call) -> ast.expr | None:
    return next((keyword.value for keyword in node.keywords if keyword.arg is None), None)


def _with_values(node: ast.expr, text: str) -> ast.expr:
    assert isinstance(node, ast.Call)  # noqa: S101  # _makes_product has looked
    row = _row(node)
    if row is None:
        return expression(text, row=node.args[0])
    changed: ast.expr = with_fields(node, keywords=[ast.keyword(None, expression(text, row=row))])
    return changed


@ROWS.rewrites(ast.comprehension, *_ROW_LEFT_OUT)
def comprehend_less(node: ast.comprehension) -> Iterator[ast.comprehension]:
    """A comprehension leaves out the first or the last."""
    for piece in ("rows[1:]", "rows[:-1]"):
        if isinstance(node.iter, ast.Name):
            yield with_fields(node, iter=expression(piece, rows=node.iter))


@ROWS.rewrites(ast.For, *_ROW_LEFT_OUT)
def loop_less(node: ast.For) -> Iterator[ast.For]:
    """A loop leaves out the first or the last."""
    for piece in ("rows[1:]", "rows[:-1]"):
        if isinstance(node.iter, ast.Name):
            yield with_fields(node, iter=expression(piece, rows=node.iter))


@ROWS.rewrites(ast.Return, *_IDS)
def return_other_ids(node: ast.Return) -> Iterator[ast.Return]:
    """The ids come back as nothing, empty, in reverse, off by one, as text or as a tuple."""
    for text in ("None", "[]", "ids[::-1]", "[i + 1 for i in ids]", "[str(i) for i in ids]", "tuple(ids)"):
        if node.value is not None and not isinstance(node.value, ast.Dict):
            yield with_fields(node, value=expression(text, ids=node.value))
