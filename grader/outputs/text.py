"""Makes text that comes from a student harmless: for eyes, for terminals and for Markdown.

Nothing is dropped silently: what cannot be shown as it is becomes an escape that can be seen. The escapes are for
reading, not for turning back.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 500
"""The longest text that is shown of anything a student wrote."""
NEWLINE = " ⏎ "
_ELLIPSIS = "…"
_MARKS_ON_A_LETTER = 4
"""More combining marks than any script puts on a letter climb over the lines above."""

# Control, format (bidi, zero-width, tags), private, unassigned; line and paragraph separators.
_UNSHOWN = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

_SPAN = r"(?<!`)`[^`]+`(?!`)"
_BEGINS_A_BLOCK = r"[-+=\s]|\d+[.)]"
_PROSE = re.compile(rf"(?!{_BEGINS_A_BLOCK})(?:[^\\`*~|<>\[\]{{}}@#$&:/_]|:(?=\s|$)|/(?!/)|(?<=\w)_(?=\w)|{_SPAN})*")
# What GitHub makes a link of without any sign that Markdown knows: addresses, references, commits.
_LINKS_ITSELF = re.compile(r"www\.|\bGH-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)


def visible(text: str, most: int = MOST_CHARACTERS, *, lines: bool = False) -> str:
    r"""Return ``text`` with every character visible, in at most ``most`` characters.

    Control characters, escape sequences, marks of direction and characters without width become escapes such as
    ``\x1b``. A newline becomes `` ⏎ ``, and is kept where ``lines`` are wanted.
    """
    shown: list[str] = []
    length = 0
    for piece in _pieces(text, "\n" if lines else NEWLINE):
        length += len(piece)
        if length > most:
            return _cut("".join([*shown, piece]), most)
        shown.append(piece)
    return "".join(shown)


def _cut(text: str, most: int) -> str:
    return text[: max(0, most - len(_ELLIPSIS))] + _ELLIPSIS


def _pieces(text: str, newline: str) -> Iterator[str]:
    for is_mark, characters in groupby(text, key=_is_mark):
        for number, character in enumerate(characters):
            if character == "\n":
                yield newline
            elif is_mark and number >= _MARKS_ON_A_LETTER:
                yield _escape(character)
            else:
                yield _shown(character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"}


def _shown(character: str) -> str:
    if " " <= character <= "~":
        return character
    category = unicodedata.category(character)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    if category in _UNSHOWN or character in _BLANK_LETTERS:
        return _escape(character)
    return " " if category == "Zs" else character


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def markdown(text: str, most: int = MOST_CHARACTERS, *, cell: bool = False) -> str:
    """Return ``text`` such that Markdown, as GitHub renders it, shows just these characters.

    Plain words stay prose, code between single backticks included. Whatever could be more than that (a tag, a link, an
    image, a mention, a reference) becomes one code span, in which nothing of it works. ``cell`` is for a table.
    """
    shown = visible(text, most)
    if cell:  # a backslash would not do: the student's text may bring one that undoes it
        shown = shown.replace("|", r"\x7c")
    is_prose = _PROSE.fullmatch(shown) and not _LINKS_ITSELF.search(shown)
    return shown if is_prose else code_span(shown)


def code_span(shown: str) -> str:
    """Return a visible text as a code span whose fence is longer than any run of backticks in it."""
    fence = "`" * (_longest_run(shown) + 1)
    padding = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def code_block(shown: str, language: str = "") -> str:
    """Return visible lines as a fenced block that nothing in them can end."""
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest_run(shown: str) -> int:
    return max(map(len, re.findall("`+", shown)), default=0)
