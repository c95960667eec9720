"""The grade on a terminal: what was lost, why, where, and what to do first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.outputs.guidance import Loss, code_line, cost, count, is_perfect, losses, next_step, pointers
from grader.outputs.terminal import STYLES, forgive, result, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, RenderableType

    from grader.values import Criterion, Evidence, GradeReport, Where

UNSAFE = "process"
"""The level of isolation that keeps nobody out."""
_BELOW_A_LINE = (1, 0, 0, 0)


def render(report: GradeReport, evidence: Evidence, console: Console) -> None:
    """Print a grade."""
    forgive(console)
    for part in _parts(report, evidence, console):
        console.print(part)


def _parts(report: GradeReport, evidence: Evidence, console: Console) -> Iterator[RenderableType]:
    yield from _head(report)
    yield Padding(_table(report, console), _BELOW_A_LINE)
    for loss in losses(report):
        yield _loss(loss, evidence, console)
    if is_perfect(report):
        yield Text("\nEverything that was asked for is there and holds. Well done!", style="green")
    yield from _advice(report)
    yield from _flags(report)
    if not is_perfect(report):
        yield Text.assemble("\n", ("What to do first: ", "bold"), shown(next_step(report)))


def _head(report: GradeReport) -> Iterator[Text]:
    name = shown(report.submission, "bold", most=100)
    if report.status == "withheld":
        yield Text.assemble(name, (": NO GRADE, it is withheld", "bold red"))
        broken = ", ".join(c.key for c in report.criteria if c.outcome == "broken")
        yield shown(
            f"The grader itself failed at {broken or 'its own work'}. That is not the student's fault, and no points "
            "were taken for it. Grade once more; if it fails again, report it with evidence.json, from which the grade "
            "can be made once the fault is repaired."
        )
    else:
        yield Text.assemble(name, (f": {report.score} of {report.max_score} points", "bold"))
    yield _isolation(report.grader.isolation)


def _isolation(level: str) -> Text:
    if level != UNSAFE:
        return shown(f"isolation: {level}")
    return Text.assemble(
        f"isolation: {UNSAFE}, which is ",
        ("UNSAFE", "bold red"),
        ": the code ran with your own rights. Use it for your own code only; grader doctor says how to get walls.",
    )


def _table(report: GradeReport, console: Console) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column("result", no_wrap=True)
    table.add_column("criterion", overflow="fold")
    table.add_column("points", justify="right", no_wrap=True)
    for key, concept in report.concepts.items():
        table.add_row("", shown(key, "bold"), Text(f"{concept.score}/{concept.max_score}", style="bold"))
        for criterion in report.criteria:
            if criterion.concept == key:
                points = Text(f"{criterion.points}/{criterion.max_points}")
                table.add_row(result(criterion.outcome, console), shown(criterion.title), points)
    return table


def _loss(loss: Loss, evidence: Evidence, console: Console) -> RenderableType:
    criterion = loss.criterion
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    grid.add_row(result(criterion.outcome, console), _title(criterion))
    for name, text in (("expected", criterion.expected), ("seen", criterion.seen)):
        if text:
            grid.add_row(name, shown(text))
    if criterion.where is not None:
        grid.add_row("where", _place(criterion.where, evidence))
    if criterion.hint:
        grid.add_row("hint", shown(criterion.hint))
    if (places := pointers(criterion.key)) is not None:
        grid.add_row("read on", shown(f"{places.handout}; {places.hints}"))
    if loss.beside:
        grid.add_row("same line", shown(_named(loss.beside)))
    if loss.consequences:
        waiting = f"because of this, and so not judged: {_named(loss.consequences)}"
        grid.add_row(result("blocked", console), shown(waiting))
    if criterion.cause:
        grid.add_row("cause", shown(criterion.cause))
    return Padding(grid, _BELOW_A_LINE)


def _named(criteria: Iterable[Criterion]) -> str:
    return ", ".join(f"{c.key} ({count(c.max_points - c.points, 'point')})" for c in criteria)


def _title(criterion: Criterion) -> Text:
    return Text.assemble(shown(criterion.key, STYLES[criterion.outcome]), f"  ({cost(criterion)})")


def _place(where: Where, evidence: Evidence) -> Text:
    place = shown(f"{where.file}:{where.line}", "cyan", most=200)
    code = code_line(evidence, where)
    return place if code is None else Text.assemble(place, "\n", f"{where.line} | ", shown(code, "bold", most=300))


def _advice(report: GradeReport) -> Iterator[RenderableType]:
    places = [f" ({advice.where.file}:{advice.where.line})" if advice.where else "" for advice in report.advice]
    texts = [f"{advice.message}{place}" for advice, place in zip(report.advice, places, strict=True)]
    yield from _listed("Advice (costs nothing)", texts)


def _flags(report: GradeReport) -> Iterator[RenderableType]:
    texts = [f"{flag.key}: {flag.message}" for flag in report.flags]
    yield from _listed("For the instructor to look at (takes no points)", texts)


def _listed(title: str, texts: list[str]) -> Iterator[RenderableType]:
    if texts:
        yield Text(f"\n{title}", style="bold")
        grid = Table.grid(padding=(0, 1, 0, 0))
        for text in texts:
            grid.add_row("-", shown(text))
        yield grid
