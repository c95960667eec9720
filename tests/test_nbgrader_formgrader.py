"""Pushed grades in nbgrader's own pages: a real formgrader in a real browser, real feedback and a real export."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import browser as pages
import pytest
from course_samples import EDITION, evidence, handed, report
from msgspec.structs import replace
from nbgrader_course import file_of, fill, grade_there, pull, push
from nbgrader_server import Server, opened, serving
from playwright.sync_api import Browser, Page, expect

from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.nouns import Student
from grader.notebook.bridge import Course
from grader.values import Source

pytest_plugins = ("browser_fixtures", "nbgrader_fixtures")
pytestmark = [pytest.mark.xdist_group("nbgrader"), pytest.mark.slow]

LOADED = "window.formgrader && formgrader.grades.loaded && formgrader.comments.loaded"
RUNS = "window.ran = true"
HOSTILE = f"</code></pre>```\n<script>{RUNS}</script><img src=x onerror='{RUNS}'>![x](http://example.invalid/x)"
LISTS = ("manage_assignments", "manage_submissions/sessions-repository", "manage_students", "manage_students/mallory",
         "manage_students/mallory/sessions-repository", "gradebook", "gradebook/sessions-repository",
         "gradebook/sessions-repository/report")  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradebook]:
    """Return the gradebook of a class to which Mallory belongs: whatever is a student's to choose is hostile."""
    with open_gradebook(tmp_path_factory.mktemp("grades"), "ms.lee") as book:
        fill(book)
        names = {standing.student.key: standing.student for standing in book.standings()}
        book.enroll([*names.values(), Student("mallory", name=f"Mal {HOSTILE}", email=f"m@{HOSTILE}")])
        files = (Source(f"{HOSTILE}.py", f"# {HOSTILE}\n{HOSTILE}"), Source("models.py", HOSTILE))
        seen = replace(evidence("sha256:m"), files=files)
        made = report("flush.ids", about=seen)
        said = (replace(c, seen=HOSTILE, expected=HOSTILE, hint=HOSTILE) for c in made.criteria)
        book.record(handed("mallory", "sha256:m"), EDITION, seen, replace(made, criteria=tuple(said)))
        yield book


@pytest.fixture(scope="module")
def taught(graded: Gradebook, new_course: Callable[[Path], Course], tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a course into which the class was pushed."""
    course = new_course(tmp_path_factory.mktemp("taught") / "course")
    push(graded, course)
    return course


@pytest.fixture(scope="module")
def server(taught: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a formgrader on the course."""
    with serving(file_of(taught).parent, tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture
def grading(browser: Browser, server: Server, taught: Course) -> Iterator[Callable[[str], Page]]:
    """Return what opens the page on which a student's submission is graded, once all is loaded."""
    windows = []

    def open_page(student: str) -> Page:
        window = opened(browser, server, server.submission(taught.assignment, student))
        windows.append(window)
        page = window.__enter__().page
        page.wait_for_function(LOADED)
        return page

    yield open_page
    for window in windows:
        window.__exit__(None, None, None)


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_the_assignment_is_listed(browser: Browser, server: Server) -> None:
    """The formgrader lists the assignment with all that were handed in."""
    with opened(browser, server, "manage_assignments") as shown:
        row = shown.page.get_by_role("row").filter(has_text="sessions-repository")
        expect(row.get_by_role("link", name="4")).to_be_visible()


def test_scores_stand_in_the_boxes(graded: Gradebook, grading: Callable[[str], Page]) -> None:
    """Each criterion has a box with the grader's points, and the most that there are beside it."""
    page = grading("bo")
    boxes = page.locator("input.score")
    marks = graded.standing("bo").marks
    assert [box.get_attribute("placeholder") for box in boxes.all()] == [str(mark.given) for mark in marks]
    assert page.get_by_text("/ 14.0").count() == 1


def test_comments_stand_below_the_criteria(grading: Callable[[str], Page]) -> None:
    """What was seen stands in the box for comments, and in the output of the criterion's cell."""
    page = grading("bo")
    placeholder = page.locator("#flush_ids-comment").get_attribute("placeholder")
    assert placeholder is not None
    assert placeholder.startswith("Failed.\n\nExpected: ")
    expect(page.get_by_text("0 of 4 points. Failed.")).to_be_visible()


def test_a_withheld_grade_asks_for_a_person(browser: Browser, server: Server, grading: Callable[[str], Page]) -> None:
    """The list marks the submission, and its page the criterion that nobody judged."""
    expect(grading("cy").locator("input.needs_manual_grade")).to_have_id("reload_stale")
    with opened(browser, server, "gradebook/sessions-repository/report") as shown:
        marked = shown.page.locator("td.needs-manual-grade .glyphicon-ok")
        expect(marked).to_have_count(1)


# --- what a student writes does not run -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
def test_nothing_of_a_student_runs_in_a_list(browser: Browser, server: Server, path: str) -> None:
    """No name, address or id of a student's becomes a program in a page that lists them."""
    with opened(browser, server, path) as shown:
        shown.page.wait_for_load_state("networkidle")
        assert shown.page.evaluate("window.ran") is None
        assert not [address for address in shown.asked if "example.invalid" in address]


def test_nothing_of_a_student_runs_where_it_is_graded(grading: Callable[[str], Page]) -> None:
    """Files and verdicts with hostile text are shown as text on the page where scores are typed."""
    page = grading("mallory")
    assert RUNS in page.locator("#notebook").first.inner_text()
    assert page.evaluate("window.ran") is None
    assert page.locator("#notebook img, #notebook script:has-text('ran')").count() == 0


def test_what_runs_would_be_seen(browser: Browser, server: Server, taught: Course) -> None:
    """In a cell of prose, as nbgrader shows a student's own, the same text does run: the tests above would see it."""
    file = taught.folder("autograded", "mallory") / "report.ipynb"
    before = file.read_bytes()
    import nbformat  # noqa: PLC0415  # it takes seconds

    live = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(HOSTILE)])
    file.write_text(nbformat.writes(live))
    with opened(browser, server, server.submission(taught.assignment, "mallory")) as shown:
        shown.page.wait_for_function("window.ran === true")
    file.write_bytes(before)


def test_nothing_of_a_student_runs_in_feedback(browser: Browser, taught: Course) -> None:
    """The feedback that nbgrader makes shows score and comments of a submission, and hostile text only as text."""
    from nbgrader.apps import NbGraderAPI  # noqa: PLC0415  # it takes seconds

    assert NbGraderAPI(taught.layout).generate_feedback(taught.assignment, "mallory")["success"]
    with pages.opened(browser, taught.folder("feedback", "mallory") / "report.html", offline=True) as shown:
        expect(shown.page.get_by_role("heading", name="Score: 96.0 / 100.0")).to_be_visible()
        expect(shown.page.get_by_text("Comments:").nth(1)).to_be_visible()
        assert shown.page.evaluate("window.ran") is None
        assert shown.page.locator("#notebook img").count() == 0


def test_feedback_tells_of_lateness(taught: Course) -> None:
    """The feedback of late work names the penalty."""
    from nbgrader.apps import NbGraderAPI  # noqa: PLC0415  # it takes seconds

    assert NbGraderAPI(taught.layout).generate_feedback(taught.assignment, "bo")["success"]
    page = (taught.folder("feedback", "bo") / "report.html").read_text(encoding="utf-8")
    assert "Late submission penalty (Score: -41.0)" in page


# --- what a person types ----------------------------------------------------------------------------------------------


def test_a_score_that_is_typed_stays_and_comes_here(
    graded: Gradebook, taught: Course, grading: Callable[[str], Page]
) -> None:
    """A score and a comment, typed into the page, are there after another push, and a pull brings them here."""
    page = grading("bo")
    with page.expect_response(lambda response: response.request.method == "PUT" and "/comment/" in response.url):
        page.locator("#flush_ids-comment").fill("half right")
        page.locator("#flush_ids-comment").blur()
    with page.expect_response(lambda response: response.request.method == "PUT" and "/grade/" in response.url):
        page.locator("#flush_ids").fill("2")
        page.locator("#flush_ids").blur()
    push(graded, taught)
    assert grade_there(taught, "bo", "flush.ids")["manual_score"] == 2
    pull(graded, taught)
    made = next(mark.override for mark in graded.standing("bo").marks if mark.key == "flush.ids")
    assert made is not None
    assert (made.points, made.reason) == (2, "half right")


# --- the notebook -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebook_points(taught: Course) -> dict[str, float | None]:
    """Let Nora hand in the notebook, with prose that would run, in the same course; return her points by cell."""
    from notebook_course import Course as Notebooks  # noqa: PLC0415  # it loads nbgrader
    from notebook_course import edited, own  # noqa: PLC0415  # the same

    notebooks = Notebooks(file_of(taught).parent)
    handed_in = edited(notebooks.solved(), lambda cells: cells.insert(1, own(HOSTILE, "markdown")))
    return notebooks.graded("nora", handed_in)


@pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning")  # of nbgrader's own
def test_a_notebook_is_graded_in_the_same_pages(
    browser: Browser, server: Server, notebook_points: dict[str, float | None]
) -> None:
    """The formgrader shows a notebook that was autograded, with its points in the boxes; its prose does not run."""
    with opened(browser, server, server.submission("sessions", "nora", "sessions")) as shown:
        shown.page.wait_for_function(LOADED)
        boxes = {
            box.get_attribute("id"): box.get_attribute("placeholder") for box in shown.page.locator(".score").all()
        }
        assert boxes == {name: f"{given:g}" for name, given in notebook_points.items() if given is not None}
        assert shown.page.evaluate("window.ran") is None


# --- the real export --------------------------------------------------------------------------------------------------


def test_nbgrader_export_takes_our_exporter(taught: Course) -> None:
    """The command line of nbgrader writes the table of criteria with our exporter."""
    program = shutil.which("nbgrader", path=str(Path(sys.executable).parent))
    assert program
    chosen = ["--exporter=grader.notebook.exporter.CriteriaExporter", "--assignment=['sessions-repository']"]
    command = [program, "export", *chosen, "--to=criteria.csv"]
    folder = file_of(taught).parent
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    with (folder / "criteria.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert {row["student_id"] for row in rows} == {"ann", "bo", "cy", "mallory"}
    assert len(rows) == 4 * 19
