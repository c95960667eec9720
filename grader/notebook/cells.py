"""A cell as Python: its statements, what each of them binds and uses, and what it runs at once."""

from __future__ import annotations

import ast
import re
import symtable
import sys
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 65_536
"""The longest cell that is looked into: more than a file may hold."""
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINES = (*_FUNCTION, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.If, ast.Try)
_MAGIC = re.compile(r"^(\s*)[%!](.*)$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*")
_THERE = frozenset({"sqlalchemy", *sys.stdlib_module_names})


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a cell, and the lines on which it stands, counted from 1."""

    node: ast.stmt
    lines: range
    text: str

    @property
    def defines(self) -> bool:
        """Whether it is there for the names that it binds: an import, a function, a class, a value."""
        return isinstance(self.node, _DEFINES)

    @property
    def asks_for_the_program(self) -> bool:
        """Whether it is the ``if __name__ == "__main__":`` of a program."""
        return isinstance(self.node, ast.If) and "__name__" in ast.unparse(self.node.test)

    @property
    def is_future(self) -> bool:
        """Whether it switches on what Python is going to do; that must be said at the top of a file."""
        return isinstance(self.node, ast.ImportFrom) and self.node.module == "__future__"

    @property
    def imports_everything(self) -> bool:
        """Whether it imports all names of a module that is there when a grade is made."""
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*" and self.imports(_THERE)

    def imports(self, modules: frozenset[str]) -> bool:
        """Tell whether it imports from one of these modules or packages."""
        node = self.node
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        return any(name.split(".")[0] in modules for name in names)

    @cached_property
    def _table(self) -> symtable.SymbolTable:
        with warnings.catch_warnings(action="ignore"):  # of the student's making, and nothing to stop for
            return symtable.symtable(self.text, "cell", "exec")

    @cached_property
    def binds(self) -> frozenset[str]:
        """The names that it binds at the top of the module."""
        symbols = self._table.get_symbols()
        return frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported())

    @cached_property
    def uses(self) -> frozenset[str]:
        """The names of the module that it may look up, now or when its functions are called."""
        at_the_top = {symbol.get_name() for symbol in self._table.get_symbols() if symbol.is_referenced()}
        return frozenset({*at_the_top, *_global(self._table), *_quoted(self.node)})

    def calls(self, functions: frozenset[str]) -> bool:
        """Tell whether it calls one of these functions at once, and not only when something else is called."""
        if isinstance(self.node, (*_FUNCTION, ast.ClassDef)) or self.asks_for_the_program:
            return False
        called = (node.func for node in _at_once(self.node) if isinstance(node, ast.Call))
        return any(isinstance(function, ast.Name) and function.id in functions for function in called)


@dataclass(frozen=True)
class Cell:
    """A code cell: its name, empty for one of the student's own, its lines and statements, and why it has none."""

    name: str
    lines: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    problem: str = ""


def read(name: str, source: str) -> Cell:
    """Read the source of a cell. Lines that only a notebook understands are left out where they are in the way."""
    if len(source) > MOST_CHARACTERS:
        return Cell(name, problem=f"it is longer than {MOST_CHARACTERS} characters")
    text = source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    try:
        return _read(name, text)
    except SyntaxError:
        text = _MAGIC.sub(r"\1pass  # \2", text)
    try:
        return _read(name, text)
    except SyntaxError as error:
        return Cell(name, problem=f"line {error.lineno or 1}: {error.msg}")


def _read(name: str, text: str) -> Cell:
    lines = text.split("\n")
    try:
        with warnings.catch_warnings(action="ignore"):  # as above
            tree = ast.parse(text)
            compile(text, "cell", "exec", dont_inherit=True)  # it refuses more, such as a return outside of a function
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError("Python cannot read it") from error
    return Cell(name, tuple(lines), tuple(_statement(node, lines) for node in tree.body))


def _statement(node: ast.stmt, lines: list[str]) -> Statement:
    decorators = [decorator.lineno for decorator in getattr(node, "decorator_list", [])]
    first, last = min([node.lineno, *decorators]), node.end_lineno or node.lineno
    return Statement(node, range(first, last + 1), "\n".join(lines[first - 1 : last]))


def _global(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names that functions and classes look up in the module."""
    for inner in table.get_children():
        yield from (symbol.get_name() for symbol in inner.get_symbols() if symbol.is_global())
        yield from _global(inner)


def _quoted(node: ast.AST) -> Iterator[str]:
    """Yield the names in annotations that are written as texts."""
    for inner in ast.walk(node):
        for note in (getattr(inner, "annotation", None), getattr(inner, "returns", None)):
            for text in ast.walk(note) if isinstance(note, ast.expr) else ():
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield from _WORD.findall(text.value)


def _at_once(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what lies in it, without the bodies of functions and classes: those run later, or define."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        yield inner
        if not isinstance(inner, (*_FUNCTION, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(inner))
