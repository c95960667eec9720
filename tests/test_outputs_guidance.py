"""The order of help, praise, pointers and lines of code."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from outputs_samples import SCRIPT, criterion, evidence, report

from grader.content import find_content
from grader.judge.rubric import RubricConcept
from grader.outputs.guidance import (
    Pointers,
    code_line,
    code_lines,
    first,
    losses,
    next_step,
    pointers,
    praise,
)
from grader.values import Criterion, GradeReport, Where

RUBRIC = find_content().rubric()
LINE = Where(SCRIPT, 9)
TABLE = criterion("model.table", "failed", 5)
STORED = criterion("commit.stored", "failed", 8, where=LINE)
WAITING = criterion("commit.one_transaction", "blocked", 8, cause="commit.stored")
IN_PARTS = criterion("commit.one_transaction", "failed", 8, where=LINE)
KEPT = criterion("rollback.nothing_kept", "failed", 14, where=LINE)
MONEY = criterion("model.money", "failed", 5)
STALE = criterion("reload.stale", "failed", 3, where=Where(SCRIPT, 4))


def order(*criteria: Criterion) -> list[str]:
    """Return the keys of the losses in the order of help."""
    return [loss.criterion.key for loss in losses(report(*criteria))]


def whole(concept: str) -> GradeReport:
    """Return a grade in which all criteria of a concept were passed, and one of another was lost."""
    criteria = [replace(criterion(about.key), concept=concept) for about in RUBRIC.criteria_of(concept)]
    return report(*criteria, criterion("tea.hot", "failed"))


# --- what first -------------------------------------------------------------------------------------------------------
def test_what_others_wait_for_comes_first() -> None:
    """The cause of what could not be judged comes before what costs more."""
    assert order(criterion("model.money", "failed", 30), STORED, WAITING) == ["commit.stored", "model.money"]


def test_of_two_causes_the_earlier_task_comes_first() -> None:
    """Where others wait for two criteria, the one in front in the rubric is told first."""
    required = criterion("model.required", "blocked", 5, cause="model.table")
    assert order(TABLE, required, STORED, WAITING) == ["model.table", "commit.stored"]


def test_the_line_that_costs_most_comes_first() -> None:
    """Where nobody waits, the losses at the most expensive line lead, the cause of them in front."""
    assert order(MONEY, IN_PARTS, KEPT) == ["commit.one_transaction", "rollback.nothing_kept", "model.money"]


def test_the_rest_follows_the_tasks() -> None:
    """After the first, losses stand in the order of the rubric, whatever they cost."""
    second = criterion("reload.refresh", "failed", 5)
    assert order(KEPT, MONEY, STALE, second)[1:] == ["model.money", "reload.stale", "reload.refresh"]


def test_losses_at_one_line_know_of_each_other() -> None:
    """Two criteria lost at the same line name each other; one at another line, or at none, names nobody."""
    beside = {
        loss.criterion.key: [c.key for c in loss.beside] for loss in losses(report(IN_PARTS, KEPT, MONEY, TABLE, STALE))
    }
    assert beside == {
        "commit.one_transaction": ["rollback.nothing_kept"],
        "rollback.nothing_kept": ["commit.one_transaction"],
        "model.money": [],
        "model.table": [],
        "reload.stale": [],
    }


SILENCED = criterion("rollback.error_reaches_caller", "failed", 5, where=Where(SCRIPT, 7))


def test_a_silenced_failure_comes_before_what_stayed_because_of_it() -> None:
    """Where all is committed once, what stays after a failure stays because the failure was silenced."""
    grade = report(criterion("commit.one_transaction"), KEPT, SILENCED, MONEY)
    assert order(*grade.criteria) == ["rollback.error_reaches_caller", "rollback.nothing_kept", "model.money"]
    assert "and 14 more are lost by going on after it (rollback.nothing_kept)" in next_step(grade)


def test_what_is_committed_in_parts_stays_for_that_reason() -> None:
    """Where a list is committed in parts, a silenced failure is a matter of its own."""
    assert order(IN_PARTS, KEPT, SILENCED) == [IN_PARTS.key, KEPT.key, SILENCED.key]


def test_a_blocked_criterion_whose_cause_is_missing_is_told_by_itself() -> None:
    """What waits for something that is not in the report is not lost from sight."""
    assert order(WAITING) == ["commit.one_transaction"]


def test_the_first_loss_is_what_to_repair_first() -> None:
    """The first loss is the first in the order of help."""
    loss = first(report(MONEY, STORED, WAITING))
    assert loss is not None
    assert (loss.criterion.key, loss.points) == ("commit.stored", 16)


@pytest.mark.parametrize("grade", [report(criterion("model.table")), report(TABLE, criterion("flush.ids", "broken"))])
def test_without_a_decided_loss_nothing_is_first(grade: GradeReport) -> None:
    """Where nothing is lost, or the grade is withheld, there is nothing to repair."""
    assert first(grade) is None


def test_the_next_step_names_task_line_points_and_company() -> None:
    """One sentence says what to begin with, where, what it is worth and what hangs on it."""
    assert next_step(report(STORED, WAITING)) == (
        "Begin with commit.stored (task 2), in line 9 of transaction_script.py: it decides about 16 points, "
        "as 1 other criterion waits for it."
    )


def test_the_next_step_names_what_the_same_line_costs() -> None:
    """Where one line costs several criteria, the sentence says so, and does not claim more than that."""
    assert next_step(report(IN_PARTS, KEPT)) == (
        "Begin with commit.one_transaction (task 2), in line 9 of transaction_script.py: it decides about 8 points, "
        "and 14 more are lost at the same line (rollback.nothing_kept)."
    )


def test_the_next_step_of_a_withheld_grade_is_the_graders() -> None:
    """Where the grader failed, no work on the submission is asked for."""
    assert next_step(report(TABLE, criterion("flush.ids", "broken"))).startswith("Have this grade made again first")


def test_a_criterion_of_no_task_is_named_without_one() -> None:
    """A key that the rubric does not know has no task, and the sentence none either."""
    assert next_step(report(criterion("tea.hot", "failed"))) == "Begin with tea.hot: it decides about 4 points."


# --- what works -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("about", RUBRIC.concepts, ids=lambda about: about.key)
def test_a_whole_concept_has_its_own_praise(about: RubricConcept) -> None:
    """Who has all of a concept right reads the sentence that the rubric has for it."""
    assert praise(whole(about.key)) == [about.praise]


def test_a_part_of_a_concept_is_praised_by_its_title() -> None:
    """Of a concept that is not whole, the passed criterion that is worth most is named, and no other."""
    titles = praise(
        report(criterion("rollback.commit_failure", points=3), criterion("rollback.caller", points=5), KEPT)
    )
    assert titles == ["The title of rollback.caller."]


def test_nothing_passed_is_nothing_praised() -> None:
    """Who has nothing right reads no praise."""
    assert praise(report(TABLE, STORED, WAITING)) == []


def test_a_withheld_grade_praises_nothing() -> None:
    """While a grade is withheld, nothing is said of what works."""
    assert praise(report(criterion("model.table"), criterion("flush.ids", "broken"))) == []


# --- where to read on -------------------------------------------------------------------------------------------------
def test_a_pointer_names_task_and_section() -> None:
    """A criterion points to its task in the handout, and to a section of its task's hints."""
    assert pointers("rollback.nothing_kept") == Pointers(2, "handout, task 2", "hints, task 2: Half of the list stays")


def test_an_unknown_criterion_points_nowhere() -> None:
    """A key that is not in the rubric has no pointers."""
    assert pointers("tea.hot") is None


# --- lines of code ----------------------------------------------------------------------------------------------------
def test_a_line_comes_with_those_around_it() -> None:
    """A line stands between its neighbours, with their numbers, without the indentation that all of them have."""
    assert code_lines(evidence(), Where(SCRIPT, 8), around=1) == [
        (7, "for product in products:", False),
        (8, "    session.add(Product(**product))", True),
        (9, "session.commit()", False),
    ]


def test_the_first_line_has_none_above_it() -> None:
    """At the edge of a file only the lines that exist are shown."""
    assert [number for number, _, _ in code_lines(evidence(code="a\nb\nc\nd"), Where(SCRIPT, 1))] == [1, 2, 3]


@pytest.mark.parametrize("where", [Where(SCRIPT, 99), Where(SCRIPT, 0), Where(SCRIPT, 4), Where("gone.py", 1)])
def test_a_line_that_is_not_there_is_not_shown(where: Where) -> None:
    """A blank line, and one that the evidence does not hold, has no code."""
    assert code_lines(evidence(), where) == []
    assert code_line(evidence(), where) is None


def test_a_tab_is_four_columns() -> None:
    """Tabs become blanks before anything is compared."""
    assert code_line(evidence(code="if x:\n\tif y:\n\t\tz()"), Where(SCRIPT, 3)) == "z()"
