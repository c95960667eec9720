"""A run as a sequence diagram in Mermaid's language, which GitHub draws: your code, session, database, others.

No value that was drawn for a hidden run is in it. Of a student's text only letters, digits and a few marks stay as they
are; what could mean something to Mermaid, HTML or Markdown becomes the number of its character, and is drawn as such.
"""

from __future__ import annotations

import re
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from grader.outputs.discretion import OwnValues, WithoutValues
from grader.outputs.guidance import code_line, count
from grader.outputs.lanes import Happening, rows
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.outputs.lanes import Row
    from grader.values import Evidence, Run, Where

MOST_LINES = 100
"""A longer diagram helps nobody; Mermaid itself takes 50,000 characters, and this is far less."""
MOST_CODE = 80
_MOST_TEXT = 120
_WIDTH = 40
"""From there on a text goes on below: long ones push the lanes apart."""
_MOST_IN_A_LOOP = 20
_HEAD = (
    "sequenceDiagram",
    "participant C as your code",
    "participant S as session",
    "participant D as database",
    "participant O as others",
)
_OWN = frozenset({"first_run", "second_run"})
_ELSEWHERE = "change_elsewhere() "
_OTHER_PROGRAM = "other program: "
_REFUSED = "refused: "
_SEEN = "D-->>O"
_OF_A_CALL = re.compile(r".+\(\) (?:is called|returns|raises)")
_OF_A_STATE = re.compile(r"(?:session \d+: )?now ")
_NUMBERED = re.compile(rf"^(?:session \d+: |{_OTHER_PROGRAM})")
# Mermaid ends a line at a semicolon, takes # for a comment, %%{ for a directive, $$ for a formula and a colon for the
# end of a name; and it turns #59; into the character that has this number.
_MAY_MEAN_MORE = re.compile(r"[^\w ().,'=+…\N{MULTIPLICATION SIGN}]")


def render(run: Run, evidence: Evidence, blamed: Where | None = None) -> str:
    """Return a run as a diagram in which the line ``blamed`` is pointed to; empty where no session did anything."""
    words = (OwnValues if run.kind in _OWN else WithoutValues)(evidence, run)
    laid = rows(run, words=words)
    if not any((row.session and row.where) or row.database for row in laid):
        return ""
    pairs = zip(laid, [None, *laid], strict=False)
    steps = [tuple(_row(row, before, evidence, blamed)) for row, before in pairs]
    lines = list(_with_loops([step for step in steps if step]))
    start = "no table" if run.before is None else count(len(run.before.rows), "row")
    return "\n    ".join([*_HEAD, f"Note over O: {start} at the start", *_cut(lines)])


def _row(row: Row, before: Row | None, evidence: Evidence, blamed: Where | None) -> Iterator[str]:
    """Yield the lines of a row; one that only changed the states of objects is left out, unless it is to blame."""
    happenings = [*(claim for claim in row.session if not _OF_A_STATE.match(claim.what)), *row.database, *row.others]
    is_new = before is None or before.where != row.where
    if row.where is not None and is_new and (happenings or row.where == blamed):
        yield f"Note over C: {_place(row.where, evidence, blamed)}"
    for arrow, together in groupby(happenings, key=_arrow):
        said = ", ".join(_NUMBERED.sub("", happening.text) for happening in together)
        yield f"{arrow}: {_label(f'see {said}' if arrow == _SEEN else said)}"


def _place(where: Where, evidence: Evidence, blamed: Where | None) -> str:
    """Return a line of the student's code, with its number and with its file unless that is the script."""
    mark = "LOOK HERE, " if where == blamed else ""
    file = "" if where.file == "transaction_script.py" else f" of {where.file}"
    code = code_line(evidence, where)
    return _label(f"{mark}line {where.line}{file}") + (f"<br/>{_label(code, MOST_CODE)}" if code else "")


def _arrow(happening: Happening) -> str:
    """Return from whom to whom something went, or over whom it is noted."""
    if happening.lane == "others":
        return _SEEN
    if happening.lane == "session":
        elsewhere = happening.what.startswith(_ELSEWHERE)
        return "C->>O" if elsewhere else "Note over C" if _OF_A_CALL.match(happening.what) else "C->>S"
    if happening.wrong:
        return "D--xS" if happening.what.startswith(_REFUSED) else "Note over D"
    return "O->>D" if happening.what.startswith(_OTHER_PROGRAM) else "S->>D"


def _with_loops(steps: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of all steps; what comes several times in a row is drawn once, as a loop."""
    position = 0
    while position < len(steps):
        length, times = max(_loops(steps, position), key=lambda loop: (loop[1] - 1) * loop[0], default=(1, 1))
        block = [line for step in steps[position : position + length] for line in step]
        yield from (f"loop {times} times", *block, "end") if times > 1 else block
        position += length * times


def _loops(steps: list[tuple[str, ...]], start: int) -> Iterator[tuple[int, int]]:
    """Yield, for each length that a loop may have, how often the steps from ``start`` on are repeated."""
    for length in range(1, min(_MOST_IN_A_LOOP, (len(steps) - start) // 2) + 1):
        block, times = steps[start : start + length], 1
        while steps[start + times * length : start + (times + 1) * length] == block:
            times += 1
        yield length, times


def _cut(lines: list[str]) -> list[str]:
    """Return as many lines as may stand, with a note of how many more there were; no loop stays open."""
    if len(lines) <= MOST_LINES:
        return lines
    kept = lines[:MOST_LINES]
    is_open = sum(line.startswith("loop ") for line in kept) > kept.count("end")
    return [*kept, *(["end"] if is_open else []), f"Note over C,O: and {count(len(lines) - MOST_LINES, 'more step')}"]


def _label(text: str, most: int = _MOST_TEXT) -> str:
    """Return any text as one of a diagram, over several lines where it is long."""
    lines = textwrap.wrap(visible(text, most), _WIDTH)
    return "<br/>".join(_MAY_MEAN_MORE.sub(lambda found: f"#{ord(found.group())};", line) for line in lines)
