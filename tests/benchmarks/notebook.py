"""Makes an nbgrader course whose one submission is the reference solution as a notebook, a cell for each function."""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .family import Program

ASSIGNMENT, STUDENT = "sessions", "alice"
_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\n"
_OF_THE_SUBMISSION = {"models", "transaction_script"}


def autograde(venv: Path, course: Path, sources: Path, checks: Path) -> Program:
    """Return the command that autogrades the submission of a new course.

    ``venv`` holds nbgrader, SQLAlchemy and pytest; ``sources`` is the folder with the solution, ``checks`` the file
    with the tests.
    """
    tools = venv.resolve() / "bin"
    path = {"PATH": f"{tools}:/usr/bin:/bin"}  # nbgrader calls alembic, and Jupyter the kernel, by name
    notebook = json.dumps(_notebook(sources, checks))
    for folder in (course / "source" / ASSIGNMENT, course / "submitted" / STUDENT / ASSIGNMENT):
        folder.mkdir(parents=True)
        (folder / f"{ASSIGNMENT}.ipynb").write_text(notebook)
    (course / "nbgrader_config.py").write_text(_CONFIG)
    made = Program([str(tools / "nbgrader"), "generate_assignment", ASSIGNMENT], course, path)
    with made.started():
        pass
    return Program([str(tools / "nbgrader"), "autograde", ASSIGNMENT, "--student", STUDENT, "--force"], course, path)


def installed(venv: Path) -> str:
    """Return the version of nbgrader in ``venv``, after its name."""
    ask = "from importlib.metadata import version; print('nbgrader', version('nbgrader'))"
    return subprocess.run([venv / "bin/python", "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def _notebook(sources: Path, checks: Path) -> dict[str, Any]:
    cells = [
        _cell(f"solution-{number}", text, solution=True)
        for name in ("models.py", "transaction_script.py")
        for number, text in enumerate(_pieces(sources / name), 1 if name == "models.py" else 10)
    ]
    *given, model, commit, rollback = _pieces(checks)
    cells.append(_cell("given", "\n\n".join([*given, "import tempfile"])))
    for test in (model, commit, rollback):
        name = ast.parse(test).body[0].name  # type: ignore[attr-defined]  # a function
        cells.append(_cell(name, f"{test}\n\n\n{name}(Path(tempfile.mkdtemp()))", points=1))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _pieces(file: Path) -> Iterator[str]:
    """Yield the source of a file: what stands before the first function or class, then each of these."""
    text = file.read_text()
    head: list[str] = []
    for node in ast.parse(text).body:
        source = ast.get_source_segment(text, node) or ""
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if head:
                yield "\n".join(head)
                head = []
            yield source
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and getattr(node, "module", "") not in _OF_THE_SUBMISSION:
            head.append(source)


def _cell(name: str, source: str, *, solution: bool = False, points: int | None = None) -> dict[str, Any]:
    grade = {} if points is None else {"points": points}
    about = {"grade": points is not None, "grade_id": name, "locked": not solution, "solution": solution, "task": False}
    return {
        "cell_type": "code",
        "id": name,
        "source": source,
        "metadata": {"nbgrader": {"schema_version": 3, **about, **grade}},
        "outputs": [],
        "execution_count": None,
    }
