"""Texts of our own, in which code stands between backticks."""

from __future__ import annotations

from markupsafe import Markup, escape

from grader.outputs.text import visible


def prose(text: str) -> Markup:
    """Return a text of the rubric's as HTML, with what stands between backticks as code; all of it is escaped."""
    parts = visible(text, 1000).split("`")
    pieces = [Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts)]
    return Markup("").join(pieces)
