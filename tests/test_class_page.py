"""``class.html``: its figures, its lists of what to look at, its rows, and the page that is written."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from classwork_samples import RUBRIC, classwork, evidence, graded, handed, push, standing
from course_samples import handed as push_of
from course_samples import keep
from msgspec.structs import replace

from grader.course.classpage import charts, figures, page, rows
from grader.course.classpage import classwork as reading
from grader.course.classpage.attention import attention
from grader.course.classpage.classwork import Classwork
from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.nouns import Override, Student
from grader.outputs.files import OutputUnwritable

NOBODY = Classwork((), {}, {}, {})
NO_FAILURES: dict[str, str] = {}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    """Return a gradebook with one student who pushed twice, one who pushed once, and one who did not."""
    with open_gradebook(tmp_path / "grades") as book:
        book.enroll([Student("alice", "Alice"), Student("bob"), Student("carol")])
        first, second = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
        keep(book, push_of("alice", pushed_at=first), "model.money", "commit.stored")
        keep(book, push_of("alice", "sha256:b", pushed_at=second), "model.money")
        keep(book, push_of("bob", "sha256:c"))
        yield book


# --- figures ----------------------------------------------------------------------------------------------------------
def test_the_gradebook_gives_the_push_that_counts(book: Gradebook) -> None:
    """A class is read with every push, and with the report of the one that counts."""
    work = reading.read(book)
    assert {student: len(made) for student, made in work.pushes.items()} == {"alice": 2, "bob": 1}
    assert work.counting["alice"].handed.digest == "sha256:b"
    assert [c.key for c in work.reports["alice"].criteria if c.outcome != "passed"] == ["model.money"]


def test_the_class_is_counted() -> None:
    """Those who handed in, are missing, late or flagged are counted; mean and median are of those with a grade."""
    found = figures.overview(classwork(30))
    counted = (found.students, found.graded, found.missing, found.late, found.flagged, found.withheld)
    assert counted == (30, 28, 2, 4, 3, 0)
    assert found.median == 95
    assert found.mean == pytest.approx(93.04, abs=0.01)


def test_an_empty_class_has_no_mean() -> None:
    """Where nobody has a grade there is no mean, and every part of the points has no student."""
    assert figures.overview(NOBODY).mean is None
    assert {each.students for each in figures.distribution(NOBODY)} == {0}


def test_every_score_has_its_place() -> None:
    """The parts of the points hold everybody who has a grade once, and full marks are a part of their own."""
    work = classwork(30)
    bins = figures.distribution(work)
    assert sum(each.students for each in bins) == 28
    assert (bins[-1].label, bins[0].label, len(bins)) == ("100", "0 to 4", 21)


def test_few_points_have_few_parts() -> None:
    """An assignment of three points has four parts."""
    where = replace(standing(Student("a"), handed("a"), graded("a")), max_score=3, score=3)
    assert [each.label for each in figures.distribution(replace(NOBODY, standings=(where,)))] == ["0", "1", "2", "3"]


def test_what_became_of_a_criterion_is_counted() -> None:
    """A criterion is passed, lost, blocked or undecided; the rates of a concept are those of its criteria together."""
    told = [
        graded("a"),
        graded("b", "model.money"),
        graded("c", model_money="blocked"),
        graded("d", model_money="broken"),
    ]
    work = replace(NOBODY, standings=tuple(standing(Student(r.submission), handed("x"), r) for r in told))
    rates = {rate.key: rate for rate in figures.criteria(work)}
    assert rates["model.money"].counts == {"passed": 1, "partial": 0, "failed": 1, "blocked": 1, "undecided": 1}
    assert rates["model.money"].percent == 25
    model = figures.concepts(list(rates.values()))[0]
    assert (model.title, model.of, model.percent) == ("The model", 12, 75)


def test_a_concept_holds_its_criteria_whatever_they_are_called() -> None:
    """Criteria belong to the concept that the rubric says, and not to the beginning of their names."""
    rates = figures.criteria(classwork(3))
    assert [c.key for c in figures.concepts(rates)] == [concept.key for concept in RUBRIC.concepts]


def test_a_persons_decision_counts() -> None:
    """A criterion for which a person gave all points is passed, for some points it is passed in part."""
    given = graded("a", "model.money", "commit.stored")
    where = standing(Student("a"), handed("a"), given)
    decided = {"model.money": 5, "commit.stored": 3}
    marks = tuple(
        replace(
            mark, override=Override("a", mark.key, decided[mark.key], "why", "me", datetime(2026, 12, 1, tzinfo=UTC))
        )
        if mark.key in decided
        else mark
        for mark in where.marks
    )
    rates = {r.key: r for r in figures.criteria(replace(NOBODY, standings=(replace(where, marks=marks),)))}
    assert rates["model.money"].counts["passed"] == 1
    assert rates["commit.stored"].counts["partial"] == 1


def test_pushes_are_compared_by_their_number() -> None:
    """The n-th push has the quartiles of those who made one, and counts for whom it was the first to pass."""
    scores = {"a": (20, 80), "b": (40, 50), "c": (90,)}
    made = {
        key: tuple(replace(push(handed(key, n), graded(key)), score=score) for n, score in enumerate(row, 1))
        for key, row in scores.items()
    }
    first, second = figures.attempts(replace(NOBODY, pushes=made))
    assert (first.students, first.low, first.median, first.high, first.passing) == (3, 30, 40, 65, 1)
    assert (second.students, second.median, second.passing) == (2, 65, 1)


def test_one_push_each_is_no_development() -> None:
    """Where nobody pushed twice there is nothing to compare."""
    assert figures.attempts(replace(NOBODY, pushes={"a": (push(handed("a"), graded("a")),)})) == []


# --- what to look at --------------------------------------------------------------------------------------------------
def test_each_concern_names_its_students_and_what_to_do() -> None:
    """What could not be read, is flagged, missing or late is listed with particulars and a repair."""
    found = {concern.title: concern for concern in attention(classwork(30), {"mallory": "models.py is a link"})}
    assert list(found) == ["Could not be read or graded", "Flagged", "Not handed in", "Late"]
    assert found["Could not be read or graded"].students == {"mallory": "models.py is a link"}
    assert list(found["Not handed in"].students) == ["student0010", "student0021"]
    assert found["Late"].students["student0007"] == "pushed 3 hours late: 10 % come off"
    assert all(concern.todo for concern in found.values())


def test_a_withheld_grade_names_the_criterion() -> None:
    """A grade that is withheld is listed with the criterion at which the grader failed."""
    told = graded("a", commit_ids="broken")
    (concern,) = attention(replace(NOBODY, standings=(standing(Student("a"), handed("a"), told),)), {})
    assert (concern.title, concern.students) == ("Withheld", {"a": "commit.ids"})


def test_a_decision_on_an_older_push_is_worth_another_look() -> None:
    """A decision that was made for another push than the one that counts is listed with its reason."""
    decided = Override("a", "", 90, "was ill", "me", datetime(2026, 12, 1, tzinfo=UTC), "sha256:old")
    where = standing(Student("a"), handed("a"), graded("a"), total=decided)
    (concern,) = attention(replace(NOBODY, standings=(where,)), {})
    assert concern.students == {"a": "total: was ill"}


# --- rows -------------------------------------------------------------------------------------------------------------
def test_a_row_is_found_by_what_it_shows() -> None:
    """The tags of a row are its states, the criteria that were lost and its sections, by number."""
    told = graded("a", "model.money", "commit.stored")
    where = standing(Student("a", sections=("B", "A")), handed("a"), told, flags=("flag.network",))
    other = standing(Student("b", sections=("A",)), handed("b"), graded("b"))
    row, _ = rows.rows([where, other], {"a": "a/report.html"}, [c.key for c in RUBRIC.criteria])
    assert row.tags == "graded flagged c2 c3 s1 s0"
    assert (row.lost, row.losses, row.link) == ({"model": ("money",), "commit": ("stored",)}, 2, "a/report.html")


def test_only_reports_that_are_there_are_linked(tmp_path: Path) -> None:
    """A report beside the page is linked by an address in which nothing is read as more than a name."""
    for name in ("alice", "a?b#c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").write_text("")
    found = rows.links(["alice", "a?b#c", "bob"], tmp_path)
    assert found == {"alice": "alice/report.html", "a?b#c": "a%3Fb%23c/report.html"}


# --- charts -----------------------------------------------------------------------------------------------------------
def test_a_chart_is_one_picture_in_the_colours_of_the_page() -> None:
    """A chart has a name for readers, brings no style, script or address, and every colour is one of the page's."""
    work = classwork(30)
    drawn = (
        charts.of_distribution(figures.distribution(work), 'how "many"'),
        charts.of_rates(figures.criteria(work), "rates"),
        charts.of_attempts(figures.attempts(work), "pushes"),
    )
    for chart in drawn:
        assert chart.count("role=") == chart.count("aria-label=") == 1
        assert not re.search(r"<style|style=|<script|href=|url\(|#[0-9a-f]{3}", chart)
        colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', chart))
        assert {colour for colour in colours if not colour.startswith("var(--")} <= {"none"}
    assert 'aria-label="how &#34;many&#34;"' in drawn[0]


# --- the page ---------------------------------------------------------------------------------------------------------
def test_the_page_is_written_beside_the_reports(book: Gradebook, tmp_path: Path) -> None:
    """The page is a file of its own, and names the students of the gradebook."""
    written = page.write(book, tmp_path / "grades")
    text = written.read_text(encoding="utf-8")
    assert written == tmp_path / "grades" / "class.html"
    assert all(name in text for name in ("alice", "bob", "carol", "model.money"))


def test_a_page_that_cannot_be_written_names_the_repair(book: Gradebook, tmp_path: Path) -> None:
    """A file in the way of the folder is an error that says what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable, match="choose another folder"):
        page.write(book, tmp_path / "file")


def test_a_mistake_of_many_is_shown_once_with_its_line(tmp_path: Path) -> None:
    """Students with the same mistake share one explanation, one sample of code, and are all named under it."""
    text = page.render(classwork(30), evidence, tmp_path, NO_FAILURES)
    article = next(part for part in text.split("<article")[1:] if "model.money" in part)
    assert '<span class="big">10</span> students' in article
    assert '<mark class="line"><span class="number">9</span>session.commit()' in article
    assert article.count("<li>") == 10


def test_the_page_asks_for_nothing(tmp_path: Path) -> None:
    """Nothing in the page is loaded from anywhere, and its policy allows its own styles and scripts alone."""
    text = page.render(classwork(30), evidence, tmp_path, NO_FAILURES)
    assert "default-src 'none'" in text
    assert not re.search(r"<(?:link|img|image|iframe|object|embed|use)\b|@import|url\(", text)


def test_a_missing_extra_is_told_with_its_repair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library that compares submissions the page says how to install it, and shows all else."""
    monkeypatch.setitem(sys.modules, "copydetect", None)
    text = page.render(classwork(3), evidence, tmp_path, NO_FAILURES)
    assert "pip install &#39;session-grader[similarity]&#39;" in text
    assert "All students" in text


def test_an_empty_class_has_a_page(tmp_path: Path) -> None:
    """A class of nobody has a page that says so."""
    text = page.render(NOBODY, evidence, tmp_path, NO_FAILURES)
    assert "Nothing has been graded yet" in text
    assert "Nobody has handed in anything yet." in text
