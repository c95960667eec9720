"""Shows on a terminal what judging again would change, and what stands behind a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from grader.outputs import timeline
from grader.outputs.terminal import STYLES, forgive, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from grader.course.explaining import Explanation, Looked
    from grader.course.nouns import Override
    from grader.course.regrading import Difference, Regrade
    from grader.values import Criterion

MOST_DIFFERENCES = 200
"""So many students are listed; of more, the beginning and the number say enough."""

_VIEWS = {"own": "own code", "followed": "with the reference"}


def regrade(result: Regrade, console: Console, *, written: bool) -> None:
    """Print who gains and who loses, and why; ``written`` tells whether the new grades stand in the gradebook."""
    forgive(console)
    for difference in result.differences[:MOST_DIFFERENCES]:
        console.print(_difference(difference))
    if len(result.differences) > MOST_DIFFERENCES:
        console.print(f"… and {len(result.differences) - MOST_DIFFERENCES} more")
    for line in _summary(result):
        console.print(shown(line, most=5000))
    if result.judged:
        console.print("Written; the earlier grades are kept." if written else "Nothing was written; --write does it.")


def _summary(result: Regrade) -> Iterable[str]:
    judged = len(result.judged)
    gained = sum((d.after or 0) > (d.before or 0) for d in result.differences)
    lost = sum((d.after or 0) < (d.before or 0) for d in result.differences)
    yield f"{judged} judged again: {gained} gain, {lost} lose, {judged - gained - lost} keep their points."
    if result.current:
        yield f"{result.current} had a grade of this edition already."
    if result.observe_again:
        names = ", ".join(sorted({push.handed.student for push in result.observe_again}))
        yield f"To be observed again, as other calls are made today: {names}"


def explanation(found: Explanation, console: Console, *, details: bool = False) -> None:
    """Print a verdict and all that stands behind it, the timelines of the runs that it rests on at the end."""
    forgive(console)
    criterion, mark = found.criterion, found.mark
    console.print(shown(f"{found.standing.student.key}: {criterion.key}", "bold"))
    console.print(shown(criterion.title))
    console.print(Text.assemble(_verdict(criterion), f", {mark.points} of {mark.max_points} points"))
    for name, said in _told(criterion):
        console.print(shown(f"{name}: {said}"))
    console.print(_checks(found.checks))
    _decisions(found.overrides, console)
    for past, before in found.history:
        when = past.graded_at.isoformat(" ", "minutes")
        points = f"{before.outcome}, {before.given} of {before.max_points}"
        console.print(shown(f"graded {when} by version {past.edition.version}: {points}"))
    if found.runs:
        timeline.render(found.evidence, console, found.runs, details=details)


def _difference(difference: Difference) -> Text:
    lines = [shown(difference.push.handed.student, "bold"), _change(difference.before, difference.after)]
    if (difference.counts_before, difference.counts_after) != (difference.before, difference.after):
        counts = _change(difference.counts_before, difference.counts_after)
        lines.append(Text.assemble("counts: ", counts) if difference.counts else Text("an earlier push"))
    text = Text("  ").join(lines)
    for shift in difference.shifts:
        text.append_text(
            Text.assemble("\n    ", shown(shift.key), ": ", _said(shift.before), " → ", _said(shift.after))
        )
        seen = shift.after.seen if shift.after else ""
        if seen:
            text.append_text(Text.assemble("\n        ", shown(seen)))
    return text


def _change(before: int | None, after: int | None) -> Text:
    gains = (after or 0) >= (before or 0)
    return Text(f"{_points(before)} → {_points(after)}", style=STYLES["passed" if gains else "failed"])


def _points(points: int | None) -> str:
    return "withheld" if points is None else str(points)


def _said(criterion: Criterion | None) -> str:
    return f"{criterion.outcome} {criterion.points}/{criterion.max_points}" if criterion else "not there"


def _verdict(criterion: Criterion) -> Text:
    return Text(criterion.outcome, style=STYLES[criterion.outcome])


def _told(criterion: Criterion) -> Iterable[tuple[str, str]]:
    where = f"{criterion.where.file}:{criterion.where.line}" if criterion.where else ""
    told = {"expected": criterion.expected, "seen": criterion.seen, "line": where, "cause": criterion.cause or ""}
    return ((name, text) for name, text in told.items() if text)


def _checks(checks: Iterable[Looked]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for name in ("check", "on", "found", "runs it looked at"):
        table.add_column(name, overflow="fold")
    for check in checks:
        title = Text.assemble(check.name, "\n", shown(check.expects))
        found = Text.assemble((check.found, STYLES.get(check.found, "")), " ", shown(check.seen))
        table.add_row(title, _VIEWS[check.view], found, shown(", ".join(check.runs)))
    return table


def _decisions(overrides: Iterable[Override], console: Console) -> None:
    for made in overrides:
        what = "taken back" if made.points is None else f"{made.points} points"
        about = made.criterion or "the total"
        when = made.at.isoformat(" ", "minutes")
        console.print(shown(f"decided {when} by {made.who} on {about}: {what}, {made.reason}"))
