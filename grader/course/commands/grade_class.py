"""The command ``grader grade-class``: arguments and the summary."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.running import Graded

_PATH = click.Path(path_type=Path)
_LISTED = 20
"""How many names a line of the summary lists; the page of the class has them all."""


@click.command("grade-class")
@click.argument("submissions", type=_PATH)
@click.option(
    "--roster", metavar="CSV", type=_PATH, help="Who is in the class: an export of GitHub Classroom, Canvas …"
)
@click.option(
    "--out", metavar="DIR", type=_PATH, help="Where everything goes; by default SUBMISSIONS-grades, beside it."
)
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1), help="How many processes grade at once; by default one a core."
)
@click.option("--isolation", metavar="LEVEL", help="As for 'grader grade'; 'process' has no walls and must be named.")
@click.option("--gradebook", metavar="URL", help="Keep the gradebook in this database instead of DIR/gradebook.db.")
@click.option(
    "--pushes", metavar="CSV", type=_PATH, help="Which push counts, and its time: student, commit, pushed_at."
)
@click.option("--dask", metavar="ADDRESS", help="Let the workers of a Dask cluster grade, as tcp://HOST:8786.")
@click.option("--page/--no-page", default=True, help="Whether to make class.html, which takes some seconds.")
def grade_class(  # noqa: PLR0913, PLR0917  # click hands over each option by itself
    submissions: Path,
    roster: Path | None,
    out: Path | None,
    jobs: int | None,
    isolation: str | None,
    gradebook: str | None,
    pushes: Path | None,
    dask: str | None,
    *,
    page: bool,
) -> None:
    """Grade every folder in SUBMISSIONS, or every clone in it that a roster names.

    DIR gets a folder of reports for each student, grades.csv, class.html and the gradebook. Run the same command
    again after whatever ended it: what is graded is not graded again.

    With a roster, a folder is found by the name of the repository, the login or another key of the student, also
    behind a dash (sessions-alice). For a clone the time of its commit is noted, and that is what its author says;
    only a list of pushes, as the class workflow makes it, has the time at which the server received it.

    \b
    Examples:
      grader grade-class submissions
      grader grade-class clones --roster classroom_roster.csv --out grades --jobs 8

    Exit status: 0 graded, whatever the scores; 2 wrong use; 3 the grader itself failed over some, whose grades are
    withheld.
    """
    from grader.course.running import Wanted, grade_class  # noqa: PLC0415  # no other command waits for it

    submissions = submissions.expanduser()
    place = out or submissions.with_name(f"{submissions.resolve().name}-grades")
    graded = grade_class(
        Wanted(submissions, place, jobs or os.cpu_count() or 1, roster, pushes, isolation, gradebook, dask, page)
    )
    _tell(graded, place)


def _tell(graded: Graded, out: Path) -> None:
    """Print the summary; raises GradesWithheld where somebody's grade is the grader's own debt."""
    from grader.course.faults import GradesWithheld  # noqa: PLC0415  # no other command waits for it
    from grader.outputs.text import log  # noqa: PLC0415  # the same

    click.echo(log("\n".join(_lines(graded, out))))
    if owed := {**dict.fromkeys(graded.withheld, "a check failed"), **graded.tally.withheld, **graded.tally.failed}:
        reasons = "\n".join(f"{student}: {reason}" for student, reason in sorted(owed.items()))
        raise GradesWithheld(f"the grader failed over {len(owed)}, and their grades are withheld:\n{reasons}")


def _lines(graded: Graded, out: Path) -> Iterator[str]:
    tally = graded.tally
    mean = "" if graded.mean is None else f"; the mean of the class is {graded.mean:.1f} points"
    yield f"{len(tally.graded)} graded, {len(tally.before)} graded before{mean}"
    yield from _named("no submission", graded.missing)
    yield from (f"unreadable: {student}: {reason}" for student, reason in sorted(tally.unreadable.items()))
    yield from _named("withheld", graded.withheld)
    yield from _named("folders that are nobody's in the roster", graded.roll.nobodys)
    if graded.page:
        yield f"Look at {graded.page}"
    yield f"The table is {out / 'grades.csv'}, each student's report {out / 'STUDENT/report.html'}"


def _named(what: str, names: tuple[str, ...]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        yield f"{what}: {len(names)}: {', '.join(names[:_LISTED])}{more}"
