"""Grades the golden submissions again and again, each time in other surroundings, and tells where a verdict differs.

The first round is graded on bubblewrap with the Python that runs this, and the others are compared with it: the same
again, and again while every core is kept busy; the other levels of isolation; other Pythons and versions of SQLAlchemy.
For these a virtual environment is made of each --python with each --sqlalchemy; one that is there already, and has all
that the grader needs, is named by --installed instead.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from grader.content import find_content
from grader.observe.sandbox.levels import LEVELS
from grader.proof import corpora
from grader.proof.stability import Round, differences

ROOT = find_content().root
PAGE = ROOT / "tests/submissions/STABILITY.md"
BETWEEN = re.compile(r"(?<=<!-- stability:begin -->\n).*?(?=\n<!-- stability:end -->)", re.DOTALL)
HOSTILE = "tests/submissions/hostile"
EVERY = 8
"""One hostile submission in so many is graded as well: all of them are in the tests, and many wait for their end."""
FIRST, *OTHER_LEVELS = LEVELS
AGAIN = 2
BURN = "while True: pass"


@dataclass(frozen=True)
class Surroundings:
    """What a round is graded with: a Python that has everything installed, a level, and whether the machine is busy."""

    python: Path
    isolation: str = FIRST.name
    busy: bool = False

    def grade_all(self, folders: Sequence[Path]) -> Round:
        """Grade a round; raises CalledProcessError where that fails, after it has said on stderr why."""
        command: list[str | Path] = [
            self.python,
            "-m",
            "grader.proof.stability",
            "--isolation",
            self.isolation,
            *folders,
        ]
        with busy_cores() if self.busy else contextlib.nullcontext():
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        return msgspec.json.decode(done.stdout, type=Round)


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy inside the block."""
    with contextlib.ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            burning = stack.enter_context(subprocess.Popen([sys.executable, "-c", BURN]))
            stack.callback(burning.kill)
        yield


# --- what is graded with what -----------------------------------------------------------------------------------------


def submissions() -> list[Path]:
    """Return the golden submissions, and some of the hostile ones."""
    right, wrong, hostile = (corpora.folders(ROOT, place) for place in (corpora.ACCEPTED, corpora.REJECTED, HOSTILE))
    return [*right, *wrong, *hostile[::EVERY]]


def allowed(surroundings: Surroundings, folders: Sequence[Path]) -> list[Path]:
    """Return what may be graded there: nothing hostile where there are no walls."""
    walls = {level.name: level.safe for level in LEVELS}[surroundings.isolation]
    return [folder for folder in folders if walls or folder.parent.name != Path(HOSTILE).name]


def here() -> list[Surroundings]:
    """Return all surroundings that need nothing but the Python that runs this; the first one is what counts."""
    python = Path(sys.executable)
    same = [Surroundings(python)] * (1 + AGAIN) + [Surroundings(python, busy=True)] * (1 + AGAIN)
    return [*same, *(Surroundings(python, level.name) for level in OTHER_LEVELS)]


def elsewhere(pythons: Sequence[Path], sqlalchemys: Sequence[str], venvs: Path) -> Iterator[Surroundings]:
    """Make a virtual environment of each Python with each SQLAlchemy, and yield it."""
    for number, (python, sqlalchemy) in enumerate(itertools.product(pythons, sqlalchemys)):
        venv = venvs / f"{number}-{sqlalchemy}"
        subprocess.run([python, "-m", "venv", venv], check=True)
        install: list[str | Path] = [
            venv / "bin/python",
            "-m",
            "pip",
            "install",
            "-q",
            "-e",
            ROOT,
            f"sqlalchemy=={sqlalchemy}",
        ]
        subprocess.run(install, check=True)
        yield Surroundings(venv / "bin/python")


# --- the table --------------------------------------------------------------------------------------------------------

HEAD = ("Python", "SQLAlchemy", "SQLite", "isolation", "cores", "submissions", "other verdicts")


def table(rounds: Sequence[tuple[Surroundings, Round]]) -> str:
    """Return a Markdown table with a row for each round, and below it each difference from the first one."""
    (_, first), *_ = rounds
    rows = [_row(surroundings, first, one) for surroundings, one in rounds]
    lines = [f"| {' | '.join(cells)} |" for cells in (HEAD, ["---"] * len(HEAD), *rows)]
    found = [f"- {', '.join(_with(where, one))}: {line}" for where, one in rounds for line in differences(first, one)]
    return "\n".join([*lines, "", *(found or ["No verdict differs."])])


def _row(surroundings: Surroundings, first: Round, one: Round) -> Sequence[str]:
    unlike = {line.partition(":")[0] for line in differences(first, one)}
    return (*_with(surroundings, one), str(len(one.submissions)), str(len(unlike)))


def _with(surroundings: Surroundings, one: Round) -> Sequence[str]:
    """Return with what a round was graded, as the first cells of its row."""
    cores = "busy" if surroundings.busy else "as they are"
    return one.grader.python, one.grader.sqlalchemy, one.sqlite, one.grader.isolation, cores


def write(text: str) -> None:
    """Put the table into the page; exits with the repair if there is no place for it."""
    old = PAGE.read_text(encoding="utf-8")
    if not BETWEEN.search(old):
        sys.exit(f"{PAGE}: no place for the table; add <!-- stability:begin --> and <!-- stability:end -->")
    PAGE.write_text(BETWEEN.sub(lambda _: text, old), encoding="utf-8")


# --- the command ------------------------------------------------------------------------------------------------------


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.benchmarks.stability",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="grade these submissions only")
    for name, kind, help_text in (
        ("python", Path, "another Python"),
        ("sqlalchemy", str, "a version of SQLAlchemy (the installed one)"),
        ("installed", Path, "a Python with everything installed"),
    ):
        parser.add_argument(f"--{name}", action="append", type=kind, help=f"{help_text}; may be given several times")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    return parser.parse_args()


def main() -> None:
    """Grade every round, print the table, and end with 1 where a verdict differs."""
    given = _arguments()
    folders, load = given.folders or submissions(), os.getloadavg()[0]
    rounds: list[tuple[Surroundings, Round]] = []
    with tempfile.TemporaryDirectory(prefix="stability-") as venvs:
        installed = [Surroundings(python) for python in given.installed or ()]
        made = elsewhere(given.python or (), given.sqlalchemy or [version("sqlalchemy")], Path(venvs))
        for surroundings in (*here(), *installed, *made):
            one = surroundings.grade_all(allowed(surroundings, folders))
            rounds.append((surroundings, one))
            sys.stderr.write(f"{len(rounds)}. {' '.join(_with(*rounds[-1]))}: {len(differences(rounds[0][1], one))}\n")
    text = f"{table(rounds)}\n\n{os.cpu_count()} cores, {platform.machine()}; load before: {load:.1f}."
    sys.stdout.write(f"{text}\n")
    if given.write:
        write(text)
    if any(differences(rounds[0][1], one) for _, one in rounds):
        sys.exit(1)


if __name__ == "__main__":
    main()
