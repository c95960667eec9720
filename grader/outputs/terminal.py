"""What every output for a terminal needs: no character makes it fail, and no meaning hangs on a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from grader.outputs.text import visible

if TYPE_CHECKING:
    from rich.console import Console

# No white, black or grey: they vanish on one background or the other. Yellow is hard to read on white.
STYLES = {"passed": "green", "failed": "bold red", "blocked": "cyan", "broken": "bold red"}
_MARKS = {"passed": "✓", "failed": "✗", "blocked": "-", "broken": "!"}
_ASCII_MARKS = {"passed": "+", "failed": "x", "blocked": "-", "broken": "!"}


def forgive(console: Console) -> None:
    """Have characters that the terminal's encoding lacks written as escapes, where Python would raise."""
    reconfigure = getattr(console.file, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def result(outcome: str, console: Console) -> Text:
    """Return an outcome as a mark and a word."""
    marks = _ASCII_MARKS if console.options.ascii_only else _MARKS
    return Text(f"{marks[outcome]} {outcome}", style=STYLES[outcome])


def shown(text: str, style: str = "", *, most: int = 1000) -> Text:
    """Return text of anyone's for the terminal: visible, and never read as markup."""
    return Text(visible(text, most), style=style, overflow="fold")
