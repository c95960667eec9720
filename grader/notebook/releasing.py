"""The command ``grader nbgrader new``: arguments only."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("course", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def new(course: Path) -> None:
    """Put the notebook into a course folder of nbgrader's, or make one.

    DIR gets source/sessions: the notebook with its solution, and what it imports. A folder without settings gets an
    nbgrader_config.py with which nbgrader autograde grades this notebook in a sandbox, by this grader. Others are left
    alone, and the two lines that they need are told.

    \b
    Example:
      grader nbgrader new course
      cd course
      nbgrader generate_assignment sessions
      nbgrader autograde sessions
      nbgrader generate_feedback sessions
    """  # noqa: D301  # a real \b keeps click from joining the lines of an example
    from grader import content  # noqa: PLC0415  # no other command waits for it
    from grader.notebook import settings  # noqa: PLC0415  # the same
    from grader.notebook.bridge import CONFIG  # noqa: PLC0415  # the same
    from grader.notebook.source import NOTEBOOK  # noqa: PLC0415  # the same
    from grader.outputs.text import log  # noqa: PLC0415  # the same

    is_set = settings.add_to(course, content.find_content())
    click.echo(log(f"{course / 'source' / NOTEBOOK}: the notebook, and what it imports"))
    if not is_set:
        lines = "from grader.notebook.settings import configure\n    configure(c)"
        click.echo(log(f"{course / CONFIG} is left as it is. Add these lines at its end:\n    {lines}"))
    click.echo(log(f"Next: cd {course} && nbgrader generate_assignment {NOTEBOOK}"))
