"""The notebook's source: built the same each time, true to rubric and solution, and run in a real kernel."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from nbclient import NotebookClient
from notebook_course import ORDINARY, Course, Notebook, answers_of, by_name, filled, is_answer, source_of
from repository import ROOT

from grader.cli import app
from grader.content import SOLUTION, Content, find_content, lines_in_a_row, plain
from grader.notebook.bridge import cell_name
from grader.notebook.promises import check_notebook
from grader.notebook.source import NOTEBOOK, SOURCE, files

pytest_plugins = ("notebook_fixtures",)
pytestmark = [pytest.mark.xdist_group("notebook"), pytest.mark.filterwarnings(ORDINARY)]
FAULTS = {
    'criterion="commit.ids" points=4': ('criterion="commit.ids" points=5', "commit.ids is missing or differs"),
    "# commit.ids (4 points)": ("# commit.ids (five points)", "commit.ids is missing or differs"),
    '# %% criterion="commit.ids" points=4': ('# %% criterion="commit.idz" points=4', "does not have: commit.idz"),
    "session.add_all(rows)": ("session.add(rows)", "preview_ids is not the one of"),
    "        session.rollback()\n": ("", "preview_ids is not the one of"),
    "rows_after_second_run = 4": ("rows_after_second_run = 5", "its observations are not those"),
    "    ### BEGIN SOLUTION\n    with Session(engine) as session:\n        rows": (
        "    with Session(engine) as session:\n        rows",
        "gives the solution away",
    ),
}


@pytest.mark.slow
def test_notebook_is_built_the_same_each_time() -> None:
    """Two builds are equal byte for byte, and each cell keeps its name as its id."""
    built = files(find_content())
    assert built == files(find_content())
    cells = json.loads(built[f"{NOTEBOOK}.ipynb"])["cells"]
    assert [cell["id"] for cell in cells] == [
        cell["metadata"]["nbgrader"]["grade_id"].replace("_", "-") for cell in cells
    ]


@pytest.mark.slow
def test_cells_are_the_criteria_of_the_rubric() -> None:
    """The grade cells are the criteria with their points, and each stands below the answer of its task."""
    notebook = json.loads(files(find_content())[f"{NOTEBOOK}.ipynb"])
    points = {name: cell["metadata"]["nbgrader"].get("points") for name, cell in by_name(notebook).items()}
    criteria = find_content().rubric().criteria
    assert {name: given for name, given in points.items() if given} == {cell_name(c.key): c.points for c in criteria}
    order = [name for name in points if name in {cell_name(c.key) for c in criteria} or name.startswith("task_")]
    tasks = {cell_name(c.key): c.task for c in criteria}
    found = [int(name[-1]) if name.startswith("task_") else tasks[name] for name in order]
    assert found == sorted(found)


def test_notebook_keeps_its_promises() -> None:
    """Points, titles, answers and observations agree with the rubric and the solution, and nothing is given away."""
    assert check_notebook(find_content()) == []


@pytest.mark.parametrize("old", FAULTS)
def test_broken_promise_is_found(tmp_path: Path, old: str) -> None:
    """A fault in the source is named with its repair."""
    for folder in ("assignment", "starter"):
        shutil.copytree(find_content().root / folder, tmp_path / folder)
    copy = Content(tmp_path)
    text = copy.read(SOURCE)
    new, message = FAULTS[old]
    assert old in text
    (tmp_path / SOURCE).write_text(text[::-1].replace(old[::-1], new[::-1], 1)[::-1])
    assert [problem for problem in check_notebook(copy) if message in problem.message and problem.repair]


@pytest.mark.slow
def test_release_gives_nothing_away(jupyter: Course) -> None:
    """What students get has neither two lines in a row of the solution, nor a mark of it, nor a name of the grader."""
    content = find_content()
    secret = {pair for name in content.files(SOLUTION, ".py") for pair in lines_in_a_row(content.read(name))}
    release = jupyter.folder / "release" / NOTEBOOK
    assert sorted(file.name for file in release.iterdir()) == ["practice.py", "session_trace.py", f"{NOTEBOOK}.ipynb"]
    code = "\n".join(source_of(cell) for cell in jupyter.released()["cells"])
    for text in (code, (release / "practice.py").read_text()):
        assert not secret & set(pairwise(plain(line) for line in text.splitlines() if line.strip()))
        assert not [word for word in ("SOLUTION", "HIDDEN", "import grader", "grader.") if word in text]
    answers = [cell for cell in by_name(jupyter.released()).values() if is_answer(cell)]
    assert [cell for cell in answers if "raise NotImplementedError" in source_of(cell)] == answers


@pytest.mark.slow
def test_notebook_runs_in_a_real_kernel(jupyter: Course) -> None:
    """Run from top to bottom, the solution passes every check, and a timeline is shown below each task."""
    cells = executed(jupyter, jupyter.solved())
    shown = {name: "".join(map(html_of, cell.outputs)) for name, cell in cells.items()}
    assert all("COMMIT" in shown[f"timeline_{task}"] for task in (1, 2, 4, 5))
    assert "ROLLBACK" in shown["timeline_3"]
    assert all("✓" in str(cell.outputs) for cell in cells.values() if cell.metadata.nbgrader.grade)


@pytest.mark.slow
def test_checks_in_the_notebook_find_mistakes(jupyter: Course) -> None:
    """In a kernel, wrong answers fail the checks of what they break, and an open session is named in the timeline."""
    wrong = answers_of(ROOT / "tests/submissions/rejected/never_closed")
    cells = executed(jupyter, filled(jupyter.solved(), without_models(wrong)), allow_errors=True)
    failed = {name for name, cell in cells.items() if any(out.output_type == "error" for out in cell.outputs)}
    assert {"scope_closed_after_success", "scope_closed_after_failure"} <= failed
    assert "was never closed" in str(cells["timeline_2"].outputs)


def html_of(output: dict[str, Any]) -> str:
    """Return what an output shows as HTML."""
    return str(output.get("data", {}).get("text/html", ""))


def executed(jupyter: Course, notebook: Notebook, **how: Any) -> dict[str, Any]:  # noqa: ANN401  # the options of nbclient
    """Run a notebook in a kernel, beside the files that were released with it; return its code cells by name."""
    ran = nbformat.reads(json.dumps(notebook), as_version=4)
    place = {"metadata": {"path": str(jupyter.folder / "release" / NOTEBOOK)}}
    NotebookClient(ran, resources=place, **how).execute()
    return {cell.metadata.nbgrader.grade_id: cell for cell in ran.cells if cell.cell_type == "code"}


def without_models(answers: dict[str, str]) -> dict[str, str]:
    """Return the answers without the import of a module that a notebook does not have."""
    return {
        name: "\n".join(line for line in text.split("\n") if not line.startswith("from models import"))
        for name, text in answers.items()
    }


@pytest.mark.slow
def test_command_makes_a_course(tmp_path: Path) -> None:
    """A new folder becomes a course with settings; a course that has some keeps them, and is told what it needs."""
    first = CliRunner().invoke(app, ["nbgrader", "new", str(tmp_path / "course")], catch_exceptions=False)
    assert "nbgrader generate_assignment sessions" in first.output
    settings = tmp_path / "course" / "nbgrader_config.py"
    assert "configure(c)" in settings.read_text()
    settings.write_text("c = get_config()\n")
    second = CliRunner().invoke(app, ["nbgrader", "new", str(tmp_path / "course")], catch_exceptions=False)
    assert settings.read_text() == "c = get_config()\n"
    assert "from grader.notebook.settings import configure" in second.output


def test_nothing_else_needs_nbgrader() -> None:
    """Without nbgrader and what comes with it, every module outside of the notebook's can be imported."""
    program = """
import importlib, pkgutil, sys
from importlib.abc import MetaPathFinder

class Lean(MetaPathFinder):
    def find_spec(self, name, *_):
        if name.split(".")[0] in {"nbgrader", "nbconvert", "nbformat", "nbclient", "jupytext", "traitlets", "IPython"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Lean())
import grader, grader.cli, grader.notebook.command, grader.notebook.promises, grader.notebook.grading
alone = ("grader.notebook", "grader.observe.child", "grader.course.migrations", "grader.__main__")
for module in pkgutil.walk_packages(grader.__path__, "grader."):
    if not module.name.startswith(alone) and "checks.check_" not in module.name:
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
