"""How a program is changed in one place: an operator rewrites a block of statements, or one node of the tree."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Block = list[ast.stmt]
_Element = TypeVar("_Element")
_Rewrite = TypeVar("_Rewrite", bound="Callable[[Any], Iterator[Any]]")


@dataclass(frozen=True)
class Operator:
    """One kind of mistake. ``rewrite`` yields every way to make it in something of the type ``kind``.

    ``may_cost`` are the criteria whose sentences it can break, none for all: it is made only where one of them is at
    stake, and it is diagnosed when nothing else is lost.
    """

    name: str
    kind: type
    rewrite: Callable[[Any], Iterator[Any]]
    may_cost: frozenset[str]


class Operators(list[Operator]):
    """A collection of operators, in order; the earlier one gives its name to what two of them make alike."""

    def rewrites(self, kind: type, *may_cost: str) -> Callable[[_Rewrite], _Rewrite]:
        """Make a function an operator on ``kind``: a type of node, or ``list`` for a block of statements."""

        def add(rewrite: _Rewrite) -> _Rewrite:
            self.append(Operator(rewrite.__name__, kind, rewrite, frozenset(may_cost)))
            return rewrite

        return add


@dataclass(frozen=True)
class _Site:
    """A place in a tree: a field of a node, or one element of it."""

    holder: ast.AST
    field: str
    index: int | None = None

    def get(self) -> Any:  # noqa: ANN401  # whatever a tree holds
        """Return what stands here."""
        value = getattr(self.holder, self.field)
        return value if self.index is None else value[self.index]

    def put(self, new: Any) -> None:  # noqa: ANN401  # as above
        """Put something else here."""
        if self.index is None:
            setattr(self.holder, self.field, new)
        else:
            getattr(self.holder, self.field)[self.index] = new


def rewritten(tree: ast.Module, part: ast.stmt, operator: Operator) -> Iterator[str]:
    """Yield the source of ``tree`` with each change that an operator makes in ``part``, a statement at its top."""
    for site in _sites(_Site(tree, "body", tree.body.index(part))):
        old = site.get()
        if isinstance(old, operator.kind):
            for new in list(operator.rewrite(old)):
                site.put(new if new != [] else [ast.Pass()])
                yield ast.unparse(tree)
                site.put(old)


def _sites(top: _Site) -> Iterator[_Site]:
    yield top
    for node in list(ast.walk(top.get())):
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                yield _Site(node, field)
            elif isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    yield _Site(node, field)
                yield from (_Site(node, field, index) for index, each in enumerate(value) if isinstance(each, ast.AST))


# --- words for operators ----------------------------------------------------------------------------------------------


def with_fields(node: Any, **fields: Any) -> Any:  # noqa: ANN401  # the same kind of node as came in
    """Return a copy of a node with other fields."""
    changed = copy.copy(node)
    for field, value in fields.items():
        setattr(changed, field, value)
    return changed


def expression(text: str, **parts: ast.expr) -> ast.expr:
    """Return the expression that a text writes, with ``parts`` in the place of these names."""
    return _Filled(parts).visit(ast.parse(text, mode="eval").body)  # type: ignore[no-any-return]  # what it visits


def statements(text: str, **parts: ast.expr) -> Block:
    """Return the statements that a text writes, with ``parts`` in the place of these names."""
    return [_Filled(parts).visit(statement) for statement in ast.parse(text).body]


class _Filled(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self._parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._parts.get(node.id, node)


def instead(listed: list[_Element], place: int, *new: _Element) -> list[_Element]:
    """Return a list, a block of statements say, with others or none in the place of one."""
    return [*listed[:place], *new, *listed[place + 1 :]]


def called(node: ast.AST, *methods: str) -> ast.expr | None:
    """Return the object of which a statement or an expression calls one of these methods, None if it does not."""
    call = node.value if isinstance(node, ast.Expr) else node
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in methods:
        return call.func.value
    return None


def name_called(node: ast.AST) -> str:
    """Return the last name of what an expression calls: ``Session`` for ``orm.Session(engine)``."""
    if not isinstance(node, ast.Call):
        return ""
    return ast.unparse(node.func).rpartition(".")[2]


def calls(block: Block, *methods: str) -> Iterator[tuple[int, ast.stmt, ast.expr]]:
    """Yield place, statement and object of each statement in a block that calls one of these methods."""
    for place, statement in enumerate(block):
        target = called(statement, *methods)
        if target is not None:
            yield place, statement, target
