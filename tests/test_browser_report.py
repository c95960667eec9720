"""``report.html`` in a real browser: looked at, walked through with the keyboard, printed, audited and attacked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from browser import DESK, PHONE, Opened, opened
from nasty import TEXTS
from outputs_samples import criterion, evidence, hostile, report
from playwright.sync_api import Browser

from grader import flow
from grader.content import SOLUTION, STARTER, find_content
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.outputs.html import render

pytest_plugins = ("browser_fixtures",)
pytestmark = pytest.mark.xdist_group("browser")

ROOT = find_content().root
REJECTED = Path(__file__).parent / "submissions" / "rejected"
GRADED = {"right": ROOT / SOLUTION, "wrong": REJECTED / "commit_per_row", "blocked": ROOT / STARTER}
KINDS = (*GRADED, "withheld", "hostile")
SIZES = {"phone": PHONE, "desk": DESK}
TYPICAL = (
    "no_commit", "commit_per_row", "commits_in_except", "commit_without_begin", "swallows_and_prints", "never_closed",
    "preview_commits", "no_expire_all", "fixed_ids", "models_syntax_error",
)  # fmt: skip
"""Mistakes that are made most, one of each concept at least."""
HOSTILE = TEXTS["tags of HTML"] + TEXTS["attribute"] + TEXTS["bidi"] + "x" * 300

Show = Callable[..., AbstractContextManager[Opened]]


@pytest.fixture(scope="module")
def pages(walled_observer: Observer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a page of each kind."""
    written = {kind: _of_folder(walled_observer, folder) for kind, folder in GRADED.items()}
    withheld = report(criterion("model.table"), criterion("commit.stored", "broken"))
    written |= {"withheld": render(withheld, evidence()), "hostile": render(*hostile(HOSTILE))}
    folder = tmp_path_factory.mktemp("pages")
    for kind, page in written.items():
        (folder / f"{kind}.html").write_text(page, encoding="utf-8")
    return {kind: folder / f"{kind}.html" for kind in written}


def _of_folder(observer: Observer, folder: Path) -> str:
    taken = observer.observe(take_in(folder))
    return render(flow.judged(taken).report, taken)


@pytest.fixture
def show(browser: Browser, pages: dict[str, Path]) -> Show:
    """Return a function that opens the page of a kind."""

    def show(kind: str, size: str = "desk", theme: Literal["light", "dark"] = "light", **more: Any) -> Any:  # noqa: ANN401  # a context manager, and the arguments of new_context
        return opened(browser, pages[kind], SIZES[size], theme, **more)

    return show


# --- every page, in both themes and sizes -----------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "size", "theme"), list(product(KINDS, SIZES, ("light", "dark"))))
def test_the_audit_finds_nothing(show: Show, kind: str, size: str, theme: str) -> None:
    """With everything opened, axe-core has no finding, nothing scrolls sideways, is loaded or complains."""
    with show(kind, size, theme) as shown:
        shown.open_all()
        assert shown.findings() == []
        assert not shown.scrolls_sideways
        assert [address for address in shown.asked if not address.startswith("file:")] == []
        assert len(shown.asked) == 1
        assert shown.complaints == []


def test_a_finding_would_be_seen(show: Show) -> None:
    """The audit is a real one: a picture without a text alternative is found."""
    with show("withheld") as shown:
        shown.page.evaluate("document.querySelector('main').append(document.createElement('img'))")
        assert any(finding.startswith("image-alt") for finding in shown.findings())


# --- the first screen -------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("name", TYPICAL)
def test_the_first_screen_helps(walled_observer: Observer, browser: Browser, tmp_path: Path, name: str) -> None:
    """On a desk and on a phone, the cause, the line with its code and the next step are seen without scrolling."""
    page = tmp_path / "report.html"
    page.write_text(_of_folder(walled_observer, REJECTED / name), encoding="utf-8")
    for size in SIZES.values():
        with opened(browser, page, size) as shown:
            for part in (".step", ".excerpt mark", ".facts dd >> nth=0", ".facts dd >> nth=1"):
                box = shown.page.locator(f".first {part}").bounding_box()
                assert box, part
                assert box["y"] + box["height"] <= size[1], part


# --- the theme --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_the_systems_until_it_is_changed(show: Show, theme: str) -> None:
    """The page follows the system; the button changes it, says so, and changes it back."""
    with show("right", theme=theme) as shown:
        button = shown.page.get_by_role("button", name="Dark theme")
        colours = [_background(shown)]
        pressed = [button.get_attribute("aria-pressed")]
        for _ in range(2):
            button.click()
            colours.append(_background(shown))
            pressed.append(button.get_attribute("aria-pressed"))
        assert colours[0] == colours[2] != colours[1]
        assert pressed == (["true", "false", "true"] if theme == "dark" else ["false", "true", "false"])


def _background(shown: Opened) -> str:
    return str(shown.page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_without_scripts_everything_is_there(show: Show) -> None:
    """Where scripts are switched off, only the button is missing."""
    with show("wrong", java_script_enabled=False) as shown:
        assert not shown.page.locator("#theme").is_visible()
        shown.page.locator("summary").first.click()
        assert shown.page.locator(".first .step").is_visible()


# --- the keyboard -----------------------------------------------------------------------------------------------------
def test_everything_can_be_reached_with_the_keyboard(show: Show) -> None:
    """The tabulator leads from the skip link through every control, each visibly in focus, and out again."""
    with show("wrong") as shown:
        reached = list(_walked(shown))
        controls = shown.page.locator("a, button, summary").count()
        assert reached[0] == "Skip to the result"
        assert len(reached) == controls


def _walked(shown: Opened) -> Iterator[str]:
    """Press the tabulator until it leaves the page; yield what is in focus then."""
    focus = (
        "(() => { const on = document.activeElement; const style = getComputedStyle(on);"
        " return on === document.body || on.dataset.walked ? null :"
        " (on.dataset.walked = 'yes', [on.textContent.trim(), style.outlineStyle]); })()"
    )
    while True:
        shown.page.keyboard.press("Tab")
        found = shown.page.evaluate(focus)
        if found is None:
            return
        text, outline = found
        assert outline != "none", text
        yield text


def test_the_skip_link_leads_to_the_result(show: Show) -> None:
    """The first key press shows a link over the head of the page, and Enter follows it."""
    with show("wrong") as shown:
        shown.page.keyboard.press("Tab")
        shown.page.keyboard.press("Enter")
        assert shown.page.evaluate("document.activeElement.id") == "main"


def test_a_timeline_opens_with_a_key(show: Show) -> None:
    """Enter on a closed timeline opens it."""
    with show("right") as shown:
        timeline = shown.page.locator("details").first
        timeline.locator("summary").focus()
        shown.page.keyboard.press("Enter")
        assert timeline.get_attribute("open") is not None


# --- readers, paper, quiet --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", SIZES)
def test_the_picture_is_a_table_for_readers(show: Show, size: str) -> None:
    """Whatever it looks like, a picture has four named columns, and each beat is a row of them."""
    with show("wrong", size) as shown:
        picture = shown.page.get_by_role("table").filter(has_text="What happened").first
        rows = picture.get_by_role("row")
        assert rows.nth(0).get_by_role("columnheader", include_hidden=True).count() == 4
        assert rows.nth(1).get_by_role("rowheader").count() == 1
        assert picture.get_by_role("cell", include_hidden=True).count() == 3 * (rows.count() - 1)


def test_paper_shows_what_is_closed_on_the_screen(show: Show) -> None:
    """A printed page has every timeline opened, and no button; afterwards the screen is as it was."""
    with show("wrong") as shown:
        before = shown.page.locator("details[open]").count()
        printed = shown.page.pdf()
        assert printed.startswith(b"%PDF")
        assert len(printed.split(b"/Type /Page\n")) > 3
        shown.page.emulate_media(media="print")
        assert not shown.page.locator("#theme").is_visible()
        shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert shown.page.locator("details:not([open])").count() == 0
        shown.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert shown.page.locator("details[open]").count() == before


def test_nothing_moves_where_that_is_not_wanted(show: Show) -> None:
    """A reader who asked for less motion is not scrolled smoothly."""
    with show("right", reduced_motion="reduce") as shown:
        assert shown.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


# --- hostile texts ----------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_no_text_becomes_more_than_text(browser: Browser, tmp_path: Path) -> None:
    """In the page as a browser builds it, no nasty text has brought an element, an attribute or a request."""
    page = tmp_path / "report.html"
    shape = "[...document.querySelectorAll('*')].map(e => e.tagName + ' ' + e.getAttributeNames().sort())"
    page.write_text(render(*hostile("plain")), encoding="utf-8")
    with opened(browser, page) as shown:
        ours = set(shown.page.evaluate(shape))
        for name, text in TEXTS.items():
            page.write_text(render(*hostile(text)), encoding="utf-8")
            shown.page.reload()
            assert set(shown.page.evaluate(shape)) <= ours, name
            assert not shown.scrolls_sideways, name
        assert shown.complaints == []
        assert {address for address in shown.asked if not address.startswith("file:")} == set()
