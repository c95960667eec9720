"""The commands ``grader nbgrader``: arguments, and what is told of the work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.course.commands import book as gradebook
from grader.notebook.releasing import new

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.notebook.pulling import Change
    from grader.notebook.pushing import Pushed


@click.group()
def nbgrader() -> None:
    """Work with nbgrader: its formgrader, its feedback and its exports.

    \b
    In a course folder of nbgrader's:
      grader nbgrader push ../grades     the grades of a class go there
      grader nbgrader pull ../grades     what people changed there comes back
    """  # noqa: D301  # a real \b keeps click from joining the lines of an example


nbgrader.add_command(new)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what both directions need."""
    for option in (
        gradebook.place,
        click.option(
            "--course",
            metavar="FOLDER",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path(),
            help="nbgrader's course folder; by default the current one.",
        ),
        click.option(
            "--assignment",
            metavar="NAME",
            default="sessions-repository",
            show_default=True,
            help="What the assignment is called in nbgrader.",
        ),
        gradebook.who,
    ):
        command = option(command)
    return command


@nbgrader.command()
@_options
def push(place: str, course: Path, assignment: str, who: str) -> None:
    """Write the grades of a class into nbgrader's gradebook.

    DIR is what grader grade-class wrote, or the URL of its gradebook. Each criterion gets its score and a comment;
    overrides become manual scores, and lateness the late penalty. What a person typed in nbgrader stays. It can be done
    again at any time: after new grades, after an override, after a regrade.

    \b
    Example, in the course folder:
      grader nbgrader push ../grades
    """  # noqa: D301  # a real \b keeps click from joining the lines of an example
    from grader.notebook import bridge  # noqa: PLC0415  # no other command waits for it

    with gradebook.opened(place, who) as book:
        opened = bridge.open_course(course, assignment)
        from grader.notebook import pushing  # noqa: PLC0415  # it needs nbgrader, which is there by now

        _tell_pushed(pushing.push(book, opened), assignment, place)


@nbgrader.command()
@_options
@click.option("--dry-run", "dry", is_flag=True, help="Only tell what would be brought over.")
def pull(place: str, course: Path, assignment: str, who: str, *, dry: bool) -> None:
    """Bring manual changes in nbgrader back into the gradebook of a class.

    A manual score, or extra credit, becomes an override of the criterion, and the comment beside it its reason. One
    that was taken back there is taken back here. All that is brought over is told.

    \b
    Example, in the course folder:
      grader nbgrader pull ../grades --dry-run
      grader nbgrader pull ../grades --who "Ms. Lee"
    """  # noqa: D301  # a real \b keeps click from joining the lines of an example
    from grader.notebook import bridge  # noqa: PLC0415  # no other command waits for it

    with gradebook.opened(place, who) as book:
        opened = bridge.open_course(course, assignment)
        from grader.notebook import pulling  # noqa: PLC0415  # it needs nbgrader, which is there by now

        _tell_pulled(pulling.pull(book, opened, dry=dry), dry=dry)
        if not dry:
            gradebook.write_table(book, place)


def _tell_pushed(done: Pushed, assignment: str, place: str) -> None:
    from grader.outputs.text import log  # noqa: PLC0415  # no other command waits for it

    click.echo(log(f"{assignment}: the grades of {len(done.graded)} students are in nbgrader's gradebook."))
    for names, what in (
        (done.withheld, "withheld, and marked for manual grading"),
        (done.missing, "without a submission"),
    ):
        if names:
            click.echo(log(f"{what}: {', '.join(names)}"))
    if done.to_pull:
        said = ", ".join(f"{student} {criterion or 'total'}" for student, criterion in done.to_pull)
        click.echo(log(f"manual scores there that are not here, and stay: {said}\nNext: grader nbgrader pull {place}"))


def _tell_pulled(changes: tuple[Change, ...], *, dry: bool) -> None:
    from grader.outputs.text import log  # noqa: PLC0415  # no other command waits for it

    for change in changes:
        after = "as graded" if change.points is None else f"{change.points:g}"
        line = f"{change.student}  {change.criterion or 'total'}  {change.before} -> {after}  {change.reason}"
        click.echo(log(f"not brought over: {line}: {change.problem}" if change.problem else line))
    made = sum(not change.problem for change in changes)
    click.echo(f"{made} decisions {'would come' if dry else 'came'} over from nbgrader.")
