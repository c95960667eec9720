"""nbgrader autogrades the notebook through our grader: what costs points, what costs nothing, and what is written."""

from __future__ import annotations

import csv
import importlib
import json
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from course_samples import report
from nbgrader.plugins import CsvExportPlugin
from notebook_course import (
    ORDINARY,
    Course,
    Notebook,
    by_name,
    edited,
    filled,
    is_answer,
    name_of,
    own,
    source_of,
)

from grader import flow
from grader.content import find_content
from grader.notebook import cleaning, preprocessors
from grader.notebook.bridge import cell_name
from grader.notebook.source import NOTEBOOK

pytest_plugins = ("notebook_fixtures",)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("notebook"),
    pytest.mark.filterwarnings(ORDINARY),
]
FULL = {cell_name(criterion.key): float(criterion.points) for criterion in find_content().rubric().criteria}
FLUSH = {"flush_ids": 0.0, "flush_nothing_stored": 0.0}
SENTINEL = "document.title='taken'"
Cells = list[dict[str, Any]]


def with_answers(notebook: Notebook, **changes: Callable[[str], str]) -> Notebook:
    """Return a notebook in which these answers went through a function."""
    return filled(notebook, {name: change(source_of(by_name(notebook)[name])) for name, change in changes.items()})


def before(text: str) -> Callable[[str], str]:
    """Return what puts a text before an answer."""
    return lambda answer: f"{text}\n{answer}"


def imported(package: str) -> list[str]:
    """Return the names of the modules of a package."""
    return [module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__)]


def position(cells: Cells, name: str) -> int:
    """Return where a cell stands."""
    return [name_of(cell) for cell in cells].index(name)


# --- points -----------------------------------------------------------------------------------------------------------


def test_solution_gets_every_point(jupyter: Course) -> None:
    """The solution earns what the rubric gives for each criterion, and nobody has to look at it."""
    assert jupyter.graded("right", jupyter.solved()) == FULL
    with jupyter.book() as book:
        assert not book.find_submission(NOTEBOOK, "right").needs_manual_grade


def test_released_notebook_gets_nothing(jupyter: Course) -> None:
    """A notebook that was handed in as it was handed out earns nothing, and is said to have no response."""
    assert set(jupyter.graded("idle", jupyter.released()).values()) == {0.0}
    assert jupyter.comments("idle")["models"].startswith("No response.")


def test_wrong_answer_costs_its_own_points(jupyter: Course) -> None:
    """A commit for each product costs what it breaks; the comment and the cell say why, and in which line."""
    per_row = """\
def add_products(engine, products):
    ids = []
    for product in products:
        with Session(engine) as session, session.begin():
            row = Product(**product)
            session.add(row)
            session.flush()
            ids.append(row.id)
    return ids"""
    points = jupyter.graded("wrong", filled(jupyter.solved(), {"add_products": per_row}))
    lost = {name for name, maximum in FULL.items() if points[name] != maximum}
    assert lost == {"commit_one_transaction", "rollback_nothing_kept", "script_first_run", "script_second_run"} & lost
    assert {"commit_one_transaction", "rollback_nothing_kept"} <= lost
    shown = "".join(by_name(jupyter.autograded("wrong"))["commit_one_transaction"]["outputs"][0]["text"])
    assert shown.startswith("failed: 0 of 8 points\nexpected: ")
    assert "of the cell add_products: with Session(engine) as session, session.begin():" in shown
    assert "All products of a list arrive in one commit" in jupyter.comments("wrong")["add_products"]


def test_part_of_the_points_is_exact(jupyter: Course) -> None:
    """Five right answers of seven earn two of three points, in the gradebook and in the cell."""
    notebook = with_answers(
        jupyter.solved(),
        observations=lambda text: f"{text}\nrows_after_first_run = 70\nrows_after_second_run = 90",
    )
    assert jupyter.graded("partly", notebook) == FULL | {"observations_agree": 2.0}
    result = by_name(jupyter.autograded("partly"))["observations_agree"]["outputs"][1]
    assert "".join(result["data"]["text/plain"]) == "2.0"


def test_prints_and_warnings_cost_nothing(jupyter: Course) -> None:
    """What is printed, logged or warned of, on any stream, is no fault."""
    noise = """\
import logging, sys, warnings
from sqlalchemy.exc import SAWarning
warnings.warn("at the top", SAWarning)
print("an error", file=sys.stderr)"""
    inside = ') -> list[int]:\n    print("x", file=sys.stderr); warnings.warn("y", SAWarning); logging.error("z")'
    notebook = with_answers(
        jupyter.solved(), add_products=lambda answer: f"{noise}\n{answer.replace(') -> list[int]:', inside)}"
    )
    assert jupyter.graded("noisy", notebook) == FULL


# --- what costs itself only -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("top", ["import os\nos._exit(3)", "while True: pass", "1 / 0", "add_products(engine, [])"])
def test_crash_at_the_top_of_a_cell_costs_nothing_else(jupyter: Course, top: str) -> None:
    """What ends, hangs or breaks at the top of a cell takes no point from the functions."""
    notebook = with_answers(jupyter.solved(), preview_ids=lambda answer: f"{answer}\n{top}")
    assert jupyter.graded(f"crash{len(top)}", notebook) == FULL


@pytest.mark.parametrize("body", ["import os; os._exit(3)", "while True: pass"])
def test_crash_in_a_function_costs_its_own_points(jupyter: Course, body: str) -> None:
    """A function that ends the process, or never returns, loses its criteria and no others."""
    points = jupyter.graded(
        f"broken{len(body)}",
        filled(jupyter.solved(), {"preview_ids": f"def preview_ids(engine, products):\n    {body}"}),
    )
    assert {name: points[name] for name in FULL if points[name] != FULL[name]} == FLUSH


def test_cell_that_is_not_python_costs_itself(jupyter: Course) -> None:
    """A syntax error in one answer leaves the others alone, and its comment says where it is."""
    points = jupyter.graded(
        "typo", filled(jupyter.solved(), {"preview_ids": "def preview_ids(engine, products)\n    x"})
    )
    assert {name: points[name] for name in FULL if points[name] != FULL[name]} == FLUSH
    assert "This cell was left out: line 1: expected ':'" in jupyter.comments("typo")["preview_ids"]


def test_duplicated_cells_cost_nothing(jupyter: Course) -> None:
    """Of several copies of a cell the last one that was written into counts, and all others are plain cells."""

    def copy(cells: Cells) -> None:
        stubs = by_name(jupyter.released())
        for name in ("add_products", "commit_stored", "task_1"):
            cells.insert(position(cells, name) + 1, stubs[name])
            cells.insert(0, stubs[name])

    assert jupyter.graded("twice", edited(jupyter.solved(), copy)) == FULL
    names = [name_of(cell) for cell in jupyter.autograded("twice")["cells"]]
    assert names.count("add_products") == names.count("commit_stored") == names.count("task_1") == 1


def test_deleted_cells_are_put_back(jupyter: Course) -> None:
    """Deleted grade cells and texts are put back in their places, and a deleted answer costs what it was for."""

    def delete(cells: Cells) -> None:
        gone = {"intro", "setup", "task_1", "models_", "preview_ids", "timeline_3", *FULL}
        cells[:] = [cell for cell in cells if name_of(cell) not in gone]

    notebook = edited(jupyter.solved(), delete)
    points = jupyter.graded("short", notebook)
    assert {name: points[name] for name in FULL if points[name] != FULL[name]} == FLUSH
    wanted = [name_of(cell) for cell in jupyter.released()["cells"]]
    assert [name_of(cell) for cell in jupyter.autograded("short")["cells"]] == wanted


def test_metadata_of_another_time_stops_nobody(jupyter: Course) -> None:
    """What a student wrote into the metadata of a cell has no effect: neither on points nor on the class."""

    def forge(cells: Cells) -> None:
        for cell in cells:
            cell["metadata"]["nbgrader"] |= {"schema_version": 99, "points": 1000, "solution": False, "x": [1]}
        cells[0]["metadata"]["nbgrader"] = []

    assert jupyter.graded("future", edited(jupyter.solved(), forge)) == FULL


def test_outputs_of_a_student_never_count(jupyter: Course) -> None:
    """Points that a student left as outputs, or wrote into a locked cell, are gone before the grade is made."""

    def forge(cells: Cells) -> None:
        for cell in cells:
            if cell["cell_type"] == "code" and not is_answer(cell):
                cell["source"] = "5.0"
                cell["outputs"] = [
                    {
                        "output_type": "execute_result",
                        "data": {"text/plain": "5.0"},
                        "metadata": {},
                        "execution_count": 1,
                    }
                ]

    assert set(jupyter.graded("forger", edited(jupyter.released(), forge)).values()) == {0.0}
    assert "expect(" in source_of(by_name(jupyter.autograded("forger"))["model_table"])


def test_answers_in_cells_of_ones_own_count(jupyter: Course) -> None:
    """Helpers, imports and whole functions in added cells belong to the answers; experiments between them do not."""
    helper = "from contextlib import closing\ndef scope(engine):\n    return closing(Session(engine))"
    answer = source_of(by_name(jupyter.solved())["preview_ids"]).replace("with Session(engine)", "with scope(engine)")

    def add(cells: Cells) -> None:
        by_name({"cells": cells})["preview_ids"]["source"] = "# see below"
        place = position(cells, "preview_ids")
        cells[place + 1 : place + 1] = [own(helper), own("session = Session(None)\n1 / 0"), own(answer), own("%time")]

    assert jupyter.graded("builder", edited(jupyter.solved(), add)) == FULL


# --- what cannot be read ----------------------------------------------------------------------------------------------


def test_unreadable_notebook_is_one_students_alone(jupyter: Course) -> None:
    """A file that is no notebook is named with its repair, and the next student is graded all the same."""
    no_source = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}
    texts = ["{", "[]", "[" * 100_000, json.dumps(no_source), " " * (preprocessors.MOST_BYTES + 1)]
    for number, text in enumerate(texts):
        jupyter.hand_in(f"mix{number}", text)
    jupyter.hand_in("mixed", jupyter.solved())
    result = jupyter.autograde("mix*")
    assert not result["success"]
    assert result["log"].count("Have it handed in again, saved by Jupyter with its outputs cleared") >= len(texts)
    assert all(f"mix{number}/{NOTEBOOK}/{NOTEBOOK}.ipynb is no notebook" in result["log"] for number in range(4))
    assert jupyter.points("mixed") == FULL


def test_notebook_of_endless_cells_is_refused() -> None:
    """A notebook with more cells than anybody writes is not looked into."""
    with pytest.raises(cleaning.TooManyCells, match="more than 1000"):
        cleaning.cleaned([None] * 1001, [])


# --- withheld, late ---------------------------------------------------------------------------------------------------


def test_withheld_grade_leaves_no_points(jupyter: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the grader itself failed, no score is written, an old one goes, and somebody has to look at it."""
    jupyter.graded("unlucky", jupyter.solved())
    judged = flow.judged

    def withheld(evidence: Any) -> flow.Graded:  # noqa: ANN401  # whatever was observed
        graded = judged(evidence)
        return flow.Graded(report(broken=("commit.ids",)), graded.evidence, graded.document, ("a fault of ours",))

    monkeypatch.setattr(flow, "judged", withheld)
    assert set(jupyter.graded("unlucky", jupyter.solved()).values()) == {None}
    assert "not your fault" in jupyter.comments("unlucky")["models"]
    with jupyter.book() as book:
        assert book.find_submission(NOTEBOOK, "unlucky").needs_manual_grade


def test_late_penalty_is_nbgraders(jupyter: Course) -> None:
    """A submission after the date that nbgrader has loses what the course's own policy takes."""
    jupyter.hand_in("late", jupyter.solved(), at="2026-12-02 12:00:01 UTC")
    jupyter.succeed(jupyter.autograde("late"))
    with jupyter.book() as book:
        assert book.find_submission_notebook(NOTEBOOK, NOTEBOOK, "late").late_submission_penalty == sum(FULL.values())


def test_manual_scores_stay(jupyter: Course) -> None:
    """What a person gave stays when the notebook is graded again."""
    jupyter.graded("regraded", jupyter.released())
    with jupyter.book() as book:
        book.find_grade("commit_ids", NOTEBOOK, NOTEBOOK, "regraded").manual_score = 3.0
        book.db.commit()
    jupyter.succeed(jupyter.autograde("regraded"))
    with jupyter.book() as book:
        assert book.find_grade("commit_ids", NOTEBOOK, NOTEBOOK, "regraded").score == 3.0


def test_export_has_the_score_of_each_student(jupyter: Course, tmp_path: Path) -> None:
    """The export of nbgrader has what was graded, under the name of the assignment."""
    jupyter.graded("exported", jupyter.solved())
    plugin = CsvExportPlugin()
    plugin.to = str(tmp_path / "grades.csv")
    with jupyter.book() as book:
        plugin.export(book)
    rows = csv.DictReader((tmp_path / "grades.csv").read_text().splitlines())
    found = [(row["assignment"], row["score"]) for row in rows if row["student_id"] == "exported"]
    assert found == [(NOTEBOOK, "100.0")]


# --- pages ------------------------------------------------------------------------------------------------------------


def test_nothing_of_a_student_is_live_in_the_feedback(jupyter: Course) -> None:
    """A student's Markdown, raw cells, code and messages are text on the page, and run nowhere."""
    script = f"<script>{SENTINEL}</script>"
    raised = f'def preview_ids(engine, products):\n    raise ValueError("{script}<img src=x onerror=x>")'

    def add(cells: Cells) -> None:
        fence = f"```\n{script}\n```\n~~~\n{script}\n[x](javascript:{SENTINEL})"
        cells += [own(fence, "markdown"), own(script, "raw"), own(f"'{script}'")]
        by_name({"cells": cells})["task_1"]["source"] = script

    notebook = edited(filled(jupyter.solved(), {"preview_ids": raised}), add)
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}, "x": script}}
    notebook["metadata"]["title"] = script
    jupyter.graded("script", notebook)
    page = jupyter.feedback("script")
    assert SENTINEL in page.replace("&#39;", "'")
    assert script not in page
    assert "<img src=x" not in page
    assert f'href="javascript:{SENTINEL}' not in page


def test_feedback_shows_verdicts_and_nothing_hidden(jupyter: Course) -> None:
    """The page of feedback has a verdict for each criterion, and no name of a hidden check."""
    jupyter.graded("reader", jupyter.released())
    page = jupyter.feedback("reader")
    assert page.count("0 of ") >= len(FULL)
    hidden = [name for name in imported("grader.judge.checks") if name.startswith("check_")]
    assert len(hidden) > 3
    assert not [name for name in hidden if name in page]


# --- other notebooks --------------------------------------------------------------------------------------------------


def test_other_notebooks_of_a_course_go_their_ordinary_way(jupyter: Course) -> None:
    """A notebook of another assignment is executed by nbgrader, as ever."""
    about = {"grade": True, "grade_id": "t", "locked": True, "points": 2, "schema_version": 3, "solution": False}
    test = own("assert 1 + 1 == 2") | {"metadata": {"nbgrader": about | {"task": False}}}
    notebook = {"cells": [test], "metadata": jupyter.released()["metadata"], "nbformat": 4, "nbformat_minor": 5}
    for step in ("source", "submitted/eve"):
        (jupyter.folder / step / "sums").mkdir(parents=True)
        (jupyter.folder / step / "sums" / "sums.ipynb").write_text(json.dumps(notebook))
    jupyter.succeed(jupyter.api.generate_assignment("sums"))
    jupyter.succeed(jupyter.api.autograde("sums", "eve"))
    with jupyter.book() as book:
        assert book.find_grade("t", "sums", "sums", "eve").auto_score == 2.0
