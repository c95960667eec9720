"""The command ``grader regrade``: arguments, progress and the order of things; the work is done elsewhere."""

from __future__ import annotations

import functools
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.course.commands import book as of_book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from grader.course.gradebook import Gradebook
    from grader.course.pools import Pool
    from grader.course.regrading import Observe, Regrade


@click.command()
@of_book.place
@click.option("--write", is_flag=True, help="Write the new grades, reports and tables; without it nothing is written.")
@click.option("--observe", is_flag=True, help="Observe again, walled in, what other calls would be made for today.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1),
    help="With --observe and --write: how many processes; by default one a core.",
)
@click.option("--isolation", metavar="LEVEL", help="With --observe: the walls, as for 'grader grade'.")
@click.option(
    "--out", metavar="FOLDER", type=click.Path(path_type=Path), help="Where the reports lie, where DIR is a URL."
)
@of_book.who
def regrade(  # noqa: PLR0913  # click hands over each by itself
    place: str, jobs: int | None, isolation: str | None, out: Path | None, who: str, *, write: bool, observe: bool
) -> None:
    """Judge a class again after a check or the points have changed, and show what that changes.

    DIR is the folder of the class, or the URL of its gradebook. The stored evidence is judged: no student code runs,
    and no folder of theirs is needed. Overrides stay in force, and earlier grades stay in the history. Where other
    calls would be made today (other hidden inputs, another secret), the students are named, and --observe takes their
    evidence anew, from the sources that the gradebook holds.

    \b
    Examples:
      grader regrade grades
      grader regrade grades --write

    Exit status: 0 judged; 2 wrong use; 3 a check broke, or somebody could not be observed: the traceback is told.
    """
    from rich.console import Console  # noqa: PLC0415  # no other command waits for it

    from grader.course import regrading, showing  # noqa: PLC0415  # the same
    from grader.course.editions import current_edition  # noqa: PLC0415  # the same
    from grader.course.processes import local  # noqa: PLC0415  # the same

    many = jobs or os.cpu_count() or 1
    with of_book.opened(place, who) as book, ExitStack() as stack:
        pool = functools.cache(lambda: stack.enter_context(local(many)))  # started where it is needed
        with _progress("judged", len(book.pushes())) as step:
            again = _observing(book, pool, isolation) if observe else None
            result = regrading.regrade(book, current_edition(), progress=lambda _: step(), observe=again)
        showing.regrade(result, Console(), place, writes=write)
        faults = list(result.faults)
        if write:
            faults += _written(book, result, pool, out or of_book.folder(place))
            click.echo("Written; the earlier grades are kept as history.")
    _end(faults)


def _observing(book: Gradebook, pool: Callable[[], Pool], isolation: str | None) -> Observe:
    """Return what observes pushes again; the processes start where there are any."""
    from grader.course import reobserving  # noqa: PLC0415  # no other command waits for it
    from grader.course.editions import current_edition  # noqa: PLC0415  # the same
    from grader.observe.sandbox.starting import candidates  # noqa: PLC0415  # the same

    candidates(isolation)  # a level that is none is an error before the work
    return lambda pushes: reobserving.observe(book, pushes, current_edition(), pool(), isolation) if pushes else ()


def _written(book: Gradebook, result: Regrade, pool: Callable[[], Pool], out: Path | None) -> Iterable[str]:
    """Write reports, then the grades, then table and page; return what went wrong over the reports."""
    from grader.course import publishing, regrading  # noqa: PLC0415  # no other command waits for it
    from grader.course.faults import GradingInterrupted  # noqa: PLC0415  # the same

    try:
        faults = _reported(book, result, pool, out) if out is not None and result.reworded else []
        regrading.write(book, result)
        if out is not None:
            publishing.publish(book, out)
    except KeyboardInterrupt as error:
        raise GradingInterrupted("interrupted while writing; the same command once more writes the rest") from error
    return faults


def _reported(book: Gradebook, result: Regrade, pool: Callable[[], Pool], out: Path) -> list[str]:
    """Write the reports that have changed; return what went wrong that was not told yet."""
    from grader.course import reobserving  # noqa: PLC0415  # no other command waits for it

    faults = []
    with _progress("reports written", len(result.reworded)) as step:
        for _, fault in reobserving.write_reports(book, result, pool(), out):
            faults += [fault] if fault and fault not in result.faults else []
            step()
    return faults


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Give what counts a push as done: on a bar where a person is watching."""
    from rich.console import Console  # noqa: PLC0415  # no other command waits for it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415  # the same

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def _end(faults: Iterable[str]) -> None:
    """Raise GradesWithheld where the grader failed over something."""
    from grader.course.faults import GradesWithheld  # noqa: PLC0415  # no other command waits for it

    if told := "\n".join(dict.fromkeys(faults)):
        raise GradesWithheld(f"the grader itself failed, and withholds what it could not judge:\n{told}")
