"""Shows on a terminal where a class stands, and everything about one student."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from grader.course import late
from grader.outputs.terminal import STYLES, forgive, shown
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rich.console import Console

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import LatePolicy, Mark, Past, Standing

_STATUS = {"graded": "", "withheld": STYLES["broken"], "missing": ""}
_OF_CLASS = ("student", "name", "score", "status", "late", "pushes", "overrides", "flags")


def everybody(standings: Sequence[Standing], console: Console) -> None:
    """Print a line for each student, and what the class comes to."""
    forgive(console)
    table = _table(_OF_CLASS)
    for standing in standings:
        status = Text(standing.status, style=_STATUS[standing.status])
        score = "" if standing.score is None else str(standing.score)
        cells = (standing.student.key, standing.student.name, score, status, _late(standing), str(standing.pushes))
        marks = (", ".join(made.criterion or "total" for made in standing.overrides), ", ".join(standing.flags))
        table.add_row(*(cell if isinstance(cell, Text) else shown(cell) for cell in (*cells, *marks)))
    console.print(table)
    counted = {status: sum(standing.status == status for standing in standings) for status in _STATUS}
    console.print(", ".join(f"{number} {status}" for status, number in counted.items()))


def one(book: Gradebook, standing: Standing, console: Console) -> None:
    """Print how a student's score came about, every grade there ever was, and what people decided."""
    forgive(console)
    student = standing.student
    console.print(shown(" ".join(filter(None, (student.key, student.name, student.email))), "bold"))
    console.print(shown(line(standing)))
    for made in standing.outdated:
        about = made.criterion or "the total"
        console.print(shown(f"Look again: the decision on {about} was made for another push than the one that counts."))
    if standing.marks:
        console.print(_marks(standing.marks))
    console.print(_grades(book.history(student.key), standing))
    for at, who, action, key, details in book.audit():
        if key == student.key:
            said = ", ".join(f"{name} {value}" for name, value in details.items() if value is not None)
            console.print(shown(f"{_minute(at)} {who}: {action}: {said}"))


def line(standing: Standing) -> str:
    """Return in a line where a student stands, and how the score came about."""
    start = f"{standing.student.key}: "
    if standing.score is None:
        why = {"withheld": "withheld, as the grader itself failed", "missing": "nothing was handed in"}
        return visible(start + why.get(standing.status, standing.status))
    how = [f"{standing.score} of {standing.max_score} points" if standing.max_score else f"{standing.score} points"]
    if standing.total:
        how.append(f"decided by {standing.total.who}: {standing.total.reason}")
    elif standing.lateness and standing.lateness.percent:
        how.append(f"earned {standing.earned}; {standing.lateness.reason}")
    return visible(start + ", ".join(how), 1000)


def policy(found: LatePolicy | None, standings: Sequence[Standing], zone: str) -> str:
    """Return the policy for late work by the clocks of ``zone``, and whom it costs anything; ValueError for no zone."""
    if found is None:
        return "No date is set: nothing is late."
    last = "" if found.cut_off is None else f"; after {_days(found.cut_off.days)} a push counts nothing"
    grace = f" {int(found.grace.total_seconds() // 60)} minutes of grace, then" if found.grace else ""
    unknown = sum(bool(standing.handed and standing.handed.pushed_at is None) for standing in standings)
    costs = [standing for standing in standings if standing.lateness and standing.lateness.percent]
    rejected = sum(not standing.lateness.accepted for standing in costs if standing.lateness)
    due = f"{found.due.astimezone(late.clocks(zone)):%Y-%m-%d %H:%M} ({zone})"
    lines = [f"Due {due}:{grace} each started day takes {found.percent_per_day} % of the points{last}."]
    lines += [f"Students who lose points by it: {len(costs)}; who lose everything: {rejected}."]
    lines += [f"Students of whom nobody knows when they pushed: {unknown}; they lose nothing."] if unknown else []
    return "\n".join(lines)


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _late(standing: Standing) -> str:
    late_by = standing.lateness
    return f"{late_by.percent} %" if late_by and late_by.percent else ""


def _marks(marks: Iterable[Mark]) -> Table:
    table = _table(("criterion", "outcome", "points", "of", "decided"))
    for mark in marks:
        made = mark.override
        decided = f"{made.who}: {made.reason} (the grader gave {mark.given})" if made else ""
        outcome = Text(mark.outcome, style=STYLES[mark.outcome])
        table.add_row(shown(mark.key), outcome, str(mark.points), str(mark.max_points), shown(decided))
    return table


def _grades(history: Iterable[Past], standing: Standing) -> Table:
    """Return every grade of every push; those of the push that counts are marked."""
    table = _table(("graded", "push", "pushed", "score", "version", "counts"))
    for past in history:
        handed = past.handed
        push = handed.commit[:10] or handed.digest.removeprefix("sha256:")[:10]
        score = f"{past.score} of {past.max_score}" if past.status == "graded" else past.status
        pushed = _minute(handed.pushed_at) if handed.pushed_at else ""
        counts = "yes" if handed == standing.handed else ""
        table.add_row(*map(shown, (_minute(past.graded_at), push, pushed, score, past.edition.version, counts)))
    return table


def _table(names: Iterable[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name == "criterion")
    return table


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
