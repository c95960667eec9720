"""One-cell attacks that take nbgrader's own autograding gain nothing through ours, and write nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from notebook_course import ORDINARY, Course, answers_of, edited, filled, own
from repository import ROOT

from grader.content import SOLUTION
from grader.notebook.cells import read
from grader.notebook.grading import grade

pytest_plugins = ("notebook_fixtures",)
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("notebook"), pytest.mark.filterwarnings(ORDINARY)]
ATTACKS = {
    "transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
    "run_cell": """\
shell = get_ipython()
async def run_cell_async(*_, **__):
    from IPython.core.interactiveshell import ExecutionResult, ExecutionInfo
    return ExecutionResult(ExecutionInfo("", False, False, False, ""))
shell.run_cell_async = run_cell_async""",
    "gradebook": """\
import glob, sqlite3
for name in ["../../../gradebook.db", "../../gradebook.db", {gradebook!r}]:
    try:
        with sqlite3.connect(name) as book:
            book.execute("UPDATE grade SET manual_score = 100")
    except Exception:
        pass""",
}


def dump(jupyter: Course) -> list[str]:
    """Return all that nbgrader's gradebook holds of scores set by hand."""
    with closing(sqlite3.connect(jupyter.folder / "gradebook.db")) as book:
        return [
            str(row) for row in book.execute("SELECT id, manual_score, extra_credit FROM grade WHERE manual_score > 0")
        ]


@pytest.mark.parametrize(
    ("attack", "cell"), [("transformer", "models"), ("run_cell", "add_products"), ("gradebook", "")]
)
def test_attack_gains_nothing(jupyter: Course, attack: str, cell: str) -> None:
    """The attack in an answer, or in a cell of its own, earns no point, and the gradebook stays as it was."""
    code = ATTACKS[attack].format(gradebook=str(jupyter.folder / "gradebook.db"))
    before = dump(jupyter)
    notebook = jupyter.released()
    hostile = filled(notebook, {cell: code}) if cell else edited(notebook, lambda cells: cells.insert(1, own(code)))
    assert set(jupyter.graded(f"{attack}-{cell or 'own'}", hostile).values()) == {0.0}
    assert dump(jupyter) == before


def test_attack_inside_of_a_function_gains_nothing(jupyter: Course) -> None:
    """Code that runs while the grade is made reaches neither the gradebook nor the notebook's points."""
    code = ATTACKS["gradebook"].format(gradebook=str(jupyter.folder / "gradebook.db"))
    body = "def preview_ids(engine, products):\n" + "\n".join(f"    {line}" for line in code.splitlines())
    before = dump(jupyter)
    points = jupyter.graded("insider", filled(jupyter.solved(), {"preview_ids": body}))
    assert (points["flush_ids"], points["flush_nothing_stored"]) == (0.0, 0.0)
    assert dump(jupyter) == before


@pytest.mark.parametrize("module", ["nbgrader", "IPython"])
def test_student_code_has_no_nbgrader(module: str) -> None:
    """What is installed beside the grader is not there for student code: neither nbgrader nor a notebook's shell."""
    answers = answers_of(ROOT / SOLUTION)
    answers["models"] = f"import {module}\nBASE = {module}.__name__\n" + answers["models"].split("annotations\n", 1)[1]
    answers["models"] += (
        "\n\nclass More(Base):\n    __tablename__ = BASE\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    )
    answers["models"] = answers["models"].replace("class Product(Base):", "class Product(Base):\n    origin = BASE")
    report = grade("curious", [read(name, source) for name, source in answers.items()]).report
    (table,) = [criterion for criterion in report.criteria if criterion.key == "model.table"]
    assert "ModuleNotFoundError" in table.seen
