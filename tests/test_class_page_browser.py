"""``class.html`` in a real browser: audited, narrowed down, sorted, printed and attacked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from browser import DESK, PHONE, Opened, opened
from classwork_samples import classwork, evidence
from playwright.sync_api import Browser, Locator

from grader.course.classpage import page

pytest_plugins = ("browser_fixtures",)
pytestmark = [pytest.mark.xdist_group("class page"), pytest.mark.slow]

SIZES = {"phone": PHONE, "desk": DESK}
STUDENTS = (0, 1, 30, 3000)
AT_ONCE = 100
"""So many rows are shown before somebody asks for more."""
Show = Callable[..., AbstractContextManager[Opened]]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Return the page of a class of each size, with a report of the first student beside it."""
    found = {}
    for students in STUDENTS:
        folder = tmp_path_factory.mktemp(f"class{students}")
        (folder / "student0000").mkdir()
        (folder / "student0000" / "report.html").write_text("<!DOCTYPE html><title>The report</title>")
        found[students] = folder / "class.html"
        failed = {"mallory<b>": "models.py is a link"} if students else {}
        found[students].write_text(page.render(classwork(students), evidence, folder, failed), encoding="utf-8")
    return found


@pytest.fixture
def show(browser: Browser, pages: dict[int, Path]) -> Show:
    """Return a function that opens the page of a class."""

    def show(students: int, size: str = "desk", theme: Literal["light", "dark"] = "light", **more: Any) -> Any:  # noqa: ANN401  # a context manager, and the arguments of new_context
        return opened(browser, pages[students], SIZES[size], theme, **more)

    return show


def rows(shown: Opened) -> Locator:
    """Return the rows of the table that can be seen."""
    return shown.page.locator("#table tbody tr:visible")


def told(shown: Opened) -> str:
    """Return what is told of how many students are shown."""
    return shown.page.get_by_role("status").inner_text()


def first(shown: Opened, column: int) -> str:
    """Return what stands first in a column."""
    return rows(shown).first.locator("th, td").nth(column).inner_text()


# --- every page, in both themes and sizes -----------------------------------------------------------------------------
@pytest.mark.parametrize(("students", "size", "theme"), list(product((0, 1, 30), SIZES, ("light", "dark"))))
def test_the_audit_finds_nothing(show: Show, students: int, size: str, theme: str) -> None:
    """With everything opened, axe-core has no finding, nothing scrolls sideways, is loaded or complains."""
    with show(students, size, theme) as shown:
        shown.open_all()
        assert shown.findings() == []
        assert not shown.scrolls_sideways
        assert len(shown.asked) == 1
        assert shown.complaints == []


@pytest.mark.parametrize("size", SIZES)
def test_a_large_class_fits_as_well(show: Show, size: str) -> None:
    """A class of 3,000 scrolls in one direction only, loads nothing, and its page is of a bearable size."""
    with show(3000, size) as shown:
        assert not shown.scrolls_sideways
        assert (len(shown.asked), shown.complaints) == (1, [])


def test_a_large_class_makes_no_large_file(pages: dict[int, Path]) -> None:
    """A further student adds less than a kilobyte."""
    assert (pages[3000].stat().st_size - pages[30].stat().st_size) / 2970 < 1000


# --- hostile names ----------------------------------------------------------------------------------------------------
def test_no_name_becomes_more_than_text(show: Show) -> None:
    """Names that are HTML bring no element of theirs, and are shown letter for letter."""
    with show(30) as shown:
        assert shown.page.locator("script").count() == 2
        assert shown.page.locator("[onmouseover], [onerror], img").count() == 0
        assert "<script>alert(1)</script>" in (shown.page.locator("#table").text_content() or "")


# --- narrowing down ---------------------------------------------------------------------------------------------------
def test_students_are_found_by_name_as_it_is_typed(show: Show) -> None:
    """Each key narrows the table down, accents or not, and the number is told in a live region."""
    with show(30) as shown:
        assert told(shown) == "30 students"
        shown.page.get_by_label("Name, key or section").press_sequentially("zoe")
        assert told(shown) == "5 of 30 students"
        assert rows(shown).count() == 5
        assert "Zoë Łódź" in first(shown, 0)


def test_all_words_have_to_be_there(show: Show) -> None:
    """Several words narrow the table down together, in any order, sections included."""
    with show(30) as shown:
        shown.page.get_by_label("Name, key or section").fill("c student0003")
        assert told(shown) == "1 of 30 students"


@pytest.mark.parametrize(
    ("label", "choice", "number"),
    [("Section", "B & C", 15), ("Lost", "model.money", 10), ("State", "late", 4), ("State", "not handed in", 2)],
)
def test_students_are_found_by_what_became_of_them(show: Show, label: str, choice: str, number: int) -> None:
    """The table is narrowed down to a section, to those who lost a criterion, or to a state."""
    with show(30) as shown:
        shown.page.get_by_role("combobox", name=label, exact=True).select_option(choice)
        assert told(shown) == f"{number} of 30 students"
        assert rows(shown).count() == number


def test_everybody_comes_back(show: Show) -> None:
    """One button takes back all that narrows the table down."""
    with show(30) as shown:
        shown.page.get_by_label("Name, key or section").fill("nobody at all")
        assert told(shown) == "0 of 30 students"
        shown.page.get_by_role("button", name="Show all").click()
        shown.page.get_by_text("30 students", exact=True).wait_for()


def test_a_criterion_leads_to_those_who_lost_it(show: Show) -> None:
    """Wherever a criterion is named, its link shows in the table who lost it."""
    with show(30) as shown:
        shown.page.locator("#understood").locator("..").get_by_role("link", name="model.money").click()
        assert told(shown) == "10 of 30 students"


def test_a_row_leads_to_the_report(show: Show) -> None:
    """The key of a student who has a report is a link to it."""
    with show(30) as shown:
        shown.page.locator("#table").get_by_role("link", name="student0000").click()
        assert shown.page.title() == "The report"


# --- sorting ----------------------------------------------------------------------------------------------------------
def test_the_table_is_sorted_with_the_keyboard(show: Show) -> None:
    """Enter on a heading sorts, and once more turns it round; the heading says which way."""
    with show(30) as shown:
        heading = shown.page.locator("#table").get_by_role("columnheader", name="Points")
        heading.get_by_role("button").focus()
        found = []
        for _ in range(2):
            shown.page.keyboard.press("Enter")
            found.append((heading.get_attribute("aria-sort"), first(shown, 2)))
        assert found == [("ascending", "78"), ("descending", "100")]
        assert shown.page.locator("[aria-sort]").count() == 1
        assert rows(shown).last.locator("td").nth(1).inner_text() == "\N{EN DASH}"


def test_a_sorted_table_stays_sorted_when_it_is_narrowed_down(show: Show) -> None:
    """What is looked for does not change the order."""
    with show(30) as shown:
        shown.page.locator("#table").get_by_role("button", name="Student").click()
        shown.page.get_by_label("Name, key or section").fill("ada")
        assert "student0028" in first(shown, 0)


# --- many students ----------------------------------------------------------------------------------------------------
def test_of_many_students_the_first_are_shown(show: Show) -> None:
    """A large class is shown a part at a time, says so, and shows more when asked."""
    with show(3000) as shown:
        assert told(shown) == "3000 students, the first 100 shown"
        assert rows(shown).count() == AT_ONCE
        shown.page.get_by_role("button", name="Show more").click()
        assert rows(shown).count() == 6 * AT_ONCE


def test_sorting_many_students_builds_a_part_of_the_table(show: Show) -> None:
    """However many students are sorted, the page holds only as many rows as it shows: so it stays fluent."""
    with show(3000) as shown:
        shown.page.locator("#table").get_by_role("button", name="Points").click()
        assert shown.page.locator("#table tbody tr").count() == AT_ONCE


# --- without scripts, and on paper ------------------------------------------------------------------------------------
def test_without_scripts_everybody_is_there(show: Show) -> None:
    """Where scripts are switched off, the whole table can be read, and nothing is offered that would not work."""
    with show(30, java_script_enabled=False) as shown:
        assert rows(shown).count() == 30
        assert not shown.page.locator("#filters").is_visible()
        assert not shown.page.locator("#more").is_visible()


def test_paper_shows_everybody(show: Show) -> None:
    """A printed page has every student, without the controls; afterwards the screen is as it was."""
    with show(3000) as shown:
        shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert rows(shown).count() == 3000
        shown.page.emulate_media(media="print")
        assert not shown.page.locator("#filters").is_visible()
        shown.page.evaluate("dispatchEvent(new Event('afterprint'))")
        shown.page.emulate_media(media="screen")
        assert rows(shown).count() == AT_ONCE


def test_it_prints(show: Show) -> None:
    """The page of a class becomes a document of a few pages."""
    with show(30) as shown:
        printed = shown.page.pdf()
        assert 3 <= len(printed.split(b"/Type /Page\n")) <= 12


# --- readers ----------------------------------------------------------------------------------------------------------
def test_every_chart_has_its_table(show: Show) -> None:
    """Beside each picture stands a table with the figures that it shows."""
    with show(30) as shown:
        shown.open_all()
        assert shown.page.get_by_role("img").count() == 3
        for name in ("How many students have how many points", "Concepts and criteria", "Points of the first"):
            assert shown.page.get_by_role("table", name=name).is_visible()


def test_the_table_of_students_is_a_table_for_readers(show: Show) -> None:
    """Whatever it looks like, it has six named columns, and each student is a row with a heading."""
    with show(30, "phone") as shown:
        table = shown.page.get_by_role("table", name="All students")
        assert table.get_by_role("columnheader").count() == 6
        assert table.get_by_role("rowheader").count() == 30
