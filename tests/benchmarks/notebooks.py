"""Measures what autograding one notebook costs, through our grader and by nbgrader's own kernel, and prints a table.

The notebook with its solution is handed in, and autograded in turns in one process, as formgrader does it or
``nbgrader autograde`` for a class: so a busy machine slows both alike, and the start of nbgrader counts for neither.
nbgrader's own way runs the same cells, with the visible checks, in the student's kernel.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

from grader.content import find_content
from grader.notebook import settings
from grader.notebook.source import NOTEBOOK

OURS, STOCK = "through our grader", "nbgrader's own kernel"
STUDENT = "alice"


def made(folder: Path) -> dict[str, NbGraderAPI]:
    """Make a course with one submission; return the two ways of autograding it."""
    settings.add_to(folder, find_content())
    found = {}
    for name in (STOCK, OURS):
        config = Config()
        config.CourseDirectory.root = config.Exchange.root = str(folder)
        if name == OURS:
            settings.configure(config)
        found[name] = NbGraderAPI(config=config)
    _check(found[OURS].generate_assignment(NOTEBOOK))
    _hand_in(folder)
    return found


def _hand_in(folder: Path) -> None:
    """Hand in the released notebook with the solution in its answers."""
    file = f"{NOTEBOOK}/{NOTEBOOK}.ipynb"
    solution, released = (json.loads((folder / step / file).read_text()) for step in ("source", "release"))
    for solved, cell in zip(solution["cells"], released["cells"], strict=True):
        if cell["metadata"]["nbgrader"]["solution"]:
            cell["source"] = solved["source"]
    handed_in = folder / "submitted" / STUDENT / file
    handed_in.parent.mkdir(parents=True)
    handed_in.write_text(json.dumps(released))


def _check(result: dict[str, object]) -> None:
    if not result["success"]:
        sys.exit(f"nbgrader failed, so that nothing was measured:\n{result['log']}")


def seconds(api: NbGraderAPI) -> float:
    """Autograde the submission once; return how long it took. The score must be full, or no whole grading was timed."""
    begin = time.perf_counter()
    result = api.autograde(NOTEBOOK, STUDENT)
    took = time.perf_counter() - begin
    _check(result)
    with api.gradebook as book:
        submission = book.find_submission(NOTEBOOK, STUDENT)
        if submission.score != submission.max_score:
            sys.exit(f"the solution got {submission.score} points: what was measured is no whole grading")
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks.notebooks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each way after one that is not counted (5)")
    rounds = parser.parse_args().rounds
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # alembic is there
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        ways = made(Path(folder))
        times = [{name: seconds(api) for name, api in ways.items()} for _ in range(rounds + 1)][1:]
    lines = ["| autograding one notebook | wall, s |", "|---|--:|"]
    for name in ways:
        took = [turn[name] for turn in times]
        lines.append(f"| {name} | {statistics.median(took):.2f} ({min(took):.2f} to {max(took):.2f}) |")
    share = statistics.median(turn[OURS] / turn[STOCK] for turn in times)
    sys.stdout.write("\n".join([*lines, "", f"Ours takes {share:.2f} of nbgrader's own time.", ""]))


if __name__ == "__main__":
    main()
