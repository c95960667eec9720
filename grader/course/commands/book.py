"""What the commands on a gradebook have in common: where it lies, who uses it, and what changes with it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.gradebook import Gradebook

place = click.argument("place", metavar="DIR")
student = click.argument("student")
who = click.option("--who", metavar="NAME", default="", help="Who decides; by default your login at this machine.")
reason = click.option("--reason", metavar="TEXT", required=True, help="Why: it is kept beside the decision.")


@contextmanager
def opened(where: str, name: str = "") -> Iterator[Gradebook]:
    """Open the gradebook in a folder or at a URL, for somebody who decides."""
    from grader.course.gradebook import find_gradebook  # noqa: PLC0415  # no other command waits for it

    with find_gradebook(where, name) as book:
        yield book


def folder(where: str) -> Path | None:
    """Return the folder in which reports, table and page lie; None for a database somewhere else."""
    return None if "://" in where else Path(where)


def write_table(book: Gradebook, where: str) -> None:
    """Write ``grades.csv`` anew, where it lies beside the gradebook: nobody shall upload what counts no more."""
    from grader.course import publishing  # noqa: PLC0415  # no other command waits for it

    if (out := folder(where)) is not None:
        publishing.write_table(book, out)
