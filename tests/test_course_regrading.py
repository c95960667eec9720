"""Regrading: stored evidence is judged again, nothing is written unasked, and every earlier grade stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import evidence_samples as samples
import msgspec
import pytest
from course_samples import EDITION, another, handed, keep, points, report
from msgspec.structs import replace
from outputs_samples import console, printed

from grader import flow
from grader.content import SOLUTION, find_content
from grader.course import editions, regrading, showing
from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.nouns import Push
from grader.course.regrading import Regrade
from grader.course.work import Worked
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


def test_what_was_observed_again_counts_with_its_new_evidence(book: Gradebook, judge: Callable[..., object]) -> None:
    """New evidence is kept for all who share it, beside the old; whoever could not be observed is told, and waits."""
    judge()
    new = another(NEW, plan="plan-2")
    fresh = replace(samples.evidence(digest="sha256:a"), observations="rows_after_first_run = 2")

    def observe(pushes: Sequence[Push]) -> Iterator[tuple[list[Push], Worked]]:
        alike, others = (
            [push for push in pushes if (push.handed.digest == "sha256:a") is same] for same in (True, False)
        )
        yield alike, Worked(msgspec.json.encode(fresh), msgspec.json.encode(report("commit.ids", about=fresh)))
        yield others, Worked(problem="the sandbox was gone")

    result = regrading.regrade(book, new, observe=observe)
    assert [push.handed.student for push, _, _ in result.observed] == ["alice", "bob"]
    assert [push.handed.student for push in result.observe_again] == ["cleo"]
    assert result.faults == ("the sandbox was gone",)
    regrading.write(book, result)
    assert [standing.score for standing in book.standings()] == [96, 96, 96]
    assert [past.edition.plan for past in book.history("bob")] == ["plan-1", "plan-2"]
    assert book.evidence(book.pushes("bob")[0]).observations == fresh.observations


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
def test_judged_again_a_submission_has_the_report_that_it_had_fresh(tmp_path: Path, open_observer: Observer) -> None:
    """Right and wrong ones, and those in which the reference stood in, are judged again as they were the first time."""
    rejected = Path(__file__).parent / "submissions/rejected"
    folders = [find_content().root / SOLUTION, *(rejected / name for name in ("commit_per_row", "models_missing"))]
    fresh = {}
    with open_gradebook(tmp_path) as book:
        for folder in folders:
            graded = flow.judged(open_observer.observe(take_in(folder)))
            fresh[folder.name] = graded.report
            book.record(handed(folder.name, graded.report.digest), EDITION, graded.evidence, graded.report)
        result = regrading.regrade(book, NEW)
    assert {push.handed.student: made for push, made in result.judged} == fresh
    assert (result.differences, result.reworded, result.faults) == ((), (), ())


def test_whose_report_only_words_change_has_it_written_again(book: Gradebook, judge: Callable[..., object]) -> None:
    """Other words for the same verdict are no difference, and yet the report is another one."""
    judge("flush.ids")
    assert regrading.regrade(book, NEW).reworded == ()
    judge("flush.ids", "commit.ids")
    assert [push.handed.student for push in regrading.regrade(book, NEW).reworded] == ["alice", "bob", "cleo"]


def shown(result: Regrade, *, writes: bool = False) -> str:
    """Return what a terminal shows of a regrade."""
    kept = console(200)
    showing.regrade(result, kept, "grades", writes=writes)
    return printed(kept)


def test_terminal_shows_gains_and_how_to_write_them(book: Gradebook, judge: Callable[..., object]) -> None:
    """A person reads who changes, from what to what, and what to do next."""
    judge()
    text = shown(regrading.regrade(book, NEW))
    assert "alice 96 → 100" in text
    assert "flush.ids: failed 0/4 → passed 4/4" in text
    assert "3 judged again: 3 gain, 0 lose, 0 keep their points." in text
    assert "grader regrade grades --write" in text


def test_terminal_names_what_is_to_be_observed_again(book: Gradebook, judge: Callable[..., object]) -> None:
    """Whose evidence is of another plan is named, and nothing is offered to be written."""
    judge()
    text = shown(regrading.regrade(book, another(NEW, plan="plan-2")))
    assert "other calls are made today (grader regrade grades --observe): alice, bob, cleo" in text
    assert "--write" not in text


def test_terminal_sums_up_by_criterion_first(book: Gradebook, judge: Callable[..., object]) -> None:
    """Before the students stands how many gain and how many lose by each criterion."""
    keep(book, handed("dan", "sha256:d"))
    judge("commit.ids")
    text = shown(regrading.regrade(book, NEW))
    assert "criterion gain lose other outcome" in text
    assert "commit.ids 4 " in text[: text.index("alice")]
    assert "flush.ids 3 " in text[: text.index("alice")]


def test_terminal_shows_what_counts_where_a_person_decided(book: Gradebook, judge: Callable[..., object]) -> None:
    """Beside the grader's points stands what the student will have."""
    book.override("alice", "flush.ids", 1, "half right")
    judge("commit.ids")
    text = shown(regrading.regrade(book, NEW), writes=True)
    assert "alice 96 → 96 counts: 97 → 93" in text
    assert "--write" not in text


def test_terminal_shows_nothing_that_a_name_commands(book: Gradebook, judge: Callable[..., object]) -> None:
    """A key that is no plain word cannot command the terminal."""
    keep(book, handed("\x1b[2Jzed", "sha256:z"), "flush.ids")
    judge()
    assert "\x1b[2J" not in shown(regrading.regrade(book, NEW), writes=True)


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
