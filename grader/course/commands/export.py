"""The command ``grader export``: arguments only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.course.commands import book as of_book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.nouns import Standing

FILLED = ("canvas", "moodle")
"""What is filled into a table of the platform's own."""
FORMATS = ("grades", "criteria", "classroom", "jsonl", *FILLED)


@click.command()
@of_book.place
@click.option(
    "--format",
    "name",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="What to write: a row for each student or each criterion, JSON Lines, or what a platform reads.",
)
@click.option(
    "--template",
    metavar="CSV",
    type=click.Path(path_type=Path),
    help="The table that Canvas exported (Grades, Export), or Moodle (Download grading worksheet): it names the rows.",
)
@click.option("--assignment", metavar="NAME", default="", help="What the assignment is called there.")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write it there, not on the screen.")
def export(place: str, name: str, template: Path | None, assignment: str, out: Path | None) -> None:
    """Give the scores to a spreadsheet, a learning platform or a program.

    Overrides and lateness are taken into account. Whose grade is withheld or missing gets no score, and is named. No
    cell can run as a formula.

    \b
    Examples:
      grader export grades --out scores.csv
      grader export grades --format canvas --template canvas.csv --assignment "Transactions" --out upload.csv
      grader export grades --format moodle --template worksheet.csv --out upload.csv
    """
    with of_book.opened(place) as book:
        text, left_out = _filled(name, template, assignment, book.standings())
    if out is None:
        sys.stdout.buffer.write(text.encode())
    else:
        from grader.outputs import files  # noqa: PLC0415  # no other command waits for it

        files.write(out.parent, {out.name: text})
    if left_out:
        from grader.outputs.text import log  # noqa: PLC0415  # no other command waits for it

        click.echo(log(f"Without a score: {', '.join(left_out)}"), err=True)


def _filled(
    name: str, template: Path | None, assignment: str, standings: Sequence[Standing]
) -> tuple[str, Sequence[str]]:
    """Return a table, and who has no score in it."""
    from grader.course import export as tables  # noqa: PLC0415  # no other command waits for it
    from grader.course import filling  # noqa: PLC0415  # the same

    if name in FILLED:
        if template is None or (name == "canvas" and not assignment):
            names = ' --assignment "NAME IN CANVAS"' if name == "canvas" else ""
            raise click.UsageError(f"the table to be filled is missing: --format {name} --template EXPORTED.csv{names}")
        done = (
            filling.canvas(template, standings, assignment) if name == "canvas" else filling.moodle(template, standings)
        )
        return done.text, done.without
    without = [standing.student.key for standing in standings if standing.score is None]
    if name == "classroom":
        return tables.classroom(standings, assignment), without
    return {"grades": tables.grades, "criteria": tables.criteria, "jsonl": tables.json_lines}[name](standings), without
