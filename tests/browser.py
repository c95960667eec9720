"""Pages in a real browser: what they ask for, what goes wrong in them, and what an audit of accessibility finds.

The browser itself is the fixture of ``browser_fixtures``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, Page, sync_playwright

PHONE, DESK = (360, 740), (1280, 800)
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine without a window, or the one that ``playwright install chromium`` brought."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=next(found, None), args=_QUIET)
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A page that is open: ``asked`` are the addresses that it wanted to load, ``complaints`` what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    @property
    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window."""
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        return bool(wide)

    def open_all(self) -> None:
        """Open everything that can be opened."""
        self.page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")

    def findings(self) -> list[str]:
        """Return what axe-core finds, by all its rules, those of good practice included."""
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{rule['id']}: {node['html']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@contextmanager
def opened(
    browser: Browser,
    file: Path,
    size: tuple[int, int] = DESK,
    theme: Literal["light", "dark"] = "light",
    **more: Any,  # noqa: ANN401  # the arguments of new_context
) -> Iterator[Opened]:
    """Open a file of this machine in a window of its own."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, **more)
    try:
        shown = Opened(context.new_page())
        shown.page.goto(file.as_uri())
        yield shown
    finally:
        context.close()
