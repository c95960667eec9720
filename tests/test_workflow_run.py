"""The self-check of the template, run by a real engine for workflows, from a student's push to summary and artifact."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from acted import Acted, act
from nasty import TEXTS, obeyed, unharmed

from grader.content import SOLUTION, find_content
from grader.template.repository import Author, write_template

pytestmark = pytest.mark.slow
ADA = Author("Ada", "ada@example.org", datetime(2026, 1, 1, tzinfo=UTC))
Push = Callable[..., Acted]
SCRIPT = "transaction_script.py"
RIGHT = {
    file.name: file.read_text(encoding="utf-8")
    for file in sorted((find_content().root / SOLUTION).iterdir())
    if file.is_file()
}
HOSTILE = """
import atexit, os, subprocess, sys
TEXTS = {texts!r}
BYTES = "\\n".join(TEXTS).encode("utf-8", "surrogatepass")
def shout():
    for channel in (1, 2):
        os.write(channel, b"\\n" + BYTES + b"\\n")
for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH"):
    if name in os.environ:
        open(os.environ[name], "a").write("forged\\n")
shout()
atexit.register(shout)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
raise RuntimeError("\\n".join(TEXTS)[:5000])
"""


@pytest.fixture
def push(tmp_path: Path) -> Push:
    """Return a function that pushes files to a course's repository, and runs the workflow on what has arrived."""

    def pushed(files: dict[str, str]) -> Acted:
        student, server, runner = (tmp_path / name for name in ("student", "course.git", "runner"))
        write_template(student, find_content(), ADA)
        git(tmp_path, "init", "--quiet", "--bare", str(server))
        for name, text in files.items():
            (student / name).write_text(text, encoding="utf-8")
        git(student, "add", "--all")
        git(student, "commit", "--quiet", "--message=My work")
        git(student, "push", "--quiet", str(server), "main")
        git(tmp_path, "clone", "--quiet", "--branch=main", str(server), str(runner))
        (tmp_path / "home").mkdir()
        return act(runner, tmp_path / "home")

    return pushed


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as a student."""
    who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"]
    command = ["git", "-C", str(folder), *who, *arguments]
    subprocess.run(command, check=True)


def annotations_of(run: Acted) -> list[tuple[str, str, str]]:
    """Return level, file and line of each annotation that was obeyed."""
    levels = {"error", "warning", "notice"}
    found = [(line["command"], line["kvPairs"]) for line in run.commands if line["command"] in levels]
    return [(level, pairs["file"], pairs["line"]) for level, pairs in found]


def artifact(run: Acted, name: str) -> str:
    """Return a file of the artifact."""
    return (run.artifacts / "self-check" / name).read_text(encoding="utf-8")


def test_right_push_is_green(push: Push) -> None:
    """With everything done the job succeeds, no line is marked, and summary and artifact say so."""
    run = push(RIGHT)
    assert run.succeeded, run.raw
    assert run.summary.startswith("# 6 of 6 tasks green\n")
    assert run.summary.count("✅ green") == 6
    assert annotations_of(run) == []
    assert artifact(run, "summary.md") == run.summary
    assert set(json.loads(artifact(run, "report.json"))["summary"]) <= {"passed", "total", "collected"}
    assert "6 of 6 tasks done" in artifact(run, "output.txt")


def test_untouched_push_is_all_to_do(push: Push) -> None:
    """The template itself fails quietly: six tasks to do, each marked at its place by a notice, and no error."""
    run = push({"notes.txt": "I begin tomorrow."})
    assert not run.succeeded
    assert run.summary.startswith("# 0 of 6 tasks green\n")
    assert run.summary.count("⬜ to do") == 6
    assert {level for level, _, _ in annotations_of(run)} == {"notice"}
    assert {file for _, file, _ in annotations_of(run)} == {"models.py", SCRIPT, "observations.toml"}


def test_wrong_push_is_marked_at_its_line(push: Push) -> None:
    """A mistake in one function costs its tasks, and is marked in that function."""
    wrong = RIGHT[SCRIPT].replace("session.add_all(rows)", "session.add_all(rows[0])", 1)
    assert wrong != RIGHT[SCRIPT]
    run = push({**RIGHT, SCRIPT: wrong})
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if "rows[0]" in text)
    assert not run.succeeded
    assert "| 1: the model | ✅ green |" in run.summary
    assert "| 2: add_products | ❌ not yet |" in run.summary
    assert ("error", SCRIPT, str(line)) in annotations_of(run)
    assert "TypeError: 'Product' object is not iterable" in run.summary


def test_hostile_push_commands_nothing(push: Push) -> None:
    """A program that writes every nasty text into every channel is shown, and obeyed nowhere."""
    texts = [text for text in TEXTS.values() if len(text) < 5000]
    run = push({**RIGHT, SCRIPT: HOSTILE.replace("{texts!r}", ascii(texts))})
    own = {"stop-commands", "error", "notice", "summary"}
    said = [line for line in run.commands if line["step"] == "Run the self-checks"]
    switch = [line for line in said if line["command"] not in own]
    assert not run.succeeded
    assert [line.get("raw") for line in switch] == [f"::{switch[0]['command']}::\n"]
    assert [line["arg"] for line in run.commands if line["command"] == "stop-commands"] == [switch[0]["command"]]
    assert 0 < len(annotations_of(run)) <= 10
    assert {file for _, file, _ in annotations_of(run)} <= {*RIGHT}
    assert obeyed(run.raw) == obeyed(run.summary) == []
    assert unharmed(run.raw + run.summary)
    assert run.summary.startswith("# 2 of 6 tasks green\n")
    assert "forged\n" not in run.summary
    assert len(run.summary) < 100_000


def test_push_that_ends_the_self_checks_is_told(push: Push) -> None:
    """Where no report is left, the summary says that nothing was checked, and the rest of the workflow runs."""
    run = push({**RIGHT, "models.py": "import os\nos._exit(0)\n"})
    assert not run.succeeded
    assert "**The self-checks could not be run.**" in run.summary
    assert annotations_of(run) == []
    assert artifact(run, "summary.md") == run.summary


def test_push_that_breaks_the_settings_is_told(push: Push) -> None:
    """Where the libraries cannot be installed, the log says which file is wrong."""
    run = push({**RIGHT, "pyproject.toml": "[project\n"})
    assert not run.succeeded
    assert "could not be run" in run.summary
    assert "pyproject.toml" in run.raw
