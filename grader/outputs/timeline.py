"""The timeline of a run on a terminal: each line of a student's code, what it did, and what others could see then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from grader.outputs import phrases
from grader.outputs.guidance import code_line, count
from grader.outputs.lanes import Happening, Row, rows
from grader.outputs.terminal import forgive, shown

if TYPE_CHECKING:
    from rich.console import Console

    from grader.values import Evidence, Run, Where

TELLING = ("add.automatic_ids", "failed.id_taken.2", "refused.2", "failed_commit", "preview", "reload", "first_run")
"""One run of each kind, shown where none is named."""
MOST_ROWS = 300
LANES_SIDE_BY_SIDE = 90
"""From this many columns on, the lanes stand beside each other."""
ROOM_FOR_CODE = 120
"""From this many columns on, the line of code stands below its number."""
_LINE_WIDTH = len("transaction_script.py:100")
_LEGEND = (
    "Claims (in italics) are what was told from beside the code; facts are what reached the database, "
    "and what another connection could read then."
)


def render(evidence: Evidence, console: Console, runs: Sequence[str] = (), *, details: bool = False) -> None:
    """Print runs step by step: those called ``runs``, or one of each kind.

    ``details`` shows what only SQLAlchemy's machinery does, too. ValueError for a name that no run has.
    """
    forgive(console)
    chosen = _chosen(evidence, runs)
    console.print(shown(_LEGEND) if chosen else Text("No run was recorded."))
    for run in chosen:
        for part in _parts(run, evidence, console.width, details=details):
            console.print(part)


def _chosen(evidence: Evidence, names: Sequence[str]) -> list[Run]:
    known = dict.fromkeys(run.name for run in evidence.runs)
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"no run is called {unknown[0]!r}; there are: {', '.join(known)}")
    if names:
        return [run for name in names for run in evidence.runs if run.name == name]
    # Of several runs of one name the first counts: there nothing, or least, of the reference stood in.
    own = {run.name: run for run in reversed(evidence.runs) if run.functions == "own"}
    return [own[name] for name in TELLING if name in own]


def _parts(run: Run, evidence: Evidence, width: int, *, details: bool) -> Iterator[Text | Table]:
    yield Text.assemble("\n", shown(run.name, "bold", most=100), "  ", shown(phrases.run(run)))
    start = "no table" if run.before is None else count(len(run.before.rows), "row")
    yield Text(f"at the start, others see {start}")
    laid = rows(run, details=details)
    if not laid:
        yield Text("nothing reached a session or the database")
    elif width >= LANES_SIDE_BY_SIDE:
        yield _beside(laid[:MOST_ROWS], evidence, with_code=width >= ROOM_FOR_CODE)
    else:
        yield _below(laid[:MOST_ROWS], evidence)
    if len(laid) > MOST_ROWS:
        yield Text(f"… and {count(len(laid) - MOST_ROWS, 'row')} more")
    if run.steps_dropped:
        yield Text(f"… and {count(run.steps_dropped, 'step')} that the record did not keep", style="bold red")


def _beside(laid: list[Row], evidence: Evidence, *, with_code: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False, expand=True)
    table.add_column("line", ratio=4, min_width=_LINE_WIDTH, overflow="fold")
    table.add_column("session (claims)", ratio=4, overflow="fold")
    table.add_column("database (facts)", ratio=5, overflow="fold")
    table.add_column("others (facts)", ratio=3, overflow="fold")
    for where, row in _with_places(laid):
        place = _place(where, evidence, with_code=with_code)
        table.add_row(place, _claims(row.session), _facts(row.database), _facts(row.others, "bold"))
    return table


def _below(laid: list[Row], evidence: Evidence) -> Table:
    """Lay the lanes below each other, for a narrow terminal: each line names its lane."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for where, row in _with_places(laid):
        if where is not None:
            table.add_row("line", _place(where, evidence, with_code=True))
        others = _facts(row.others, "bold")
        for name, text in (("claim", _claims(row.session)), ("fact", _facts(row.database)), ("others see", others)):
            if text:
                table.add_row(name, text)
    return table


def _with_places(laid: list[Row]) -> Iterator[tuple[Where | None, Row]]:
    """Yield each row with its line, where that is another one than before."""
    last: Where | None = None
    for row in laid:
        yield (row.where if row.where != last else None), row
        last = row.where


def _place(where: Where | None, evidence: Evidence, *, with_code: bool) -> Text:
    if where is None:
        return Text()
    place = shown(f"{where.file}:{where.line}", "cyan", most=200)
    code = code_line(evidence, where) if with_code else None
    return place if code is None else Text.assemble(place, "\n", shown(code, most=150))


def _claims(happenings: list[Happening]) -> Text:
    return Text("\n").join(Text(happening.text, style="italic", overflow="fold") for happening in happenings)


def _facts(happenings: list[Happening], style: str = "") -> Text:
    return Text("\n").join(Text(h.text, style="bold red" if h.wrong else style, overflow="fold") for h in happenings)
