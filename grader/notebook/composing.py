"""The files of a submission out of the cells of a notebook, and from which cell each line of them came.

A cell that answers a task belongs to its file as it stands, without calls of the four functions at its top: these are
for trying out. Of all other cells comes what is used there and bound nowhere else: imports, functions, classes, values.
"""

from __future__ import annotations

import ast
import builtins
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.content import SIGNATURES
from grader.observe.submission import MODEL, OBSERVATIONS, SCRIPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.notebook.cells import Cell, Statement

FUNCTIONS = frozenset(SIGNATURES)
ANSWERS = {"models": MODEL, **dict.fromkeys(SIGNATURES, SCRIPT), "observations": OBSERVATIONS}
"""The file that each answer belongs to."""
_ROOTS = {MODEL: {"Base", "Product"}, SCRIPT: set(SIGNATURES)}
_KNOWN = frozenset(dir(builtins))
_PROGRAM = ("", "", 'if __name__ == "__main__":', "    import sys", "", "    main(*sys.argv[1:2])")
_HANDED_OUT = frozenset({"practice", "session_trace"})
"""What lies beside the notebook for the checks, and not where a grade is made."""
_LARGEST = 64
"""Bits of the largest number that is taken for an observation."""
_Pick = dict[int, list["Statement"]]
_Line = tuple[str, tuple[str, int] | None]


@dataclass
class Composed:
    """Files by name, and for each line of them the name of its cell and its line there, None for a line of ours."""

    files: dict[str, str] = field(default_factory=dict)
    origins: dict[str, list[tuple[str, int] | None]] = field(default_factory=dict)

    def add(self, name: str, lines: Sequence[_Line]) -> None:
        """Add a file."""
        self.files[name] = "".join(f"{text}\n" for text, _ in lines)
        self.origins[name] = [origin for _, origin in lines]

    def origin(self, file: str, line: int) -> tuple[str, int] | None:
        """Return the name of the cell from which a line came, and its line there; None if it came from none."""
        lines = self.origins.get(file, [])
        return lines[line - 1] if 0 < line <= len(lines) else None


def compose(cells: Sequence[Cell], *, only_what_is_used: bool = False) -> Composed:
    """Return the files that cells make, in the order of the notebook.

    ``only_what_is_used`` leaves out of the answers, too, whatever the four functions and the model do not use.
    """
    composed = Composed()
    for file in (MODEL, SCRIPT):
        picked, borrowed = _Picking(cells, file, whole=not only_what_is_used).result()
        composed.add(file, list(_lines(cells, file, picked, borrowed)))
    composed.add(OBSERVATIONS, list(_observations(cells)))
    return composed


class _Picking:
    """Picks the statements of one file, by the number of their cell."""

    def __init__(self, cells: Sequence[Cell], file: str, *, whole: bool) -> None:
        self._cells = cells
        self._file = file
        self._picked: _Pick = {number: [] for number in range(len(cells))}
        self._from_models: set[str] = set()
        self._usable = {
            number: [s for s in cell.statements if not (s.calls(FUNCTIONS) or s.imports(_HANDED_OUT))]
            for number, cell in enumerate(cells)
        }
        answers = self._answers(file) if whole else []
        for number, statements in self._usable.items():
            self._picked[number] += [s for s in statements if number in answers or s.imports_everything]

    def _answers(self, file: str) -> list[int]:
        return [number for number, cell in enumerate(self._cells) if ANSWERS.get(cell.name) == file]

    def result(self) -> tuple[_Pick, set[str]]:
        """Return the statements, and the names that come from the module of the models."""
        kept = [statement for statements in self._picked.values() for statement in statements]
        bound = {name for statement in kept for name in statement.binds} | _KNOWN
        wanted = [*_ROOTS[self._file], *(name for statement in kept for name in statement.uses)]
        while wanted:
            if (name := wanted.pop()) in bound:
                continue
            bound.add(name)
            if found := self._find(name):
                wanted += found.uses
        return self._picked, self._from_models

    def _find(self, name: str) -> Statement | None:
        """Pick the statement that binds a name: an answer's before any other, the last one before those above it."""
        models = self._answers(MODEL) if self._file == SCRIPT else []
        first = [*self._answers(self._file), *models]
        for number in (*reversed(first), *reversed([n for n in self._usable if n not in first])):
            for statement in reversed(self._usable[number]):
                if statement.defines and name in statement.binds:
                    if number in models and not isinstance(statement.node, ast.Import | ast.ImportFrom):
                        self._from_models.add(name)
                        return None
                    self._picked[number].append(statement)
                    return statement
        return None


def _lines(cells: Sequence[Cell], file: str, picked: _Pick, from_models: set[str]) -> Iterator[_Line]:
    """Yield the lines of a file in the order of the notebook."""
    for future in sorted({s.text for cell in cells for s in cell.statements if s.is_future}):
        yield future, None
    if from_models:
        yield f"from models import {', '.join(sorted(from_models))}", None
    for number, cell in enumerate(cells):
        yield from _lines_of(cell, picked[number])
    is_program = any(s.asks_for_the_program for statements in picked.values() for s in statements)
    if file == SCRIPT and not is_program:
        yield from ((line, None) for line in _PROGRAM)


def _lines_of(cell: Cell, statements: list[Statement]) -> Iterator[_Line]:
    """Yield the lines of a cell on which the picked statements stand, and the comments between them."""
    kept = {line for s in statements if not s.is_future for line in s.lines}
    others = {line for s in cell.statements for line in s.lines} - kept
    yield from [("", None)] * (2 if kept else 0)
    for line in range(min(kept, default=1), max(kept, default=0) + 1):
        yield "" if line in others else cell.lines[line - 1], (cell.name, line)


def _observations(cells: Sequence[Cell]) -> Iterator[_Line]:
    """Yield the answers as TOML: what is written as a number, as true or false, or as a text."""
    given = {
        target.id: (cell.name, statement)
        for cell in cells
        if ANSWERS.get(cell.name) == OBSERVATIONS
        for statement in cell.statements
        if isinstance(statement.node, ast.Assign)
        for target in statement.node.targets
        if isinstance(target, ast.Name)
    }
    for name, (cell, statement) in given.items():
        if (value := _toml(statement.node)) and name.isascii():
            yield f"{name} = {value}", (cell, statement.lines.start)


def _toml(node: ast.stmt) -> str:
    try:
        value = ast.literal_eval(node.value)  # type: ignore[attr-defined]  # an assignment has one
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""
    if isinstance(value, bool | str):
        return json.dumps(value)
    if isinstance(value, float) or (isinstance(value, int) and value.bit_length() < _LARGEST):
        return repr(value)
    return ""
