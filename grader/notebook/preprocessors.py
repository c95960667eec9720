"""What nbgrader calls while it autogrades: these take the places of its own parts, by configuration alone.

Notebooks other than ours go their ordinary way, so that a course may have both.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_output
from nbformat.validator import normalize
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor, SaveAutoGrades
from traitlets import Unicode

from grader.notebook import cells, cleaning, telling
from grader.notebook.composing import ANSWERS
from grader.notebook.grading import NotebookGrade, grade
from grader.notebook.source import NOTEBOOK
from grader.outputs.text import visible

MOST_BYTES = 8 * 1024 * 1024
"""The largest notebook that is read; without outputs ours has a hundredth of it."""
_GIVEN = frozenset({"setup", *ANSWERS})
_GRADE = "sessions_grade"
_Notebook = tuple[Any, dict[str, Any]]
"""A notebook and what is known about it, as nbconvert hands them on."""


class NotebookUnreadable(ValueError):  # noqa: N818  # it names the fault
    """A student's notebook cannot be read; the message names the repair."""


class ReadingExporter(NotebookExporter):
    """Reads notebooks, and says what is wrong with one that it cannot read: nbgrader goes on with the next student."""

    def from_file(self, file_stream: Any, resources: dict[str, Any] | None = None, **more: Any) -> _Notebook:  # noqa: ANN401  # nbconvert's own
        """Return a notebook that went through all preprocessors; NotebookUnreadable."""
        if Path(file_stream.name).stem == NOTEBOOK:
            read: _Notebook = super().from_notebook_node(_opened(file_stream), resources=resources, **more)  # type: ignore[no-untyped-call]  # nbconvert's own
        else:
            read = super().from_file(file_stream, resources=resources, **more)
        return read


def _opened(file: Any) -> Any:  # noqa: ANN401  # an open file, and a notebook
    """Return the notebook in a file; NotebookUnreadable."""
    again = "Have it handed in again, saved by Jupyter with its outputs cleared"
    if (size := Path(file.name).stat().st_size) > MOST_BYTES:
        raise NotebookUnreadable(f"{file.name} has {size} bytes, more than {MOST_BYTES}. {again}.")
    try:
        with warnings.catch_warnings(action="ignore"):  # cells that have no id, or that of another cell, are no fault
            _, notebook = normalize(nbformat.read(file, as_version=4))
            nbformat.validate(notebook)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, nbformat.ValidationError) as error:
        raise NotebookUnreadable(f"{file.name} is no notebook: {visible(str(error), 200)}. {again}.") from error
    return notebook


class CleanCells(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Makes a submitted notebook whole: our cells as they were handed out, the student's own as harmless text."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> _Notebook:  # noqa: ANN401  # a notebook
        """Return the notebook with its cells put right, and nothing else that a student may have put into it."""
        about = resources["nbgrader"]
        if about["notebook"] == NOTEBOOK:
            with Gradebook(about["db_url"]) as book:
                known = cleaning.known_cells(book.find_notebook(NOTEBOOK, about["assignment"]))
            nb = nbformat.v4.new_notebook(cells=cleaning.cleaned(nb.cells, known))
        return nb, resources


class SandboxGrade(Execute):  # type: ignore[misc]  # as above
    """Grades the notebook in the sandbox, where nbgrader would execute it, and writes the verdicts into its cells."""

    isolation = Unicode("", help="The level of isolation; by default the best safe one.").tag(config=True)

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> _Notebook:  # noqa: ANN401  # as above
        """Return the notebook with the verdicts as outputs of its grade cells."""
        about = resources["nbgrader"]
        if about["notebook"] != NOTEBOOK:
            return super().preprocess(nb, resources)  # type: ignore[no-any-return]  # as above
        found = grade(about["student"], _read(nb), self.isolation or None)
        for flag in found.report.flags:
            self.log.warning("Look at this: %s: %s", flag.key, visible(flag.message))
        for cell in nb.cells:
            if name := _name_of_grade_cell(cell):
                cell.outputs = list(_outputs(found, name))
        about[_GRADE] = found
        return nb, resources


def _read(nb: Any) -> list[cells.Cell]:  # noqa: ANN401  # as above
    """Return the cells that may belong to an answer: the answers, the one that was given for them, the student's."""
    named = [(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell) for cell in nb.cells]
    wanted = [(name, cell) for name, cell in named if cell.cell_type == "code" and (not name or name in _GIVEN)]
    return [cells.read(name, cell.source) for name, cell in wanted]


def _name_of_grade_cell(cell: Any) -> str:  # noqa: ANN401  # as above
    about = cell.metadata.get("nbgrader", {})
    return str(about["grade_id"]) if about.get("grade") else ""


def _outputs(found: NotebookGrade, name: str) -> list[Any]:
    """Return what a grade cell shows: its verdict, and its points in the way in which nbgrader reads them."""
    shown = [new_output("stream", name="stdout", text=telling.verdict(found, name))]
    points = telling.points(found, name)
    if points is not None:
        shown.append(new_output("execute_result", data={"text/plain": json.dumps(points)}, execution_count=1))
    return shown


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]  # as above
    """Writes points and comments into nbgrader's gradebook; a grade that is withheld leaves no points there."""

    def _add_score(self, cell: Any, resources: dict[str, Any]) -> None:  # noqa: ANN401  # as above
        found = resources["nbgrader"].get(_GRADE)
        if found is None:
            super()._add_score(cell, resources)
            return
        kept = self._kept(self.gradebook.find_grade, cell)
        kept.auto_score = telling.points(found, cell.metadata.nbgrader["grade_id"])
        kept.needs_manual_grade = kept.auto_score is None or kept.manual_score is not None
        self.gradebook.db.commit()

    def _add_comment(self, cell: Any, resources: dict[str, Any]) -> None:  # noqa: ANN401  # as above
        super()._add_comment(cell, resources)
        found = resources["nbgrader"].get(_GRADE)
        if found is not None:
            kept = self._kept(self.gradebook.find_comment, cell)
            said = telling.comment(found, cell.metadata.nbgrader["grade_id"])
            kept.auto_comment = "\n\n".join(filter(None, [kept.auto_comment, said]))
            self.gradebook.db.commit()

    def _kept(self, find: Any, cell: Any) -> Any:  # noqa: ANN401  # a method of nbgrader's gradebook, and its row
        return find(cell.metadata.nbgrader["grade_id"], self.notebook_id, self.assignment_id, self.student_id)
