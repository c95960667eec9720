"""Measures how honest the visible self-checks are: what they say of every golden submission, beside its hidden grade.

Each submission is put into a copy of the starter, as its student would have it, and `python -m pytest` is run there.
The hidden grade is that of its label, which `tests/test_golden.py` holds the grader to. Printed are

- the accepted submissions that are not all green: each of them is a mistake of the self-checks;
- for each criterion, how many of the rejected submissions that lose it are not all green;
- the rejected submissions that are all green, with their hidden score and what they lose.

`python -m tests.benchmarks.self_checks` takes some minutes; names of submissions behind it measure only those.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.content import MAX_SCORE, RUBRIC, STARTER, find_content
from grader.judge.rubric import load_rubric
from grader.proof import corpora

OWN_FILES = ("models.py", "transaction_script.py", "observations.toml")
# The student's environment has none of the plugins of ours, and to load them would take most of the time.
PLUGINS = ("pytest_jsonreport", "pytest_timeout")
LEFT_BY_RUNNING = shutil.ignore_patterns("__pycache__", "*.db", ".pytest_cache")


class SelfChecks(Struct, frozen=True):
    """How a run of the self-checks ended: the outcome and message of each by name, and all that was printed."""

    outcomes: dict[str, str]
    messages: dict[str, str]
    printed: str

    @property
    def all_green(self) -> bool:
        """Whether every check passed."""
        return set(self.outcomes.values()) == {"passed"}


class Compared(Struct, frozen=True):
    """What the self-checks and the grade say of one submission; ``lost`` are points by criterion."""

    name: str
    checked: SelfChecks
    lost: dict[str, int]

    @property
    def score(self) -> int:
        """The hidden score."""
        return MAX_SCORE - sum(self.lost.values())


# --- running ----------------------------------------------------------------------------------------------------------


def make_repository(folder: Path, *handed_in: Path) -> Path:
    """Make a student's repository: the starter, and over it the files of other folders."""
    shutil.copytree(find_content().root / STARTER, folder, ignore=LEFT_BY_RUNNING)
    for other in handed_in:
        shutil.copytree(other, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(corpora.LABEL, "__pycache__"))
    return folder


def self_check(
    repository: Path, *arguments: str, python: Sequence[str] = (sys.executable,), **surroundings: str
) -> SelfChecks:
    """Run the self-checks in a repository as a student does, with further arguments and environment variables."""
    report = repository / "checked.json"
    plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
    run = subprocess.run(
        [*python, "-m", "pytest", *plugins, "--json-report", f"--json-report-file={report}", *arguments],
        cwd=repository,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | surroundings,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    # Without a report pytest itself was ended, and no check is green.
    tests: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["tests"] if report.exists() else []
    names = {test["nodeid"].split("::")[1]: test for test in tests}
    return SelfChecks(
        outcomes={name: test["outcome"] for name, test in names.items()},
        messages={name: test["call"].get("longrepr", "") for name, test in names.items() if "call" in test},
        printed=run.stdout + run.stderr,
    )


def compare(submission: Path) -> Compared:
    """Run the self-checks on a golden submission."""
    with tempfile.TemporaryDirectory() as name:
        repository = make_repository(Path(name) / "repository", submission)
        for file in OWN_FILES:
            if not (submission / file).exists():  # a student who hands in no such file has none
                (repository / file).unlink()
        return Compared(corpora.name_of(submission), self_check(repository), lost_points(submission))


@cache
def points() -> dict[str, int]:
    """Return the points of every criterion."""
    return {criterion.key: criterion.points for criterion in load_rubric(find_content().root / RUBRIC).criteria}


def lost_points(submission: Path) -> dict[str, int]:
    """Return the points that a label takes, by criterion."""
    kept = {key: loss if isinstance(loss, int) else 0 for key, loss in corpora.label_of(submission).lost.items()}
    return {key: points()[key] - part for key, part in kept.items()}


# --- telling ----------------------------------------------------------------------------------------------------------


def lines(rows: Sequence[Compared]) -> Iterator[str]:
    """Yield the table."""
    accepted = [row for row in rows if row.name.startswith("accepted")]
    rejected = [row for row in rows if row.name.startswith("rejected")]
    unfair = [row for row in accepted if not row.checked.all_green]
    missed = [row for row in rejected if row.checked.all_green]
    yield f"accepted submissions that are all green: {len(accepted) - len(unfair)} of {len(accepted)}"
    for row in unfair:
        red = [name for name, outcome in row.checked.outcomes.items() if outcome != "passed"]
        yield f"- {row.name}: {', '.join(red)}"
    yield f"rejected submissions that are all green: {len(missed)} of {len(rejected)}{spread(missed)}"
    yield from criteria(rejected)
    yield "\n| rejected, all green | hidden score | loses |\n|---|---:|---|"
    for row in sorted(missed, key=lambda row: (row.score, row.name)):
        yield f"| {row.name.partition('/')[2]} | {row.score} | {', '.join(row.lost)} |"


def spread(rows: Sequence[Compared]) -> str:
    """Return how the hidden scores lie."""
    scores = [row.score for row in rows]
    return f"; hidden scores {min(scores)} to {max(scores)}, median {statistics.median(scores):g}" if scores else ""


def criteria(rejected: Sequence[Compared]) -> Iterator[str]:
    """Yield how many of those that lose a criterion are not all green."""
    yield "\n| criterion | lost by | of these not all green |\n|---|---:|---:|"
    for key in points():
        losing = [row for row in rejected if key in row.lost]
        yield f"| `{key}` | {len(losing)} | {sum(not row.checked.all_green for row in losing)} |"


def golden(names: Sequence[str] = ()) -> list[Path]:
    """Return the accepted and rejected submissions, or those of these names."""
    root = find_content().root
    folders = [folder for corpus in (corpora.ACCEPTED, corpora.REJECTED) for folder in corpora.folders(root, corpus)]
    return [folder for folder in folders if not names or folder.name in names]


def main() -> None:
    """Measure and print."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        rows = list(threads.map(compare, golden(sys.argv[1:])))
    sys.stdout.write("\n".join([*lines(rows), ""]))


if __name__ == "__main__":
    main()
