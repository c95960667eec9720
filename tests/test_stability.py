"""No verdict depends on the Python, the level or the moment, and whoever measures that sees a difference."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks import stability
from benchmarks.stability import HEAD, OTHER_LEVELS, PAGE, Surroundings, allowed, busy_cores, here, table

from conftest import LEVEL_NAMES, Bench
from grader.content import find_content
from grader.proof.stability import Earned, Round, differences, grade_all
from grader.values import GraderInfo

SUBMISSIONS = find_content().root / "tests/submissions"
# One of each kind: styles of sessions and mappings, and mistakes that only show in what happens at the same time.
SAMPLE = (
    "accepted/begin_block",
    "accepted/scoped_session_removed",
    "accepted/text_sql",
    "rejected/commit_per_row",
    "rejected/never_closed",
    "rejected/no_refresh",
)
DEPENDS_ON_THE_LEVEL = """
    import os
    if os.getpid() > 9:  # in a namespace of its own, a process is among the first
        return []
    with Session(engine) as session, session.begin():
        added = [Product(**product) for product in products]
        session.add_all(added)
        session.flush()
        return [product.id for product in added]
"""
INFO = GraderInfo("1.0", "3.11.7", "2.1.9", "bubblewrap")
PASSED = Round(INFO, "3.40.1", {"accepted/a": Earned({"flush.ids": ("passed", 4)}, (), ())})


def with_other(earned: Earned) -> Round:
    """Return a round in which the one submission earned something else."""
    return Round(INFO, "3.40.1", {"accepted/a": earned})


# --- comparing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earned", "told"),
    [
        (Earned({"flush.ids": ("passed", 4)}, (), ()), []),
        (
            Earned({"flush.ids": ("blocked", 0)}, (), ()),
            ["accepted/a: flush.ids is blocked with 0 points, not passed with 4"],
        ),
        (
            Earned({"flush.ids": ("passed", 3)}, (), ()),
            ["accepted/a: flush.ids is passed with 3 points, not passed with 4"],
        ),
        (Earned({"flush.ids": ("passed", 4)}, ("advice.a",), ()), ["accepted/a: advice.a is raised"]),
        (Earned({"flush.ids": ("passed", 4)}, (), ("flag.b",)), ["accepted/a: flag.b is raised"]),
    ],
)
def test_each_difference_is_told(earned: Earned, told: list[str]) -> None:
    """Another outcome, other points, and a flag or an advice more are differences; the same is none."""
    assert differences(PASSED, with_other(earned)) == told


def test_what_is_not_raised_any_more_is_told() -> None:
    """A flag that the first round had and another one lacks is a difference."""
    flagged = with_other(Earned({"flush.ids": ("passed", 4)}, (), ("flag.b",)))
    assert differences(flagged, PASSED) == ["accepted/a: flag.b is not raised"]


def test_nothing_cannot_be_graded() -> None:
    """A round of no submissions is an error of whoever asked for it."""
    with pytest.raises(ValueError, match="no folder was given"):
        grade_all([], None)


# --- the driver -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_planted_difference_is_noticed(submission: Callable[..., Path]) -> None:
    """A submission whose verdict depends on the level is told with its criteria, in the row of the other level."""
    folder = submission(add_products=DEPENDS_ON_THE_LEVEL)
    places = [Surroundings(Path(sys.executable), level) for level in ("bubblewrap", "process")]
    rounds = [(place, place.grade_all([folder])) for place in places]
    head, rule, first, other, *told = table(rounds).splitlines()
    assert (head, rule.count("---")) == (f"| {' | '.join(HEAD)} |", len(HEAD))
    assert first.endswith("| bubblewrap | as they are | 1 | 0 |")
    assert other.endswith("| process | as they are | 1 | 1 |")
    assert [line for line in told if "commit.stored is failed with 0 points, not passed with 8" in line]


def test_surroundings_are_all_levels_and_a_busy_machine() -> None:
    """Without options the first level is graded three times as it is and three times busy, the others once."""
    rounds = [(place.isolation, place.busy) for place in here()]
    best, *others = LEVEL_NAMES
    assert rounds == [*[(best, False)] * 3, *[(best, True)] * 3, *((name, False) for name in others)]


def test_nothing_hostile_is_graded_without_walls() -> None:
    """On level process only the golden submissions are graded, on every other level the hostile ones as well."""
    folders = stability.submissions()
    graded = {level.name: allowed(Surroundings(Path(), level.name), folders) for level in OTHER_LEVELS}
    hostile = {name: any(folder.parent.name == "hostile" for folder in some) for name, some in graded.items()}
    assert hostile == {level.name: level.safe for level in OTHER_LEVELS}


def test_the_command_explains_itself() -> None:
    """The driver runs from the repository with the command that the page names."""
    command = [sys.executable, "-m", "tests.benchmarks.stability", "--help"]
    done = subprocess.run(command, cwd=find_content().root, capture_output=True, text=True, check=True)
    assert [
        option for option in ("--python", "--sqlalchemy", "--installed", "--write") if option not in done.stdout
    ] == []


def test_the_page_shows_a_table_of_the_drivers() -> None:
    """The page has the columns that the driver prints and a row for each level, and no verdict differs."""
    found = stability.BETWEEN.search(PAGE.read_text(encoding="utf-8"))
    assert found, "repair: python -m tests.benchmarks.stability --write"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines() if "|" in line]
    assert rows[0] == list(HEAD)
    assert {row[HEAD.index("isolation")] for row in rows[2:]} == set(LEVEL_NAMES)
    assert {row[-1] for row in rows[2:]} == {"0"}


# --- verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_busy_machine_gives_the_same_verdicts() -> None:
    """Graded three times while every core is kept busy, submissions of each kind get the same verdicts."""
    folders = [SUBMISSIONS / name for name in SAMPLE]
    with busy_cores():
        first, *others = [grade_all(folders, "bubblewrap") for _ in range(3)]
    assert [differences(first, other) for other in others] == [[], []]


def test_a_recursion_that_ends_in_the_recorder_is_no_tampering(bench: Bench) -> None:
    """Wherever in our own code Python's limit for recursions is met, nothing is flagged."""
    code = """
        pen = Product(name="Pen", price=1)

        def deeper(left):
            return deeper(left - 1) if left else pen.price

        for depth in range(800, 1000):
            try:
                deeper(depth)
            except RecursionError:
                ended = depth
        return [ended]
    """
    done = bench.body(code)
    assert (done.value, done.answer.signs) == ([999], ())
