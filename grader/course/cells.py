"""Tables in CSV, read from anywhere and written such that no spreadsheet runs anything in them.

A cell is neutral when an apostrophe stands before each character with which a spreadsheet could begin a formula: at
the beginning of the cell, and after anything at which a spreadsheet with other settings might begin one (a semicolon, a
comma, a tab, a quote, a new line, with blanks after it). An apostrophe that stands at such a place already gets another
one, so :func:`plain` gives back the very text.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.course.faults import WrongUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DELIMITERS = ",;\t"
MOST_BYTES = 32 * 1024 * 1024
"""The largest table that is read: a class of thousands takes a few megabytes with all its columns."""

_BEGINS = r"((?:^|[;,\t\r\n\"|])[ \u00a0\u3000]*)"
# What begins a formula, or is skipped before one. The wide forms are typed on Asian keyboards, and Excel takes them.
_DANGEROUS = re.compile(rf"{_BEGINS}(?=[=+\-@\t\r\n＝＋－＠'])")  # noqa: RUF001  # the wide forms are the point
_DASH = "-"
_NEUTRAL = re.compile(rf"{_BEGINS}'")
_QUOTED = re.compile(r'"[^"]*"')
_HEADER = 100_000
"""So much of a table holds its header, that of a gradebook with hundreds of assignments included."""

Cell = str | int


class TableUnreadable(WrongUse):
    """A file is no table that can be used; the message names file, line and repair."""


class Row(Struct, frozen=True):
    """A row of a table, and the line of the file on which it begins."""

    line: int
    cells: tuple[str, ...]


class Sheet(Struct, frozen=True):
    """A table as it was read: where it stood, its header, and its rows, each as wide as the header."""

    source: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def neutral(text: str) -> str:
    """Return ``text`` such that no spreadsheet takes any of it for a formula; a dash alone, for nothing, is none."""
    return text if text == _DASH else _DANGEROUS.sub(r"\1'", text)


def plain(text: str) -> str:
    """Return the text that :func:`neutral` was given."""
    return _NEUTRAL.sub(r"\1", text)


def written(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV in UTF-8, texts quoted and neutral; the mark in front tells Excel the encoding."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in header])
    writer.writerows([neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def read(path: Path) -> Sheet:
    """Read a table in UTF-8 or UTF-16, separated by commas, semicolons or tabs; TableUnreadable says what is wrong."""
    text = _text(path)
    rows = list(_rows(path, text, _delimiter(text)))
    if not rows:
        raise TableUnreadable(f"{path} is empty. Export the table again, as CSV.")
    header, *others = rows
    return Sheet(
        str(path), tuple(name.strip() for name in header.cells), tuple(_fitted(path, row, header) for row in others)
    )


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableUnreadable(f"{path} cannot be read ({error.strerror}). Check the path.") from error
    if len(content) > MOST_BYTES:
        raise TableUnreadable(f"{path} is larger than {MOST_BYTES // 1024**2} MiB: no list of a class is.")
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableUnreadable(f"{path} is not UTF-8 text. Save it as 'CSV UTF-8', or export it again.") from error


def _delimiter(text: str) -> str:
    """Return what separates the columns of the header: what stands most often in it outside of quotes."""
    header = _QUOTED.sub("", text.lstrip()[:_HEADER]).partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _rows(path: Path, text: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows that are not blank, each with the line on which it begins: a cell may go over several."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(line, tuple(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableUnreadable(f"{path}, line {line}: {error}. Export the table again, as CSV.") from error


def _fitted(path: Path, row: Row, header: Row) -> Row:
    """Return a row with as many cells as the header: a short one ends in empty ones."""
    width = len(header.cells)
    if any(cell.strip() for cell in row.cells[width:]):
        raise TableUnreadable(
            f"{path}, line {row.line}: there are {len(row.cells)} cells under {width} columns. "
            "Put what holds a separator in quotes."
        )
    return Row(row.line, (*row.cells, *[""] * width)[:width])
