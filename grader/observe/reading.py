"""What can be seen in the sources without running them: where advice may point."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from grader.values import Finding, Source, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|BEGIN|COMMIT|ROLLBACK|CREATE|DROP)\b", re.IGNORECASE)
_RUNS_SQL = frozenset({"text", "execute", "executemany", "executescript", "exec_driver_sql", "scalar", "scalars"})


def findings(sources: Iterable[Source]) -> tuple[Finding, ...]:
    """Return what the sources show, in the order of files and lines; a file that does not parse shows nothing."""
    return tuple(finding for source in sources for finding in _of_file(source))


def _of_file(source: Source) -> list[Finding]:
    try:
        with warnings.catch_warnings(action="ignore"):  # of the student's making, and nothing to stop for
            tree = ast.parse(source.text or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # running it says the same, and says it to the student
    found = {(kind, node.lineno) for node in ast.walk(tree) for kind in _kinds(node)}  # type: ignore[attr-defined]  # these nodes have lines
    ordered = sorted(found, key=lambda pair: (pair[1], pair[0]))
    return [Finding(kind, Where(source.name, line)) for kind, line in ordered]


def _kinds(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises(node):
        yield "bare_except"
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        yield "instance_dict"
    if isinstance(node, ast.Call):
        name = _called_name(node)
        if name == "vars":
            yield "instance_dict"
        if name == "query" and isinstance(node.func, ast.Attribute) and node.args:
            yield "legacy_query"
        if name in _RUNS_SQL and node.args and _is_sql(node.args[0]):
            yield "sql_strings"


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id == "BaseException")


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for statement in handler.body for node in ast.walk(statement))


def _called_name(call: ast.Call) -> str:
    return getattr(call.func, "attr", None) or getattr(call.func, "id", None) or ""


def _is_sql(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_SQL.match(node.value))
