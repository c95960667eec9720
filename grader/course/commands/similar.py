"""The command ``grader similar``: arguments only."""

from __future__ import annotations

import click

from grader.course.commands import book as of_book
from grader.outputs.text import log


@click.command()
@of_book.place
@click.option(
    "--least",
    metavar="PERCENT",
    type=click.IntRange(1, 100),
    help="Show pairs that are alike in so much or more; by default, what unrelated right solutions hardly ever reach.",
)
def similar(place: str, least: int | None) -> None:
    """List submissions that are alike: a hint where to look, and never a verdict.

    DIR is the folder of a class. Names, comments, texts and layout make no difference; what the starter and the
    reference hold, and what many of the class wrote, is left out. The task is short: right solutions resemble each
    other, and so do those of people who learned together. Read both before you think anything.

    \b
    Example:
      grader similar grades --least 80
    """
    from grader.course import similarity  # noqa: PLC0415  # no other command waits for it
    from grader.course.classpage import classwork  # noqa: PLC0415  # the same

    with of_book.opened(place) as book:
        pushes = classwork.counting(book.standings(), book.pushes())
        found = similarity.similar(pushes.values(), book.evidence, least or similarity.LEAST_PERCENT)
    for line in similarity.told(found):
        click.echo(log(line))
