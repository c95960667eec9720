"""The same solution earns the same points for every criterion, handed in as a repository or as a notebook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from notebook_course import answers_of
from repository import ROOT

from grader import flow
from grader.content import SOLUTION
from grader.notebook.cells import read
from grader.notebook.composing import ANSWERS
from grader.notebook.grading import grade
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.values import GradeReport

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("notebook")]
GOLDEN = "tests/submissions"
FOLDERS = [
    SOLUTION,
    *(f"{GOLDEN}/accepted/{name}" for name in ("try_except_finally", "imperative_mapping", "sessionmaker_begin")),
    *(f"{GOLDEN}/rejected/{name}" for name in ("commit_per_row", "never_closed", "no_refresh", "preview_commits")),
    *(f"{GOLDEN}/rejected/{name}" for name in ("columns_nullable", "two_observations_wrong", "swallows_and_prints")),
]


@pytest.fixture(scope="module")
def observer() -> Iterator[Observer]:
    """Return an observer for the repositories."""
    with flow.observer(None) as observer:
        yield observer


def points(report: GradeReport) -> dict[str, tuple[str, int]]:
    """Return the outcome and the points of each criterion."""
    return {criterion.key: (criterion.outcome, criterion.points) for criterion in report.criteria}


@pytest.mark.parametrize("folder", FOLDERS)
def test_notebook_earns_what_the_repository_earns(observer: Observer, folder: str) -> None:
    """Every criterion has the same outcome and the same points."""
    repository = flow.judged(observer.observe(take_in(ROOT / folder))).report
    answers = answers_of(ROOT / folder)
    assert answers.keys() == ANSWERS.keys()
    notebook = grade("student", [read(name, source) for name, source in answers.items()]).report
    assert points(notebook) == points(repository)
