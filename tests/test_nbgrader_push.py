"""``grader nbgrader push``: what stands in nbgrader's gradebook after it, what stays, and what nobody can break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from course_samples import DUE, EDITION, another, evidence, handed, keep, report
from msgspec.structs import replace
from nasty import TEXTS
from nbgrader_course import HALF_PENALTY, decide_there, dump, grade_there, push, scores_there, theirs
from sqlalchemy import Engine, event

from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.nouns import Student
from grader.notebook import pushing_files
from grader.notebook.bridge import NOTEBOOK, Course, cell_name, settled, student_id
from grader.notebook.pushing_lines import Line, Work
from grader.outputs.files import OutputUnwritable
from grader.values import Source

pytest_plugins = ("nbgrader_fixtures",)
pytestmark = pytest.mark.xdist_group("nbgrader")


# --- names and decisions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("met", "here", "there", "counts"),
    [
        (None, None, None, None),
        (None, 2, None, 2),
        (None, None, 3.0, 3),
        (2, 2, 2.0, 2),
        (2, 4, 2.0, 4),
        (2, 2, 3.5, 3.5),
        (2, None, 2.0, None),
        (2, 2, None, None),
        (2, 4, 3.0, 3),
        (None, 4, 3.0, 3),
    ],
)
def test_the_side_that_changed_counts(
    met: float | None, here: float | None, there: float | None, counts: float | None
) -> None:
    """Of two decisions the newer one counts, one that was taken back included; of two new ones nbgrader's."""
    assert settled(met, here, there) == counts


@pytest.mark.parametrize("key", ["ann", "ann-d", "a_b", "ann@uni.edu"])
def test_usual_names_stay_as_they_are(key: str) -> None:
    """A login, a number or an address is called the same in nbgrader."""
    assert student_id(key) == key


def test_other_names_become_folders_that_nbgrader_takes() -> None:
    """A plus, a slash, a dot in front and letters of other scripts are written out, and no two keys become one."""
    keys = ["a+b", "a=2Bb", "a/b", "..", ".", "a b", "Zoë", "a*b", "a%2Bb", "<b>", "~a"]
    names = [student_id(key) for key in keys]
    assert len(set(names)) == len(keys)
    assert "".join(names).replace("=", "").replace(".", "").isalnum()
    assert not any(name.startswith(".") for name in names)


# --- what stands there ------------------------------------------------------------------------------------------------


def test_every_criterion_has_its_score_there(book: Gradebook, course: Course) -> None:
    """What the grader gave for a criterion is the automatic score of a cell of that name."""
    push(book, course)
    marks = book.standing("bo").marks
    assert {mark.key: grade_there(course, "bo", mark.key)["auto_score"] for mark in marks} == {
        mark.key: mark.given for mark in marks
    }
    assert {grade_there(course, "bo", mark.key)["needs_manual_grade"] for mark in marks} == {False}


def test_a_lost_criterion_comes_with_what_was_seen(book: Gradebook, course: Course) -> None:
    """The comment on a criterion says what was expected, what was seen and what helps."""
    push(book, course)
    comment = str(grade_there(course, "bo", "flush.ids")["auto_comment"])
    assert [part.split(":")[0] for part in comment.split("\n\n")] == ["Failed.", "Expected", "Seen", "Hint"]


def test_scores_there_are_those_here(book: Gradebook, course: Course) -> None:
    """With overrides, lateness, an extension and decisions on the total, what counts is the same on both sides."""
    keep(book, handed("eve", "sha256:eve", pushed_at=DUE + timedelta(hours=30)), "commit.stored")
    keep(book, handed("fay", "sha256:fay", pushed_at=DUE + timedelta(hours=30)), "commit.stored")
    keep(book, handed("gus", "sha256:gus", pushed_at=DUE + timedelta(days=9)))
    book.override("bo", "flush.ids", 3, "half right")
    book.extend("eve", DUE + timedelta(days=1), "ill")
    book.override("fay", "", 71, "agreed with the dean")
    book.override("dee", "", 50, "oral exam")
    push(book, course)
    here = {s.student.key: s.score for s in book.standings() if s.status == "graded"}
    assert len(here) == 6
    assert {student: score for student, score in scores_there(course).items() if student in here} == here


def test_times_are_those_of_the_gradebook(book: Gradebook, course: Course) -> None:
    """The date of the policy and the times of the pushes stand there, in UTC."""
    push(book, course)
    with theirs(course) as gradebook:
        submission = gradebook.find_submission(course.assignment, "bo")
        assert submission.duedate == DUE.replace(tzinfo=None)
        assert submission.total_seconds_late == 3600


def test_a_withheld_grade_waits_for_a_person(book: Gradebook, course: Course) -> None:
    """What the grader could not judge has no score there, is marked for manual grading, and says so."""
    assert push(book, course).withheld == ("cy",)
    there = grade_there(course, "cy", "reload.stale")
    assert (there["auto_score"], there["needs_manual_grade"]) == (None, True)
    assert "withheld" in str(there["auto_comment"]).lower()


def test_who_handed_in_nothing_is_a_student_without_a_submission(book: Gradebook, course: Course) -> None:
    """Everybody on the roster is there by name; who handed in nothing has no submission."""
    assert push(book, course).missing == ("dee",)
    with theirs(course) as gradebook:
        names = {s.id: (s.first_name, s.last_name, s.email) for s in gradebook.students}
        assert names["bo"] == ("Bo", "Chen", "bo@uni.edu")
        assert names["dee"] == ("Dee", "Ek", "dee@uni.edu")
        assert {s.student.id for s in gradebook.assignment_submissions(course.assignment)} == {"ann", "bo", "cy"}


def test_a_name_that_stands_there_stays(book: Gradebook, course: Course) -> None:
    """Names and addresses that were imported into nbgrader are not replaced."""
    with theirs(course) as gradebook:
        gradebook.add_student("ann", first_name="Anna", last_name="Díaz", email="a@home")
    push(book, course)
    with theirs(course) as gradebook:
        ann = gradebook.find_student("ann")
        assert (ann.first_name, ann.last_name, ann.email) == ("Anna", "Díaz", "a@home")


def test_pushing_again_changes_nothing(book: Gradebook, course: Course) -> None:
    """A second push leaves every row and every file as it was, and no line in the audit trail."""
    book.override("ann", "flush.ids", 2, "half right")
    push(book, course)
    before = dump(course), files(course), len(list(book.audit()))
    push(book, course)
    assert (dump(course), files(course), len(list(book.audit()))) == before


def files(course: Course) -> dict[str, int]:
    """Return the files of a course, each with the time at which it was written."""
    root = Path(course.layout.root)
    found = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".db")
    return {str(path): path.stat().st_mtime_ns for path in found}


def test_a_new_grade_replaces_the_old_one(book: Gradebook, course: Course) -> None:
    """After another push of the student's, the scores, the time and the penalty are those of the new one."""
    push(book, course)
    book.set_late_policy(replace(HALF_PENALTY, percent_per_day=10))
    keep(book, handed("bo", "sha256:bo2", pushed_at=DUE + timedelta(days=1, hours=1)), "flush.ids", "commit.ids")
    push(book, course)
    now = {key: grade_there(course, "bo", key)["auto_score"] for key in ("rollback.nothing_kept", "commit.ids")}
    assert now == {"rollback.nothing_kept": 14, "commit.ids": 0}
    assert scores_there(course)["bo"] == book.standing("bo").score == 74


# --- decisions --------------------------------------------------------------------------------------------------------


def test_a_manual_score_stays(book: Gradebook, course: Course) -> None:
    """What a person typed there, with credit and comment, is there after another push, which names it."""
    push(book, course)
    decide_there(course, "bo flush.ids", 2.5, 0.5, "see me")
    assert push(book, course).to_pull == (("bo", "flush.ids"),)
    there = grade_there(course, "bo", "flush.ids")
    assert (there["manual_score"], there["extra_credit"], there["manual_comment"]) == (2.5, 0.5, "see me")


def test_an_override_is_a_manual_score(book: Gradebook, course: Course) -> None:
    """A decision of ours is a manual score there, and is gone there once it is taken back here."""
    book.override("bo", "flush.ids", 3, "half right")
    push(book, course)
    assert grade_there(course, "bo", "flush.ids")["manual_score"] == 3
    book.override("bo", "flush.ids", None, "no, it was not")
    push(book, course)
    assert grade_there(course, "bo", "flush.ids")["manual_score"] is None


def test_the_reason_of_an_override_stays_here(book: Gradebook, course: Course) -> None:
    """Students are shown manual comments by nbgrader; a reason may be nobody else's business."""
    book.override("bo", "flush.ids", 3, "was in hospital")
    push(book, course)
    assert not [line for line in dump(course) if "hospital" in line]


def test_a_person_looks_again_at_work_that_was_graded_anew(book: Gradebook, course: Course) -> None:
    """Where the grader's score below a manual one changes, it is marked for manual grading until a person did."""
    push(book, course)
    decide_there(course, "bo flush.ids", 2)
    keep(book, handed("bo", "sha256:bo2", pushed_at=DUE + timedelta(hours=2)))
    for _ in range(2):
        push(book, course)
        assert grade_there(course, "bo", "flush.ids")["needs_manual_grade"] is True
    decide_there(course, "bo flush.ids", 4)
    push(book, course)
    assert grade_there(course, "bo", "flush.ids")["needs_manual_grade"] is False


# --- criteria that come later -----------------------------------------------------------------------------------------


def test_a_criterion_that_comes_later_is_there_for_everybody(book: Gradebook, course: Course) -> None:
    """Submissions from before have a grade of a new criterion too: none yet, and what to do about it."""
    push(book, course)
    made = report()
    extra = replace(made.criteria[0], key="model.extra")
    longer = replace(made, criteria=(*made.criteria, extra))
    book.record(handed("eve", "sha256:eve"), another(rubric="rubric-2"), evidence("sha256:eve"), longer)
    push(book, course)
    assert grade_there(course, "eve", "model.extra")["auto_score"] == 5
    there = grade_there(course, "ann", "model.extra")
    assert (there["auto_score"], there["needs_manual_grade"]) == (None, True)
    assert "grader regrade" in str(there["auto_comment"])


# --- all or nothing ---------------------------------------------------------------------------------------------------


def test_a_push_that_fails_leaves_nothing_half(
    book: Gradebook, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a push ends in the middle of the class, nbgrader's gradebook is as it was."""
    before, write = dump(course), pushing_files.write_files

    def fails_at_bo(course: Course, work: Work) -> None:
        if work.standing.student.key == "bo":
            raise OutputUnwritable("the disk is full")
        write(course, work)

    monkeypatch.setattr("grader.notebook.pushing.write_files", fails_at_bo)
    with pytest.raises(OutputUnwritable):
        push(book, course)
    assert dump(course) == before


def test_pushes_at_once_wait_for_each_other(book: Gradebook, course: Course) -> None:
    """Four pushes into an empty gradebook at the same time leave what one leaves."""
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: push(book, course), range(4)))
    assert done == [done[0]] * 4
    here = {s.student.key: s.score for s in book.standings() if s.status == "graded"}
    assert {student: score for student, score in scores_there(course).items() if student in here} == here


def test_a_larger_class_takes_no_more_questions(book: Gradebook, course: Course) -> None:
    """However many students there are, nbgrader's gradebook is asked the same number of times."""
    push(book, course)
    with counted_questions() as few:
        push(book, course)
    for number in range(9):
        keep(book, handed(f"s{number}", f"sha256:{number}"), "flush.ids")
    push(book, course)
    with counted_questions() as many:
        push(book, course)
    assert len(of_nbgrader(few)) == len(of_nbgrader(many)) > 0


@contextmanager
def counted_questions() -> Iterator[list[str]]:
    """Keep every SELECT that is asked of any database inside the block."""
    asked: list[str] = []

    def keep_it(*said: object) -> None:
        asked.extend([str(said[2])] if str(said[2]).startswith("SELECT") else [])

    event.listen(Engine, "before_cursor_execute", keep_it)
    yield asked
    event.remove(Engine, "before_cursor_execute", keep_it)


def of_nbgrader(asked: list[str]) -> list[str]:
    """Return the questions to tables that only nbgrader has."""
    return [question for question in asked if re.search(r"FROM (grade|comment|student|submitted_\w+)\b", question)]


# --- what is shown ----------------------------------------------------------------------------------------------------


def notebook_of(course: Course, student: str) -> Any:  # noqa: ANN401  # a notebook
    """Return the notebook that the formgrader shows, once it is known to be one."""
    import nbformat  # noqa: PLC0415  # it takes seconds

    found = nbformat.read(course.folder("autograded", student) / f"{NOTEBOOK}.ipynb", as_version=4)
    nbformat.validate(found)
    return found


def test_the_notebook_is_only_for_reading(book: Gradebook, course: Course) -> None:
    """A student's files are code cells, what is told is plain output, and nothing else is in the notebook."""
    push(book, course)
    cells = notebook_of(course, "bo").cells
    assert {cell.cell_type for cell in cells} == {"code"}
    assert {output.output_type for cell in cells for output in cell.outputs} == {"stream"}
    graded = [cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata]
    assert graded == [cell_name(mark.key) for mark in book.standing("bo").marks]


def test_the_files_of_a_student_are_shown(book: Gradebook, course: Course) -> None:
    """Each file stands in a cell of its own, below its name, with what cannot be seen made visible."""
    text = "import os\n\tx = 1 # \N{RIGHT-TO-LEFT OVERRIDE}\n"
    seen = replace(evidence("sha256:eve"), files=(Source("models.py", text), Source("broken.py", None, "not UTF-8")))
    book.record(handed("eve", "sha256:eve"), EDITION, seen, report(about=seen))
    push(book, course)
    shown = notebook_of(course, "eve").cells[1].source
    assert shown == "# --- models.py ---\nimport os\n    x = 1 # \\u202e"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_word_of_a_student_becomes_html(text: str) -> None:
    """In a comment, as nbgrader renders it in its feedback, a student's text brings no element and no link."""
    from nbconvert.filters import markdown2html  # noqa: PLC0415  # it takes seconds

    shown = markdown2html(Line("model.table", "Title", 5, 0, None, (f"Seen: {text}", text)).comment)
    assert set(re.findall(r"<(\w+)", shown)) <= {"p", "code"}


def test_nbgrader_does_not_run_what_was_handed_in(book: Gradebook, course: Course) -> None:
    """A click on Autograde finds nothing to run, and leaves the grades as they are."""
    push(book, course)
    from nbgrader.apps import NbGraderAPI  # noqa: PLC0415  # it takes seconds

    before = dump(course), files(course)
    done = NbGraderAPI(course.layout).autograde(course.assignment, "bo")
    assert not done["success"]
    assert (dump(course), files(course)) == before


def test_a_student_with_a_plus_is_there(book: Gradebook, course: Course) -> None:
    """An address with a plus, which nbgrader refuses, has a submission under the name that is written out."""
    book.enroll([Student("ann+db@uni.edu", name="Ann")])
    keep(book, handed("ann+db@uni.edu", "sha256:plus"), "flush.ids")
    push(book, course)
    assert scores_there(course)["ann=2Bdb@uni.edu"] == 96


def test_the_audit_trail_knows_what_both_agreed_on(book: Gradebook, course: Course) -> None:
    """A push that brought a decision there is noted with the decision."""
    book.override("bo", "flush.ids", 3, "half right")
    push(book, course)
    *_, (_, who, action, _, details) = book.audit()
    assert (who, action, details["agreed"]) == ("ms.lee", "nbgrader", {"bo": {"flush.ids": 3}})


def test_without_a_policy_the_date_there_stays(course: Course, tmp_path: Path) -> None:
    """Where no policy is set here, nbgrader's due date is left as it is."""
    with theirs(course) as gradebook:
        gradebook.add_assignment(course.assignment, duedate=DUE)
    with open_gradebook(tmp_path / "grades") as book:
        keep(book, handed("ann", "sha256:ann", pushed_at=DUE + timedelta(days=1)))
        push(book, course)
    with theirs(course) as gradebook:
        assert gradebook.find_assignment(course.assignment).duedate == DUE.replace(tzinfo=None)
    assert scores_there(course) == {"ann": 100}
