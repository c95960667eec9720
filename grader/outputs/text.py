"""Makes text that comes from a student harmless: for eyes, for terminals, for logs and for Markdown.

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
MOST_LOG_LINES = 200
"""The lines that a log keeps of one message: the last ones, where a traceback says what happened."""
MOST_IN_A_LINE = 5000
"""The longest line of a log: a path of the system's fits in, with the words behind it."""
NEWLINE = " ⏎ "
_ELLIPSIS = "…"
_MARKS_ON_A_LETTER = 4
"""More combining marks than any script puts on a letter climb over the lines above."""

# Control, format (bidi, zero-width, tags), private, unassigned; line and paragraph separators.
_UNSHOWN = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Marks that choose a glyph and are none; hundreds of them can hide a text. The two that choose an emoji may stay.
_SELECTORS = frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))))
_INVISIBLE = _BLANK_LETTERS | _SELECTORS

# What a runner obeys in a log: ``::name::`` at the beginning of a line, after blanks as well, ``##[name]`` anywhere in
# it (GitHub: actions/runner, ActionCommand.cs), ``##vso[…]`` and the like (Azure Pipelines, TeamCity). Broken wherever
# they stand, since the width of a terminal decides where its lines begin. A slice such as [::2] is no command.
_COMMAND = re.compile(r":(?=:[^\W\d_])|#(?=#\w*\[)")

_PLAIN = re.compile("[ -~]*")

_SPAN = r"(?<!`)`[^`]+`(?!`)"
_BEGINS_A_BLOCK = r"[-+=\s]|\d+[.)]"
_PROSE = re.compile(rf"(?!{_BEGINS_A_BLOCK})(?:[^\\`*~|<>\[\]{{}}@#$&:/_]|:(?=\s|$)|/(?!/)|(?<=\w)_(?=\w)|{_SPAN})*")
# What GitHub makes a link of without any sign that Markdown knows: addresses, references, commits.
_LINKS_ITSELF = re.compile(r"www\.|\bGH-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)


def visible(text: str, most: int = MOST_CHARACTERS) -> str:
    r"""Return ``text`` with every character visible, on one line of at most ``most`` characters.

    Control characters, escape sequences, marks of direction and characters without width become escapes such as
    ``\x1b``, and so does the first character of what a runner takes for a command. A newline becomes `` ⏎ ``.
    """
    if len(text) <= most and _PLAIN.fullmatch(text) and not _COMMAND.search(text):
        return text  # nearly every text is, and to look at each character takes time
    shown: list[str] = []
    length = 0
    for piece in _pieces(_COMMAND.sub(_broken, text[: most + 1])):
        length += len(piece)
        if length > most:
            return _cut("".join([*shown, piece]), most)
        shown.append(piece)
    return "".join(shown)


def log(text: str) -> str:
    """Return ``text`` for a log or an error stream: its lines stay lines, each of them visible and none endless."""
    lines = text.split("\n")
    dropped = [_ELLIPSIS] if len(lines) > MOST_LOG_LINES else []
    return "\n".join([*dropped, *(visible(line, MOST_IN_A_LINE) for line in lines[-MOST_LOG_LINES:])])


def _broken(command: re.Match[str]) -> str:
    return f"\\x{ord(command.group()):02x}"


def _cut(text: str, most: int) -> str:
    return text[: max(0, most - len(_ELLIPSIS))] + _ELLIPSIS


def _pieces(text: str) -> Iterator[str]:
    for is_mark, characters in groupby(text, key=_is_mark):
        for number, character in enumerate(characters):
            if character == "\n":
                yield NEWLINE
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
    if category in _UNSHOWN or character in _INVISIBLE:
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
