"""A course folder of nbgrader's with our notebook in it, and students who hand in."""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

from grader.content import SIGNATURES, find_content
from grader.notebook import settings
from grader.notebook.source import NOTEBOOK

ORDINARY = "ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning"
"""nbgrader adds a submission to a student before both are in the session; all of it is stored."""
DUE = "2026-12-01 12:00:00 UTC"
Notebook = dict[str, Any]


class Course:
    """A course with the notebook released."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        settings.add_to(folder, find_content())
        self.config = Config()
        self.config.CourseDirectory.root = str(folder)
        self.config.CourseDirectory.course_id = "databases"
        self.config.Exchange.root = str(folder)
        self.config.LateSubmissionPlugin.penalty_method = "zero"
        settings.configure(self.config)
        self.api = NbGraderAPI(config=self.config)
        self.succeed(self.api.generate_assignment(NOTEBOOK))
        with self.book() as book:
            book.update_or_create_assignment(NOTEBOOK, duedate=DUE)

    def succeed(self, result: dict[str, Any]) -> None:
        """Fail with the log of a command of nbgrader's that failed."""
        assert result["success"], result["log"]

    def released(self) -> Notebook:
        """Return the notebook that students get."""
        return read(self.folder / "release" / NOTEBOOK / f"{NOTEBOOK}.ipynb")

    def solved(self) -> Notebook:
        """Return the notebook with its solution, as a student would hand it in."""
        answers = {name: source_of(cell) for name, cell in by_name(self.source()).items() if is_answer(cell)}
        return filled(self.released(), answers)

    def source(self) -> Notebook:
        """Return the notebook from which the released one is made."""
        return read(self.folder / "source" / NOTEBOOK / f"{NOTEBOOK}.ipynb")

    def hand_in(self, student: str, notebook: Notebook | str, at: str = "2026-11-20 10:00:00 UTC") -> None:
        """Put a notebook, or any text in its place, where nbgrader collects what students hand in."""
        folder = self.folder / "submitted" / student / NOTEBOOK
        folder.mkdir(parents=True, exist_ok=True)
        text = notebook if isinstance(notebook, str) else json.dumps(notebook)
        (folder / f"{NOTEBOOK}.ipynb").write_text(text)
        (folder / "timestamp.txt").write_text(at)

    def autograde(self, student: str) -> dict[str, Any]:
        """Autograde one student; return what nbgrader says of it."""
        result: dict[str, Any] = self.api.autograde(NOTEBOOK, student)
        return result

    def graded(self, student: str, notebook: Notebook) -> dict[str, float | None]:
        """Hand in and autograde; return the points of each grade cell."""
        self.hand_in(student, notebook)
        self.succeed(self.autograde(student))
        return self.points(student)

    @contextmanager
    def book(self) -> Iterator[Any]:
        """Open nbgrader's gradebook."""
        with Gradebook(self.api.coursedir.db_url, "databases") as book:
            yield book

    def points(self, student: str) -> dict[str, float | None]:
        """Return the points that nbgrader's gradebook has, by grade cell."""
        with self.book() as book:
            submission = book.find_submission_notebook(NOTEBOOK, NOTEBOOK, student)
            return {grade.name: grade.auto_score for grade in submission.grades}

    def comments(self, student: str) -> dict[str, str]:
        """Return the comments that nbgrader's gradebook has, by answer."""
        with self.book() as book:
            submission = book.find_submission_notebook(NOTEBOOK, NOTEBOOK, student)
            return {comment.name: comment.comment or "" for comment in submission.comments}

    def autograded(self, student: str) -> Notebook:
        """Return the notebook that was made in autograding."""
        return read(self.folder / "autograded" / student / NOTEBOOK / f"{NOTEBOOK}.ipynb")

    def feedback(self, student: str) -> str:
        """Generate and return a student's page of feedback."""
        self.succeed(self.api.generate_feedback(NOTEBOOK, student))
        return (self.folder / "feedback" / student / NOTEBOOK / f"{NOTEBOOK}.html").read_text()


# --- notebooks --------------------------------------------------------------------------------------------------------


def read(file: Path) -> Notebook:
    """Return a notebook as JSON has it."""
    notebook: Notebook = json.loads(file.read_text())
    return notebook


def name_of(cell: dict[str, Any]) -> str:
    """Return the name that nbgrader knows a cell by; empty for one that it does not know."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def by_name(notebook: Notebook) -> dict[str, dict[str, Any]]:
    """Return the cells that nbgrader knows, by name."""
    return {name: cell for cell in notebook["cells"] if (name := name_of(cell))}


def is_answer(cell: dict[str, Any]) -> bool:
    """Tell whether a cell is a student's to fill."""
    return bool(cell["metadata"]["nbgrader"]["solution"])


def source_of(cell: dict[str, Any]) -> str:
    """Return the source of a cell, which may be stored as lines."""
    return "".join(cell["source"])


def filled(notebook: Notebook, answers: dict[str, str]) -> Notebook:
    """Return a notebook with these answers."""
    changed = json.loads(json.dumps(notebook))
    for name, answer in answers.items():
        by_name(changed)[name]["source"] = answer
    return changed  # type: ignore[no-any-return]  # JSON


def edited(notebook: Notebook, edit: Callable[[list[dict[str, Any]]], object]) -> Notebook:
    """Return a notebook whose list of cells went through ``edit``."""
    changed = json.loads(json.dumps(notebook))
    edit(changed["cells"])
    return changed  # type: ignore[no-any-return]  # JSON


def own(source: str, kind: str = "code") -> dict[str, Any]:
    """Return a cell of a student's own."""
    cell = {"cell_type": kind, "id": "mine", "metadata": {}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def answers_of(folder: Path) -> dict[str, str]:
    """Return what a student of a repository would have written into the notebook."""
    script = (folder / "transaction_script.py").read_text()
    seen = tomllib.loads((folder / "observations.toml").read_text())
    return {
        "models": (folder / "models.py").read_text(),
        **_pieces(script),
        "observations": "\n".join(f"{name} = {value!r}" for name, value in seen.items()),
    }


def _pieces(script: str) -> dict[str, str]:
    """Return a script cut where each of the four functions begins; whole, if they do not stand in the usual order."""
    starts = {
        node.name: min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        for node in ast.parse(script).body
        if isinstance(node, ast.FunctionDef) and node.name in SIGNATURES
    }
    if list(starts) != list(SIGNATURES):
        return {**dict.fromkeys(SIGNATURES, ""), "add_products": script}
    lines = script.split("\n")
    cuts = [0, *(line - 1 for line in list(starts.values())[1:]), len(lines)]
    return {name: "\n".join(lines[a:b]) for name, a, b in zip(SIGNATURES, cuts, cuts[1:], strict=False)}
