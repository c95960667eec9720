"""The command ``grader template``: arguments only."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from grader.outputs.text import log


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--classroom50", "bundle", flag_value="classroom50", help="Write the bundle for Classroom 50 instead.")
@click.option("--gradescope", "bundle", flag_value="gradescope", help="Write the autograder for Gradescope instead.")
@click.option(
    "--immediate",
    metavar="ORG/REPO@REF",
    help="Add a workflow that grades each push at once, by the grade.yml of this repository; it is provisional.",
)
@click.option("--author", metavar="'NAME <MAIL>'", help="Who commits; by default the one whom git knows here.")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2026-01-01",
    show_default=True,
    help="The day of the commit: always the same, so that the same content gives the same commit.",
)
def template(folder: Path, bundle: str | None, immediate: str | None, author: str | None, date: datetime) -> None:
    """Write the student template, ready to push, into DIR, which is new or empty.

    It is a git repository with one commit: the starter with its self-checks and their workflow, the handout and the
    hints. Nothing hidden is in it.
    Example: grader template course-template
    """
    from grader import content  # noqa: PLC0415  # no other command waits for it
    from grader.template import bundles, repository  # noqa: PLC0415  # the same

    if bundle is not None:
        bundles.BUNDLES[bundle](folder, content.find_content())
        click.echo(log(f"{folder}: see its README.md"))
        return
    commit = repository.write_template(folder, content.find_content(), repository.author(author, date), immediate)
    click.echo(log(f"{folder}: a repository with one commit, {commit}\nNext: git -C {folder} push URL main"))
