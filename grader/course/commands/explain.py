"""The command ``grader explain``: arguments only."""

from __future__ import annotations

import click

from grader.course.commands import book as of_book


@click.command()
@of_book.place
@of_book.student
@click.argument("criterion")
@click.option("--details", is_flag=True, help="Show the runs in which all was right as well, and connections.")
def explain(place: str, student: str, criterion: str, *, details: bool) -> None:
    """Show everything that stands behind one verdict.

    What was expected and seen, each check with the runs that it looked at, what people decided, what earlier grades
    said, and the runs in which something was wrong, step by step. It shows hidden inputs: it is for you, not for the
    student.

    \b
    Example:
      grader explain grades alice rollback.nothing_kept
    """
    from rich.console import Console  # noqa: PLC0415  # no other command waits for it

    from grader.course import explaining, showing  # noqa: PLC0415  # the same

    with of_book.opened(place) as book:
        found = explaining.explain(book, student, criterion)
    showing.explanation(found, Console(), details=details)
