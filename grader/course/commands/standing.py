"""The command ``grader standing``: arguments only."""

from __future__ import annotations

import click

from grader.course.commands import book as of_book


@click.command()
@of_book.place
@click.argument("student", required=False)
@click.option("--page", is_flag=True, help="Write class.html and grades.csv anew as well.")
def standing(place: str, student: str | None, *, page: bool) -> None:
    """Show where the class stands, or everything about one student.

    Of a student: the push that counts and how its score came about, every push and every grade that it was given, and
    who decided what, when and why.

    \b
    Examples:
      grader standing grades --page
      grader standing grades alice
    """
    from rich.console import Console  # noqa: PLC0415  # no other command waits for it

    from grader.course import listing, publishing  # noqa: PLC0415  # the same

    out = of_book.folder(place)
    if page and out is None:
        raise click.UsageError("a page lies in the folder of a class: grader standing DIR --page")
    with of_book.opened(place) as book:
        if page and out is not None:
            publishing.publish(book, out)
        if student is None:
            listing.everybody(book.standings(), Console())
        else:
            listing.one(book, book.standing(student), Console())
