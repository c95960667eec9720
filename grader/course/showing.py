"""Shows on a terminal what judging again would change, and what stands behind a verdict."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
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
    from grader.course.regrading import Difference, Regrade, Shift
    from grader.values import Criterion

MOST_NAMES = 100_000
"""The longest list of names."""

_DIRECTIONS = ("gain", "lose", "other outcome")
_VIEWS = {"own": "own code", "followed": "with the reference"}


def regrade(result: Regrade, console: Console, place: str, *, writes: bool) -> None:
    """Print what changes criterion by criterion, then who gains and who loses, and why, then what to do next.

    ``place`` is where the gradebook lies; ``writes`` tells that the new grades are about to be written.
    """
    forgive(console)
    if result.differences:
        console.print(_criteria(result.differences))
    for difference in result.differences:
        console.print(_difference(difference))
    for line in _summary(result, place, writes=writes):
        console.print(shown(line, most=MOST_NAMES))


def _criteria(differences: Iterable[Difference]) -> Table:
    """Return in how many pushes each criterion gives more or fewer points, or the same with another outcome."""
    found: dict[str, Counter[str]] = {}
    for shift in (shift for difference in differences for shift in difference.shifts):
        found.setdefault(shift.key, Counter())[_direction(shift)] += 1
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("criterion")
    for name in _DIRECTIONS:
        table.add_column(name, justify="right")
    for key, counted in found.items():
        table.add_row(shown(key), *(str(counted[name] or "") for name in _DIRECTIONS))
    return table


def _direction(shift: Shift) -> str:
    before, after = (criterion.points if criterion else 0 for criterion in (shift.before, shift.after))
    return _DIRECTIONS[(after < before) + 2 * (after == before)]


def _summary(result: Regrade, place: str, *, writes: bool) -> Iterable[str]:
    anew = len(result.judged) + len(result.observed)
    gained = sum((d.after or 0) > (d.before or 0) for d in result.differences)
    lost = sum((d.after or 0) < (d.before or 0) for d in result.differences)
    if anew:
        yield f"{anew} judged again: {gained} gain, {lost} lose, {anew - gained - lost} keep their points."
    if result.observed:
        yield f"{len(result.observed)} of them were observed again."
    if result.current:
        yield f"{result.current} had a grade of this edition already."
    if result.observe_again:
        names = ", ".join(sorted({push.handed.student for push in result.observe_again}))
        yield f"To be observed again, as other calls are made today (grader regrade {place} --observe): {names}"
    if anew and not writes:
        again = " --observe" if result.observed else ""
        yield f"Nothing was written. To write it: grader regrade {place}{again} --write"


def explanation(found: Explanation, console: Console, *, details: bool = False) -> None:
    """Print a verdict and all that stands behind it, the timelines of the runs that it rests on at the end.

    ``details`` shows runs in which nothing was wrong beside those in which something was, and connections as well.
    """
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
    if runs := found.runs(all_of=details):
        timeline.render(found.evidence, console, runs, details=details)


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
    for (name, found, seen), several in groupby(checks, key=lambda check: (check.name, check.found, check.seen)):
        alike = list(several)
        title = Text.assemble(name.rpartition(".")[2], "\n", shown(alike[0].expects))
        runs = dict.fromkeys(run for check in alike for run in check.runs)
        result = Text.assemble((found, STYLES.get(found, "")), " ", shown(seen))
        table.add_row(title, ", ".join(_VIEWS[check.view] for check in alike), result, shown(", ".join(runs)))
    return table


def _decisions(overrides: Iterable[Override], console: Console) -> None:
    for made in overrides:
        what = "taken back" if made.points is None else f"{made.points} points"
        about = made.criterion or "the total"
        when = made.at.isoformat(" ", "minutes")
        console.print(shown(f"decided {when} by {made.who} on {about}: {what}, {made.reason}"))
