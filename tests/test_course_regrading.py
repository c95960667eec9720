"""Regrading: stored evidence is judged again, nothing is written unasked, and every earlier grade stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from course_samples import EDITION, another, handed, keep, points, report
from outputs_samples import console, printed

from grader import flow
from grader.content import SOLUTION, find_content
from grader.course import editions, regrading, showing
from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.regrading import Regrade
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.values import Evidence, GradeReport

NEW = another(checks="checks-2")
Judged = tuple[GradeReport, tuple[str, ...]]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    """Return a gradebook in which alice and bob handed in the same files, and cleo others."""
    with open_gradebook(tmp_path / "grades", "ms.lee") as opened:
        for student, digest in (("alice", "sha256:a"), ("bob", "sha256:a"), ("cleo", "sha256:c")):
            keep(opened, handed(student, digest), "flush.ids")
        yield opened


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Evidence]]:
    """Return what puts a judge of ours in place of the checks, and tells what it has judged."""

    def place(*lost: str, faults: tuple[str, ...] = (), **more: tuple[str, ...]) -> list[Evidence]:
        judged: list[Evidence] = []

        def judge_one(about: Evidence) -> Judged:
            judged.append(about)
            return report(*lost, about=about, **more), faults

        monkeypatch.setattr(regrading, "judge", judge_one)
        return judged

    return place


def test_regrade_says_who_gains_and_who_loses_and_why(book: Gradebook, judge: Callable[..., object]) -> None:
    """Each criterion that gets another verdict is told, before and after."""
    judge("commit.ids", "commit.stored")
    difference = next(d for d in regrading.regrade(book, NEW).differences if d.push.handed.student == "alice")
    assert (difference.before, difference.after) == (96, 100 - points("commit.ids") - points("commit.stored"))
    verdicts = {s.key: (s.before and s.before.outcome, s.after and s.after.outcome) for s in difference.shifts}
    assert verdicts == {
        "flush.ids": ("failed", "passed"),
        "commit.stored": ("passed", "failed"),
        "commit.ids": ("passed", "failed"),
    }


def test_nothing_is_written_before_it_is_asked_for(book: Gradebook, judge: Callable[..., object]) -> None:
    """Looking at the differences changes no grade."""
    judge()
    assert regrading.regrade(book, NEW).differences
    assert [standing.score for standing in book.standings()] == [96, 96, 96]
    assert len(book.history("alice")) == 1


def test_written_regrade_counts_and_keeps_the_earlier_grades(book: Gradebook, judge: Callable[..., object]) -> None:
    """New grades stand in the gradebook beside the old ones, and the audit trail says what happened."""
    judge()
    regrading.write(book, regrading.regrade(book, NEW))
    assert [standing.score for standing in book.standings()] == [100, 100, 100]
    assert [past.score for past in book.history("bob")] == [96, 100]
    *_, (_, who, action, _, details) = book.audit()
    assert (who, action, details["gained"]) == ("ms.lee", "regrade", ["alice", "bob", "cleo"])


def test_regrade_that_was_written_has_nothing_left_to_do(book: Gradebook, judge: Callable[..., list[Evidence]]) -> None:
    """What this edition has judged is not judged again: an interrupted regrade goes on where it stopped."""
    judged = judge()
    regrading.write(book, regrading.regrade(book, NEW))
    judged.clear()
    result = regrading.regrade(book, NEW)
    assert (judged, result.judged, result.current) == ([], (), 3)


def test_evidence_that_several_share_is_judged_once(book: Gradebook, judge: Callable[..., list[Evidence]]) -> None:
    """The same files are judged one time; each student's report has the student's name."""
    judged = judge()
    result = regrading.regrade(book, NEW)
    assert len(judged) == 2
    assert [made.submission for _, made in result.judged] == ["alice", "bob", "cleo"]


def test_override_stays_on_top_of_a_regrade(book: Gradebook, judge: Callable[..., object]) -> None:
    """What a person decided counts after judging again, and the difference says what changes for the student."""
    book.override("alice", "flush.ids", 1, "half right")
    judge()
    result = regrading.regrade(book, NEW)
    difference = result.differences[0]
    assert (difference.before, difference.after) == (96, 100)
    assert (difference.counts_before, difference.counts_after) == (97, 97)
    regrading.write(book, result)
    assert book.standing("alice").score == 97


def test_evidence_of_another_plan_is_to_be_observed_again(
    book: Gradebook, judge: Callable[..., list[Evidence]]
) -> None:
    """Where other calls would be made today, the old evidence is not judged, and the student is named."""
    judged = judge()
    result = regrading.regrade(book, another(NEW, plan="plan-2"))
    assert judged == []
    assert {push.handed.student for push in result.observe_again} == {"alice", "bob", "cleo"}


def test_fault_of_the_judge_withholds_and_is_told(book: Gradebook, judge: Callable[..., object]) -> None:
    """A check that breaks makes no zero: the score is withheld, and the traceback comes along."""
    judge(broken=("flush.ids",), faults=("Traceback …",))
    result = regrading.regrade(book, NEW)
    assert result.faults == ("Traceback …", "Traceback …")
    regrading.write(book, result)
    assert book.standing("alice").status == "withheld"


def test_same_verdicts_are_no_difference(book: Gradebook, judge: Callable[..., object]) -> None:
    """Judged again to the same effect, a student is not listed."""
    judge("flush.ids")
    result = regrading.regrade(book, NEW)
    assert (len(result.judged), result.differences) == (3, ())


def test_progress_tells_of_each_push(book: Gradebook, judge: Callable[..., object]) -> None:
    """Who waits is told of each push as it was judged."""
    judge()
    told: list[str] = []
    regrading.regrade(book, NEW, progress=lambda push: told.append(push.handed.student))
    assert told == ["alice", "bob", "cleo"]


@pytest.mark.slow
def test_several_processes_judge_as_one_does(tmp_path: Path, open_observer: Observer) -> None:
    """The checks themselves give the same reports in one process, in two, and fresh from the observer."""
    content = find_content()
    seen = open_observer.observe(take_in(content.root / SOLUTION))
    fresh = flow.judged(seen).report
    with open_gradebook(tmp_path) as book:
        for student in ("alice", "bob"):
            book.record(handed(student, seen.digest), EDITION, seen, report(about=seen))
        one, two = (regrading.regrade(book, NEW, jobs=jobs) for jobs in (1, 2))
    assert one == two
    assert one.judged[0][1].criteria == fresh.criteria
    assert one.faults == ()


def shown(result: Regrade, *, written: bool = False) -> str:
    """Return what a terminal shows of a regrade."""
    kept = console(200)
    showing.regrade(result, kept, written=written)
    return printed(kept)


def test_terminal_shows_gains_and_how_to_write_them(book: Gradebook, judge: Callable[..., object]) -> None:
    """A person reads who changes, from what to what, and what to do next."""
    judge()
    text = shown(regrading.regrade(book, NEW))
    assert "alice 96 → 100" in text
    assert "flush.ids: failed 0/4 → passed 4/4" in text
    assert "3 judged again: 3 gain, 0 lose, 0 keep their points." in text
    assert "--write" in text


def test_terminal_names_what_is_to_be_observed_again(book: Gradebook, judge: Callable[..., object]) -> None:
    """Whose evidence is of another plan is named, and nothing is offered to be written."""
    judge()
    text = shown(regrading.regrade(book, another(NEW, plan="plan-2")))
    assert "To be observed again, as other calls are made today: alice, bob, cleo" in text
    assert "--write" not in text


def test_terminal_shows_what_counts_where_a_person_decided(
    book: Gradebook, judge: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the grader's points stands what the student will have; of many students the beginning is enough."""
    book.override("alice", "flush.ids", 1, "half right")
    judge("commit.ids")
    monkeypatch.setattr(showing, "MOST_DIFFERENCES", 1)
    text = shown(regrading.regrade(book, NEW), written=True)
    assert "alice 96 → 96 counts: 97 → 93" in text
    assert "… and 2 more" in text
    assert "the earlier grades are kept" in text


def test_terminal_shows_nothing_that_a_name_commands(book: Gradebook, judge: Callable[..., object]) -> None:
    """A key that is no plain word cannot command the terminal."""
    keep(book, handed("\x1b[2Jzed", "sha256:z"), "flush.ids")
    judge()
    assert "\x1b[2J" not in shown(regrading.regrade(book, NEW), written=True)


def test_plan_digest_follows_the_secret_and_not_the_source() -> None:
    """Other hidden inputs are another plan; asked twice, the plan is the same."""
    digest = partial(editions.plan_digest, content=find_content())
    assert digest("a") == digest("a") != digest("b")


def test_edition_follows_the_secret_of_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    """The course's secret decides the plan, and nothing else of the edition."""
    monkeypatch.setenv(flow.SECRET_VARIABLE, "one")
    one = editions.current_edition()
    monkeypatch.setenv(flow.SECRET_VARIABLE, "two")
    two = editions.current_edition()
    assert one.plan != two.plan
    assert (one.version, one.checks, one.rubric) == (two.version, two.checks, two.rubric)
