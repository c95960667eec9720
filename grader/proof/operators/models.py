"""The model: columns that may be empty, other types, other names, other keys."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.proof.rewriting import Operators, expression, instead, name_called, with_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.proof.rewriting import Block

MODELS = Operators()
_TABLE, _REQUIRED, _MONEY = "model.table", "model.required", "model.money"
_COLUMNS = frozenset({"Column", "mapped_column"})
_OTHER_TYPES = ("Float()", "Integer()", "String()", "Numeric(10, 1)", "Numeric(10, 0)")


@MODELS.rewrites(ast.Call, _REQUIRED)
def nullable(node: ast.Call) -> Iterator[ast.Call]:
    """The database takes NULL in a column."""
    if _is_column(node) and not _is_key(node):
        others = [keyword for keyword in node.keywords if keyword.arg != "nullable"]
        yield with_fields(node, keywords=[*others, ast.keyword("nullable", ast.Constant(value=True))])


@MODELS.rewrites(ast.Call, _REQUIRED)
def drop_nullable(node: ast.Call) -> Iterator[ast.Call]:
    """It is not said that a column may not be empty."""
    kept = [keyword for keyword in node.keywords if keyword.arg != "nullable"]
    if _is_column(node) and kept != node.keywords:
        yield with_fields(node, keywords=kept)


@MODELS.rewrites(ast.Subscript, _TABLE, _REQUIRED)
def optional(node: ast.Subscript) -> Iterator[ast.Subscript]:
    """An annotation says that there may be no value."""
    if ast.unparse(node.value).rpartition(".")[2] == "Mapped":
        yield with_fields(node, slice=expression("__import__('typing').Optional[kind]", kind=node.slice))


@MODELS.rewrites(ast.Call, _TABLE)
def drop_primary_key(node: ast.Call) -> Iterator[ast.Call]:
    """There is no primary key."""
    if _is_key(node):
        yield with_fields(node, keywords=[keyword for keyword in node.keywords if keyword.arg != "primary_key"])


@MODELS.rewrites(ast.Call, _TABLE)
def second_primary_key(node: ast.Call) -> Iterator[ast.Call]:
    """Another column belongs to the primary key as well."""
    if _is_column(node) and not _is_key(node):
        yield _with_keyword(node, "primary_key")


@MODELS.rewrites(ast.Call, _TABLE)
def no_autoincrement(node: ast.Call) -> Iterator[ast.Call]:
    """SQLAlchemy is told that the database gives no ids."""
    if _is_key(node):
        yield with_fields(node, keywords=[*node.keywords, ast.keyword("autoincrement", ast.Constant(value=False))])


@MODELS.rewrites(ast.Call, _TABLE)
def other_key_type(node: ast.Call) -> Iterator[ast.Call]:
    """The primary key is of a type for which SQLite gives no ids."""
    if _is_key(node):
        args = [arg for arg in node.args if not ast.unparse(arg).endswith("Integer")]
        for kind in ("BigInteger()", "String()"):
            yield with_fields(node, args=[*args, _type(kind)])


@MODELS.rewrites(ast.Call, "commit.stored", "script.second_run", "observations.agree")
def unique(node: ast.Call) -> Iterator[ast.Call]:
    """No two products may have the same name, or the same price: a second run cannot store what the first one did."""
    if _is_column(node) and not _is_key(node):
        yield _with_keyword(node, "unique")


@MODELS.rewrites(ast.Call, _MONEY)
def other_price_type(node: ast.Call) -> Iterator[ast.expr]:
    """The price is of another type."""
    if name_called(node) == "Numeric":
        yield from map(_type, _OTHER_TYPES)


@MODELS.rewrites(ast.Call, _TABLE, _REQUIRED, _MONEY)
def other_column_name(node: ast.Call) -> Iterator[ast.Call]:
    """A column of the table has another name than it should."""
    if _is_column(node):
        named = bool(node.args) and isinstance(node.args[0], ast.Constant)
        yield with_fields(node, args=[ast.Constant("column_1"), *node.args[named:]])


@MODELS.rewrites(ast.Constant, _TABLE, _REQUIRED)
def other_table_name(node: ast.Constant) -> Iterator[ast.Constant]:
    """The table has another name."""
    if node.value == "products":
        yield ast.Constant("product")


@MODELS.rewrites(list, _TABLE, _REQUIRED, _MONEY)
def drop_column(block: Block) -> Iterator[Block]:
    """A column is missing."""
    for place, statement in enumerate(block):
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value and _is_column(statement.value):
            yield instead(block, place)


@MODELS.rewrites(ast.Call, _TABLE, _REQUIRED, _MONEY)
def drop_table_column(node: ast.Call) -> Iterator[ast.Call]:
    """A column of a ``Table`` is missing."""
    for place, argument in enumerate(node.args):
        if name_called(node) == "Table" and _is_column(argument):
            yield with_fields(node, args=instead(node.args, place))


def _is_column(node: ast.expr) -> bool:
    return name_called(node) in _COLUMNS


def _is_key(node: ast.expr) -> bool:
    return _is_column(node) and any(k.arg == "primary_key" for k in getattr(node, "keywords", ()))


def _with_keyword(node: ast.Call, name: str) -> ast.Call:
    others = [keyword for keyword in node.keywords if keyword.arg != name]
    changed: ast.Call = with_fields(node, keywords=[*others, ast.keyword(name, ast.Constant(value=True))])
    return changed


def _type(text: str) -> ast.expr:
    return expression(f"__import__('sqlalchemy').{text}")
