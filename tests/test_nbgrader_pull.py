"""``grader nbgrader pull``: what people decide in nbgrader comes here, once, with who and why."""

from __future__ import annotations

import pytest
from nbgrader_course import decide_there, dump, grade_there, pull, push

from grader.course.gradebook import Gradebook
from grader.course.nouns import Override
from grader.notebook.bridge import Course, CourseUnusable

pytest_plugins = ("nbgrader_fixtures",)
pytestmark = pytest.mark.xdist_group("nbgrader")


def decided(book: Gradebook, student: str = "bo", criterion: str = "flush.ids") -> Override | None:
    """Return the override that is in force on a criterion."""
    return next(mark.override for mark in book.standing(student).marks if mark.key == criterion)


def test_a_manual_score_becomes_an_override(book: Gradebook, course: Course) -> None:
    """The points count here as well, with the comment for a reason and the person who pulls."""
    push(book, course)
    decide_there(course, "bo flush.ids", 3, comment="half right")
    (change,) = pull(book, course)
    assert (change.before, change.points, change.problem) == (0, 3, "")
    made = decided(book)
    assert made is not None
    assert (made.points, made.reason, made.who) == (3, "half right", "ms.lee")


def test_a_score_without_a_comment_has_a_reason(book: Gradebook, course: Course) -> None:
    """Where nobody said why, the reason says where it comes from."""
    push(book, course)
    decide_there(course, "bo flush.ids", 3, comment="  ")
    pull(book, course)
    made = decided(book)
    assert made is not None
    assert made.reason == "decided in nbgrader, without a comment"


def test_pulling_again_brings_nothing(book: Gradebook, course: Course) -> None:
    """What was brought over is not brought over twice."""
    push(book, course)
    decide_there(course, "bo flush.ids", 3, comment="half right")
    pull(book, course)
    lines = len(list(book.audit()))
    assert pull(book, course) == ()
    assert len(list(book.audit())) == lines


def test_a_push_after_a_pull_changes_nothing(book: Gradebook, course: Course) -> None:
    """What came from nbgrader stays there as it was typed; only the penalty follows the score."""
    push(book, course)
    decide_there(course, "ann flush.ids", 3, comment="half right")
    pull(book, course)
    before = dump(course)
    assert push(book, course).to_pull == ()
    assert dump(course) == before


def test_what_is_taken_back_there_is_taken_back_here(book: Gradebook, course: Course) -> None:
    """Where the score of a person is removed in nbgrader, the grader's counts again here."""
    book.override("bo", "flush.ids", 3, "half right")
    push(book, course)
    decide_there(course, "bo flush.ids", None)
    (change,) = pull(book, course)
    assert (change.points, change.reason) == (None, "taken back in nbgrader")
    assert decided(book) is None
    assert pull(book, course) == ()


def test_what_is_decided_here_since_the_push_stays(book: Gradebook, course: Course) -> None:
    """An override that nbgrader does not know yet is not taken for one that was removed there."""
    push(book, course)
    book.override("bo", "flush.ids", 3, "half right")
    assert pull(book, course) == ()
    made = decided(book)
    assert made is not None
    assert made.points == 3


def test_of_two_new_decisions_that_there_comes_here(book: Gradebook, course: Course) -> None:
    """Where both sides decided since they met, a push leaves nbgrader's, and a pull brings it."""
    book.override("bo", "flush.ids", 1, "a little")
    push(book, course)
    book.override("bo", "flush.ids", 2, "half right")
    decide_there(course, "bo flush.ids", 3)
    assert push(book, course).to_pull == (("bo", "flush.ids"),)
    assert grade_there(course, "bo", "flush.ids")["manual_score"] == 3
    pull(book, course)
    made = decided(book)
    assert made is not None
    assert made.points == 3


def test_extra_credit_counts(book: Gradebook, course: Course) -> None:
    """Points beside the grader's come here on top of them, and once here they stay what they are."""
    push(book, course)
    decide_there(course, "bo rollback.nothing_kept", None, 2)
    pull(book, course)
    made = decided(book, criterion="rollback.nothing_kept")
    assert made is not None
    assert made.points == 2
    assert push(book, course).to_pull == ()


@pytest.mark.parametrize(
    ("points", "extra", "problem"), [(2.5, None, "whole"), (4, 1, "0 to 4 points"), (-1, None, "0 to 4")]
)
def test_points_that_cannot_be_had_here_are_named(
    book: Gradebook, course: Course, points: float, extra: float | None, problem: str
) -> None:
    """Half points, and more than a criterion gives, stay in nbgrader, and the pull says why."""
    push(book, course)
    decide_there(course, "bo flush.ids", points, extra)
    (change,) = pull(book, course)
    assert problem in change.problem
    assert decided(book) is None
    assert push(book, course).to_pull == (("bo", "flush.ids"),)


def test_a_comment_that_comes_later_becomes_the_reason(book: Gradebook, course: Course) -> None:
    """Where only the comment on a manual score changes, the reason here does."""
    push(book, course)
    decide_there(course, "bo flush.ids", 3)
    pull(book, course)
    decide_there(course, "bo flush.ids", 3, comment="see line 4")
    assert len(pull(book, course)) == 1
    made = decided(book)
    assert made is not None
    assert made.reason == "see line 4"
    assert pull(book, course) == ()


def test_a_comment_alone_decides_nothing(book: Gradebook, course: Course) -> None:
    """A comment without a score stays in nbgrader: the grader's points go on to follow the student's work."""
    push(book, course)
    decide_there(course, "bo flush.ids", None, comment="well tried")
    assert pull(book, course) == ()


def test_a_dry_run_changes_nothing(book: Gradebook, course: Course) -> None:
    """It tells what would come, and leaves both gradebooks as they are."""
    push(book, course)
    decide_there(course, "bo flush.ids", 3)
    before = dump(course), len(list(book.audit()))
    assert [change.points for change in pull(book, course, dry=True)] == [3]
    assert (dump(course), len(list(book.audit()))) == before


def test_a_withheld_grade_can_be_decided_there(book: Gradebook, course: Course) -> None:
    """A score for what the grader could not judge, typed in nbgrader, gives the student a grade here."""
    push(book, course)
    decide_there(course, "cy reload.stale", 3)
    pull(book, course)
    assert book.standing("cy").status == "graded"
    push(book, course)
    assert grade_there(course, "cy", "reload.stale")["needs_manual_grade"] is False


def test_points_on_the_total_are_named(book: Gradebook, course: Course) -> None:
    """What is typed beside all criteria has no place here, and the pull says where it has one."""
    book.override("ann", "", 71, "agreed with the dean")
    push(book, course)
    decide_there(course, "ann decision_on_the_total", -5)
    (change,) = pull(book, course)
    assert "grader override" in change.problem


def test_pulling_before_a_push_says_so(book: Gradebook, course: Course) -> None:
    """Where nbgrader has no submission yet, the error names the command that brings them there."""
    with pytest.raises(CourseUnusable, match="grader nbgrader push"):
        pull(book, course)
