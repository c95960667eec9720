"""The guide of the starter: every command in it runs, in its order, and does what it says; so does watch mode."""

from __future__ import annotations

import os
import queue
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

import pytest
from benchmarks.self_checks import make_repository
from msgspec import Struct
from packaging.requirements import Requirement
from repository import blocks

from grader.content import SOLUTION, STARTER, find_content

GUIDE = f"{STARTER}/README.md"
CLONE = "git clone <address of your repository>"
INSTALL, WATCH = "python -m pip install -e .", "python -m pytest_watcher ."
# The first needs a network: which libraries it brings is tested below, as is the second, which never ends.
ELSEWHERE = {INSTALL, WATCH}
# What a student has done before a command of the guide.
SOLVED_BEFORE = "python -m pytest tests/test_1_model.py"
NOT_GREEN = 1
QUICK_CHECKS = ("tests/test_1_model.py", "tests/test_6_observations.py")
PATIENCE_SECONDS = 120


class Done(Struct, frozen=True):
    """A command of the guide: how it ended, and what it printed."""

    command: str
    status: int
    printed: str


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Return the repository that the student has been given, as it lies on the server."""
    made, given = make_repository(tmp_path / "made"), tmp_path / "given.git"
    for arguments in ("init -q -b main", "add .", "commit -qm Start", f"clone -q --bare . {shlex.quote(str(given))}"):
        command = ["git", *shlex.split(arguments)]
        subprocess.run(command, cwd=made, env=surroundings(tmp_path), check=True)
    return given


def surroundings(home: Path) -> dict[str, str]:
    """Return the environment of a student whose home is empty and whose Python has the libraries."""
    author = {f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | author | {"HOME": str(home), "PATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""}


def follow(guide: list[str], remote: Path, home: Path) -> Iterator[Done]:
    """Do what the guide says, line by line."""
    place = home
    for line in guide:
        if line == SOLVED_BEFORE:
            shutil.copytree(find_content().root / SOLUTION, place, dirs_exist_ok=True)
        if line.startswith("cd "):
            place = home / "repository"
        elif line not in ELSEWHERE:
            yield run(line, line.replace(CLONE, f"git clone {shlex.quote(str(remote))} repository"), place, home)


def run(line: str, command: str, place: Path, home: Path) -> Done:
    """Run one line in a shell, as one types it."""
    # An environment without pip is made ten times faster; nothing is installed into it here.
    command = command.replace("-m venv", "-m venv --without-pip")
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=place,
        env=surroundings(home),
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Done(line, done.returncode, done.stdout + done.stderr)


@pytest.mark.slow
def test_guide_can_be_followed_from_top_to_bottom(tmp_path: Path, remote: Path) -> None:
    """Each command works where it stands; only the checks of the untouched starter are not green."""
    guide = [line for block in blocks(GUIDE, "console") for line in block.text.splitlines()]
    done = list(follow(guide, remote, tmp_path))
    assert [step for step in done if step.status not in (0, NOT_GREEN)] == []
    assert [step.command for step in done if step.status] == ["python -m pytest"]
    promised, _trace = [block.text for block in blocks(GUIDE, "text")]
    assert all(promised.strip() in step.printed for step in done if step.status)


def test_guide_names_what_is_tested_elsewhere() -> None:
    """The two commands that are not run with the others stand in the guide."""
    lines = {line for block in blocks(GUIDE, "console") for line in block.text.splitlines()}
    assert lines >= ELSEWHERE


def test_libraries_of_the_starter_are_those_of_the_tests() -> None:
    """What the starter asks for is installed here, in a version that it allows, so it is what is tested."""
    settings = tomllib.loads(find_content().read(f"{STARTER}/pyproject.toml"))
    asked = [Requirement(text) for text in settings["project"]["dependencies"]]
    assert asked
    assert [str(library) for library in asked if version(library.name) not in library.specifier] == []


# --- watch mode -------------------------------------------------------------------------------------------------------


@contextmanager
def watching(folder: Path) -> Iterator[queue.Queue[str]]:
    """Run the watch mode in a folder, and give what it prints line by line."""
    command = [sys.executable, *WATCH.split()[1:], *QUICK_CHECKS, "-p", "no:xdist"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=surroundings(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert process.stdout is not None
    printed: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=read_all, args=(process.stdout, printed))
    reader.start()
    try:
        yield printed
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


def read_all(output: IO[str], printed: queue.Queue[str]) -> None:
    """Put each line of an output into a queue, until its end."""
    for line in output:
        printed.put(line)


def wait_for(printed: queue.Queue[str], text: str) -> None:
    """Read until a line holds the text; queue.Empty if nothing is printed for too long."""
    while text not in printed.get(timeout=PATIENCE_SECONDS):
        pass


def save_until(file: Path, content: str, printed: queue.Queue[str], text: str) -> None:
    """Save a file until a line holds the text: a save during a run of the checks goes unnoticed."""
    for _ in range(PATIENCE_SECONDS):
        file.write_text(content, encoding="utf-8")
        try:
            while text not in printed.get(timeout=1):
                pass
        except queue.Empty:
            continue
        return
    pytest.fail(f"{text!r} was not printed")


@pytest.mark.slow
def test_watch_mode_checks_again_when_a_file_is_saved(tmp_path: Path) -> None:
    """The checks run at the start, and again when the model is saved, with the new model."""
    folder = make_repository(tmp_path / "repository")
    model = find_content().read(f"{SOLUTION}/models.py")
    with watching(folder) as printed:
        wait_for(printed, "0 of 2 tasks done.")
        save_until(folder / "models.py", model, printed, "1 of 2 tasks done.")


@pytest.mark.slow
def test_watch_mode_checks_again_when_an_observation_is_saved(tmp_path: Path) -> None:
    """The observations are watched as well, though they are no Python."""
    folder = make_repository(tmp_path / "repository", find_content().root / SOLUTION)
    answers = (folder / "observations.toml").read_text(encoding="utf-8")
    with watching(folder) as printed:
        wait_for(printed, "2 of 2 tasks done.")
        broken = answers.replace("rows_after_first_run", "rows")
        save_until(folder / "observations.toml", broken, printed, "1 of 2 tasks done.")
