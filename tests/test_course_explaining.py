"""Explaining: behind one verdict stand its checks, the runs they looked at, decisions and earlier verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from course_samples import EDITION, another, handed
from outputs_samples import console, printed

from conftest import build_submission
from grader import flow
from grader.course import showing
from grader.course.explaining import Explanation, explain, look
from grader.course.gradebook import Gradebook, NotInGradebook, open_gradebook
from grader.course.nouns import Student
from grader.judge.checking import CRITERION
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.values import Evidence

WRONG = "return [1, 2, 3]"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, open_observer: Observer) -> Evidence:
    """Return the evidence of a submission whose preview_ids is wrong."""
    folder = build_submission(tmp_path_factory.mktemp("work") / "alice", {}, {"preview_ids": WRONG})
    return open_observer.observe(take_in(folder))


@pytest.fixture
def book(tmp_path: Path, seen: Evidence) -> Iterator[Gradebook]:
    """Return a gradebook in which alice's submission was graded twice, and decided upon."""
    push = handed("alice", seen.digest)
    with open_gradebook(tmp_path, "ms.lee") as opened:
        for edition in (EDITION, another(checks="checks-2")):
            opened.record(push, edition, seen, flow.judged(seen).report)
        opened.override("alice", "flush.ids", 2, "the idea is right")
        yield opened


@pytest.fixture
def found(book: Gradebook) -> Explanation:
    """Return what stands behind alice's flush.ids."""
    return explain(book, "alice", "flush.ids")


def test_explanation_names_the_checks_and_their_runs(found: Explanation) -> None:
    """Each check of the criterion is there with its sentence, what it found, and the runs that it asked for."""
    assert found.checks
    assert any(check.found in {"failed", "unseen"} and "preview" in check.runs for check in found.checks)
    assert all(check.expects and check.name.startswith("check_flush.") for check in found.checks)
    assert "preview" in found.runs()


def test_explanation_holds_decisions_and_history(found: Explanation) -> None:
    """What a person decided stands beside what the grader said, each time it was graded."""
    assert [made.reason for made in found.overrides] == ["the idea is right"]
    assert (found.mark.given, found.mark.points) == (0, 2)
    assert [past.edition.checks for past, _ in found.history] == ["checks-1", "checks-2"]


def test_terminal_shows_everything_behind_a_verdict(found: Explanation) -> None:
    """A person reads the sentence, what was seen, decisions, history and the timeline of the runs."""
    kept = console(200)
    showing.explanation(found, kept)
    text = printed(kept)
    for expected in (found.criterion.seen, "the idea is right", "ms.lee", "graded ", "preview_ids", "2 of 4 points"):
        assert expected in text


@pytest.mark.parametrize("criterion", ["flush.id", "", "preview"])
def test_unknown_criterion_is_answered_with_those_there_are(book: Gradebook, criterion: str) -> None:
    """A slip of the pen names the criteria."""
    with pytest.raises(NotInGradebook, match=r"flush\.ids"):
        explain(book, "alice", criterion)


def test_student_of_whom_nothing_was_graded_is_an_error(book: Gradebook) -> None:
    """Who is not there is answered with who is; who handed in nothing, with that."""
    book.enroll([Student("alice"), Student("mia")])
    with pytest.raises(NotInGradebook, match="alice"):
        explain(book, "alicia", "flush.ids")
    with pytest.raises(NotInGradebook, match="nothing of mia's was graded"):
        explain(book, "mia", "flush.ids")


def test_every_criterion_has_checks_to_explain(seen: Evidence) -> None:
    """For each criterion of the grade there is at least one check, and what it found agrees with the grade."""
    for criterion in flow.judged(seen).report.criteria:
        looked = [check for check in look(seen, criterion.key) if check.view == "own"]
        assert looked, criterion.key
        assert criterion.outcome == "passed" or any(check.found != "passed" for check in look(seen, criterion.key))


def test_check_that_breaks_is_told_as_broken(monkeypatch: pytest.MonkeyPatch, seen: Evidence) -> None:
    """A fault of a check's own is shown as what it is."""
    from grader.judge.checks import check_flush  # noqa: PLC0415  # where the check of this test is put

    def check_breaks(record: object) -> None:
        raise ZeroDivisionError(str(record)[:1])

    setattr(check_breaks, CRITERION, "flush.ids")
    check_breaks.needs = ()  # type: ignore[attr-defined]  # as the decorator does
    monkeypatch.setattr(check_flush, "check_breaks", check_breaks, raising=False)
    assert [check.found for check in look(seen, "flush.ids") if check.name.endswith("check_breaks")] == ["broken"]
