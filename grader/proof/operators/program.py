"""The script as a program: other pairs, other ids, other databases, other endings."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.proof.rewriting import Operators, called, expression, instead, name_called, statements, with_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.proof.rewriting import Block

PROGRAM = Operators()
_RUNS = ("script.first_run", "script.second_run", "observations.agree")
"""A program that does something else makes the observations beside it wrong as well."""
_FIXED = "sqlite:///products.db"


@PROGRAM.rewrites(ast.List, *_RUNS)
def other_pair(node: ast.List) -> Iterator[ast.List]:
    """One product of a pair is left out, or added twice; or the pair is turned round."""
    if len(node.elts) > 1 and all(isinstance(each, (ast.Dict, ast.Call)) for each in node.elts):
        first, second = node.elts[:2]
        for products in ([first], [second], [first, second, first], [second, first]):
            yield with_fields(node, elts=products)


@PROGRAM.rewrites(ast.expr, *_RUNS)
def other_id(node: ast.expr) -> Iterator[ast.expr]:
    """A product of the pair that must fail has no id, one that is free, or always the id 1."""
    keys = [key.value if isinstance(key, ast.Constant) else None for key in getattr(node, "keys", ())]
    if isinstance(node, ast.Dict) and "id" in keys:
        place = keys.index("id")
        yield with_fields(node, keys=instead(node.keys, place), values=instead(node.values, place))
        for number in (1, 987_654):
            yield with_fields(node, values=instead(node.values, place, ast.Constant(number)))


@PROGRAM.rewrites(ast.Subscript, *_RUNS)
def always_product_one(node: ast.Subscript) -> Iterator[ast.expr]:
    """In the place of an id that came back stands the one that a first run gets."""
    if ast.unparse(node.value) == "ids":
        yield ast.Constant(1)


@PROGRAM.rewrites(ast.Call, *_RUNS)
def other_database(node: ast.Call) -> Iterator[ast.Call]:
    """The URL is not what was asked for: fixed, of another file, or in memory."""
    if name_called(node) == "create_engine" and isinstance(node.args[0], ast.Name):
        for url in (_FIXED, "sqlite:///other.db", "sqlite://"):
            yield with_fields(node, args=[ast.Constant(url), *node.args[1:]])


@PROGRAM.rewrites(ast.FunctionDef, *_RUNS)
def other_default(node: ast.FunctionDef) -> Iterator[ast.FunctionDef]:
    """Without an argument the program uses another database."""
    if node.name == "main" and node.args.defaults:
        yield with_fields(node, args=with_fields(node.args, defaults=[ast.Constant("sqlite:///shop.db")]))


@PROGRAM.rewrites(list, *_RUNS)
def drop_tables_first(block: Block) -> Iterator[Block]:
    """The table is thrown away before it is created."""
    for place, statement in enumerate(block):
        metadata = called(statement, "create_all")
        if metadata is not None:
            engine = statement.value.args[0]  # type: ignore[attr-defined]  # it is a call
            yield instead(
                block, place, *statements("metadata.drop_all(engine)", metadata=metadata, engine=engine), statement
            )


@PROGRAM.rewrites(list, *_RUNS)
def empty_table_first(block: Block) -> Iterator[Block]:
    """What earlier runs stored is deleted, behind the model."""
    text = "with engine.begin() as connection:\n    connection.exec_driver_sql('DELETE FROM products')"
    for place, statement in enumerate(block):
        if called(statement, "create_all") is not None:
            engine = statement.value.args[0]  # type: ignore[attr-defined]  # it is a call
            yield instead(block, place, statement, *statements(text, engine=engine))


@PROGRAM.rewrites(ast.FunctionDef, *_RUNS)
def end_badly(node: ast.FunctionDef) -> Iterator[ast.FunctionDef]:
    """The program ends with another exit status, or with an error."""
    if node.name == "main":
        for text in ("raise SystemExit(1)", "raise RuntimeError('the end')"):
            yield with_fields(node, body=[*node.body, *statements(text)])


@PROGRAM.rewrites(ast.If, *_RUNS)
def main_not_called(node: ast.If) -> Iterator[ast.If]:
    """The program defines everything and does nothing."""
    if "__main__" in ast.unparse(node.test):
        yield with_fields(node, body=statements("pass"))


@PROGRAM.rewrites(list, *_RUNS)
def call_twice(block: Block) -> Iterator[Block]:
    """A step of the program is done twice."""
    for place, statement in enumerate(block):
        if isinstance(statement, (ast.Assign, ast.Expr, ast.Try)) and _calls(statement, "add_products"):
            yield instead(block, place, statement, statement)


@PROGRAM.rewrites(ast.Call, "script.first_run", "observations.agree")
def no_reloading(node: ast.Call) -> Iterator[ast.expr]:
    """Reloading is not shown."""
    if name_called(node) == "show_reloading":
        yield expression("{}")


@PROGRAM.rewrites(list, "script.first_run", "observations.agree")
def no_failing_pair(block: Block) -> Iterator[Block]:
    """The pair that cannot be stored is not tried."""
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Try) and _calls(statement, "add_products"):
            yield instead(block, place)


def _calls(statement: ast.stmt, name: str) -> bool:
    return any(name_called(node) == name for node in ast.walk(statement))
