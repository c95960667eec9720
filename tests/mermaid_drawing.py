"""Draws diagrams with the program that GitHub uses for them, Mermaid, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from browser import chromium
from playwright.sync_api import Page
from repository import ROOT

MERMAID = ROOT / "tests" / "mermaid" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
REPAIR = "npm ci --prefix tests/mermaid --ignore-scripts"
MOST_CHARACTERS = 50_000
"""What Mermaid takes by default, and GitHub leaves so."""
_DRAW = """async text => {
    await mermaid.parse(text);
    const page = document.getElementById("page");
    page.innerHTML = (await mermaid.render("drawn", text)).svg;
    const all = [...page.querySelectorAll("*")];
    return {
        tags: [...new Set(all.map(element => element.tagName))],
        attributes: [...new Set(all.flatMap(element => [...element.attributes].map(attribute => attribute.name)))],
        texts: [...page.querySelectorAll("text")].map(element => element.textContent),
        arrows: page.querySelectorAll(".messageLine0, .messageLine1").length,
        notes: page.querySelectorAll("rect.note").length,
    };
}"""


@dataclass(frozen=True)
class Drawing:
    """What was drawn: the kinds of elements, the names of attributes, all texts, and how many there are of what."""

    tags: list[str]
    attributes: list[str]
    texts: list[str]
    arrows: int
    notes: int

    @property
    def shape(self) -> tuple[set[str], int, int]:
        """Return what no text may change."""
        return set(self.tags), self.arrows, self.notes


class Pen:
    """A page in which Mermaid draws, as strict as on GitHub."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.requests: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.set_content('<div id="page"></div>')
        page.add_script_tag(path=MERMAID)
        page.evaluate("mermaid.initialize({startOnLoad: false, securityLevel: 'strict'})")

    def draw(self, diagram: str) -> Drawing:
        """Return what is drawn; an error of Mermaid's fails the test."""
        found: dict[str, Any] = self._page.evaluate(_DRAW, diagram)
        return Drawing(**found)


@contextmanager
def pen() -> Iterator[Pen]:
    """Start a browser with Mermaid in it."""
    assert MERMAID.is_file(), f"Mermaid is not here; repair: {REPAIR}"
    with chromium() as browser:
        yield Pen(browser.new_page())
