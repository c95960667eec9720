"""The guide to nbgrader: its commands run in its order, and do what it says."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT, blocks, read

pytestmark = [pytest.mark.xdist_group("nbgrader"), pytest.mark.slow]

GUIDE = ".github/NBGRADER.md"
CLASS = {"ada": "accepted/begin_block", "ben": "rejected/commits_in_except", "cleo": "rejected/commit_per_row"}
NOT_HERE = ("python3 -m venv", ".venv/bin/pip", "source ", "python -m jupyter")
"""What makes an environment, or waits for a person: the formgrader has tests of its own."""


def steps() -> list[str]:
    """Return the commands of the guide, in its order."""
    lines = [line for block in blocks(GUIDE, "console") for line in block.text.splitlines()]
    parts = [part for line in lines for part in line.split(" && ")]
    return [part for part in parts if not part.startswith(NOT_HERE)]


# Does the commands one after the other, each in a process of its own that has nbgrader loaded already: that takes
# seconds each time. Where one fails, it ends with its status.
SHELL = """
import json, os, runpy, shutil, sys
import grader.cli, nbgrader.apps.nbgraderapp
for words in json.loads(sys.argv[1]):
    if words[0] == "cd":
        os.chdir(words[1])
    elif words[0] == "cp":
        shutil.copytree(*words[1:])
    elif (child := os.fork()) == 0:
        sys.argv = words
        runpy.run_module(words[0], run_name="__main__")
        os._exit(0)
    elif status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit(f"{status}: {words}")
"""


def test_the_guide_runs_from_top_to_bottom(tmp_path: Path) -> None:
    """With three submissions, and a notebook that comes back as it was handed out, every command of the guide works."""
    for student, submission in CLASS.items():
        shutil.copytree(ROOT / "tests/submissions" / submission, tmp_path / "submissions" / student)
    words = [shlex.split(step.removeprefix("python -m ")) for step in steps()]
    grading = next(number for number, step in enumerate(words) if "autograde" in step)
    words.insert(grading, ["cp", "release/sessions", "submitted/dan/sessions"])
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", SHELL, json.dumps(words)],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (told,) = blocks(GUIDE, "text")
    assert told.text in done.stdout
    made = [
        "totals.csv",
        "criteria.csv",
        "feedback/ben/sessions-repository/report.html",
        "feedback/dan/sessions/sessions.html",
    ]
    assert [name for name in made if not (tmp_path / "course" / name).is_file()] == []


def test_the_pictures_are_small() -> None:
    """The pictures of the guide are there, each in less than 150 kB."""
    names = [part.split(")")[0] for part in read(GUIDE).split("](pictures/")[1:]]
    assert len(names) == 2
    assert [name for name in names if (ROOT / ".github/pictures" / name).stat().st_size > 150_000] == []
