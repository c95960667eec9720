"""A submitted notebook made whole again: our cells as they were handed out, a student's own as harmless text.

What a cell is stands in nbgrader's gradebook, never in the notebook: a student may have changed, copied or deleted it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.outputs.text import code_block, log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_CELLS = 1000
"""The most cells that are looked at; the notebook has fifty."""
MISSING = "# This cell was missing, and has been put back as it was handed out.\n"


class TooManyCells(ValueError):  # noqa: N818  # it names the fault
    """A notebook has more cells than anybody writes."""


class Known(NamedTuple):
    """A cell as it was handed out; ``points`` is None where it earns none."""

    name: str
    kind: str
    source: str
    checksum: str
    locked: bool
    points: float | None

    def cell(self, source: str) -> NotebookNode:
        """Return the cell with a source, as nbgrader describes it."""
        graded = {} if self.points is None else {"points": self.points}
        about = {
            "cell_type": self.kind,
            "checksum": self.checksum,
            "grade": self.points is not None,
            "grade_id": self.name,
            "locked": self.locked,
            "schema_version": 3,
            "solution": not self.locked,
            "task": False,
        }
        metadata = {"deletable": False, "nbgrader": {**about, **graded}} | ({"editable": False} if self.locked else {})
        made: NotebookNode = new_code_cell(source) if self.kind == "code" else new_markdown_cell(source)
        made.update(id=self.name.replace("_", "-"), metadata=from_dict(metadata))
        return made


def known_cells(notebook: Any) -> list[Known]:  # noqa: ANN401  # a row of nbgrader's gradebook
    """Return the cells of a notebook in their order, as the gradebook has them."""
    points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    return [
        Known(cell.name, cell.cell_type, cell.source, cell.checksum or "", cell.locked, points.get(cell.name))
        for cell in notebook.source_cells
    ]


def cleaned(cells: Sequence[Any], known: Sequence[Known]) -> list[NotebookNode]:
    """Return the cells of a submission: the known ones whole, each once, the others between them as they stood."""
    if len(cells) > MOST_CELLS:
        raise TooManyCells(f"the notebook has {len(cells)} cells, more than {MOST_CELLS}")
    chosen = dict(_chosen(cells, known))
    names = {number: name for name, number in chosen.items()}
    by_name = {cell.name: cell for cell in known}
    result = [
        by_name[names[number]].cell(_source(by_name[names[number]], cell)) if number in names else _own(cell, number)
        for number, cell in enumerate(cells)
    ]
    for before, cell in zip([None, *known], known, strict=False):
        if cell.name not in chosen:
            _put_back(result, cell, before)
    return result


def _chosen(cells: Sequence[Any], known: Sequence[Known]) -> Iterator[tuple[str, int]]:
    """Yield the name of each known cell and where it stands: of several the last one that was written into."""
    for cell in known:
        found = [number for number, other in enumerate(cells) if _name(other) == cell.name]
        if found:
            yield cell.name, max(found, key=lambda number: (cells[number].source != cell.source, number))


def _name(cell: Any) -> object:  # noqa: ANN401  # a cell of a student's
    about = cell.metadata.get("nbgrader")
    return about.get("grade_id") if isinstance(about, dict) else None


def _source(known: Known, cell: Any) -> str:  # noqa: ANN401  # as above
    return known.source if known.locked else str(cell.source)


def _own(cell: Any, number: int) -> NotebookNode:  # noqa: ANN401  # as above
    """Return a cell of the student's own; what it says is shown as text, as Markdown could hold anything."""
    is_code = cell.cell_type == "code"
    made: NotebookNode = new_code_cell(cell.source) if is_code else new_markdown_cell(code_block(log(cell.source)))
    made.id = f"own-{number}"
    return made


def _put_back(cells: list[NotebookNode], missing: Known, before: Known | None) -> None:
    """Put a missing cell behind the one that it followed, or at the beginning."""
    mark = MISSING if missing.kind == "code" and not missing.locked else ""
    places = [place for place, cell in enumerate(cells, 1) if before is not None and _name(cell) == before.name]
    cells.insert(places[0] if places else 0, missing.cell(mark + missing.source))
