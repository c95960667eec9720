"""The commands with which a person decides: ``grader override``, ``grader late`` and ``grader extend``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import click

from grader.course.commands import book as of_book

NONE = "none"
"""Takes a decision back."""
TOTAL = "total"
_UTC = "UTC"
_DAY = re.compile(r"\d{4}-?\d\d-?\d\d")

_zone = click.option(
    "--zone",
    metavar="NAME",
    default=_UTC,
    show_default=True,
    help="By whose clocks: Europe/Berlin, America/New_York and the like. A date with +01:00 behind it needs none.",
)


@click.command()
@of_book.place
@of_book.student
@click.argument("criterion")
@click.argument("points")
@of_book.reason
@of_book.who
def override(place: str, student: str, criterion: str, points: str, reason: str, who: str) -> None:  # noqa: PLR0913, PLR0917  # click hands over each by itself
    """Give a student other points than the grader did.

    CRITERION is a key such as flush.ids, or "total" for all points together, which stands above lateness as well.
    POINTS is a number, or "none" to take an earlier decision back. A regrade leaves it in force.

    \b
    Examples:
      grader override grades alice flush.ids 3 --reason "the idea is right, the order is not"
      grader override grades alice total 85 --reason "shown in the office hour"
      grader override grades alice total none --reason "a mistake of mine"
    """
    from grader.course import listing  # noqa: PLC0415  # no other command waits for it

    with of_book.opened(place, who) as book:
        with _refusing():
            book.override(student, "" if criterion == TOTAL else criterion, _number(points), reason)
        click.echo(listing.line(book.standing(student)))
        of_book.write_table(book, place)


@click.command()
@of_book.place
@click.option("--due", metavar="DATE", help='When the work is due: "2026-12-01 23:59".')
@_zone
@click.option(
    "--grace", metavar="MINUTES", type=click.IntRange(0, 10_000), help="So late is not late yet; by default 0."
)
@click.option("--percent", metavar="N", type=click.IntRange(0, 100), help="What each started day takes; by default 0.")
@click.option(
    "--cut-off", metavar="DAYS", type=click.IntRange(0, 1_000), help="What comes later than that counts nothing."
)
@of_book.who
def late(  # noqa: PLR0913, PLR0917  # click hands over each by itself
    place: str, due: str | None, zone: str, grace: int | None, percent: int | None, cut_off: int | None, who: str
) -> None:
    """Say when the work is due, and what late work loses. Without options the policy in force is shown.

    A push counts by the time at which GitHub received it. Of several pushes the last one that was accepted counts.
    Scores follow the policy at once; earlier policies stay in the history.

    \b
    Examples:
      grader late grades --due "2026-12-01 23:59" --zone Europe/Berlin --grace 15 --percent 10 --cut-off 7
      grader late grades
    """
    from grader.course import listing  # noqa: PLC0415  # no other command waits for it
    from grader.course.nouns import LatePolicy  # noqa: PLC0415  # the same

    if due is None and (grace, percent, cut_off) != (None, None, None):
        raise click.UsageError(
            f'all of it is said anew, the date as well: grader late {place} --due "2026-12-01 23:59"'
        )
    with of_book.opened(place, who) as book:
        if due is not None:
            last = None if cut_off is None else timedelta(days=cut_off)
            with _refusing():
                book.set_late_policy(LatePolicy(_moment(due, zone), timedelta(minutes=grace or 0), percent or 0, last))
            of_book.write_table(book, place)
        with _refusing():
            click.echo(listing.policy(book.policy(), book.standings(), zone))


@click.command()
@of_book.place
@of_book.student
@click.argument("date")
@_zone
@of_book.reason
@of_book.who
def extend(place: str, student: str, date: str, zone: str, reason: str, who: str) -> None:  # noqa: PLR0913, PLR0917  # click hands over each by itself
    """Give a student a later date; "none" takes it back.

    What comes after it is late by the policy of the class, counted from this date on.

    \b
    Example:
      grader extend grades alice "2026-12-08 23:59" --zone Europe/Berlin --reason "was ill"
    """
    from grader.course import listing  # noqa: PLC0415  # no other command waits for it

    with of_book.opened(place, who) as book:
        with _refusing():
            book.extend(student, None if date == NONE else _moment(date, zone), reason)
        click.echo(listing.line(book.standing(student)))
        of_book.write_table(book, place)


@contextmanager
def _refusing() -> Iterator[None]:
    """Tell of a value that cannot be as a wrong use of the command."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _moment(text: str, zone: str) -> datetime:
    """Return the time that somebody wrote; a day alone begins at midnight, and whoever writes it means its end."""
    from grader.course.late import moment  # noqa: PLC0415  # no other command waits for it

    if _DAY.fullmatch(text.strip()):
        raise ValueError(f'{text} is a whole day. Say the hour as well: "{text.strip()} 23:59".')
    return moment(text, zone)


def _number(points: str) -> int | None:
    """Return points as a number, None where a decision is taken back."""
    if points == NONE:
        return None
    if not points.isdecimal():
        raise ValueError(f"{points!r} is no number of points. Write it as 3, or none to take a decision back.")
    return int(points)
