"""The commands ``grader github …``; each is described where it is made."""

from __future__ import annotations

import sys

import click

from grader.github.class_commands import COMMANDS
from grader.github.trust_commands import ruleset, verify

_EXTRA = "session-grader[github]"


class _WithItsExtra(click.Group):
    """A group that says how to get the libraries that only its commands need."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            repair = f"{sys.executable} -m pip install '{_EXTRA}'"
            raise click.ClickException(f"{error.name} is not installed; repair: {repair}") from error


@click.group(cls=_WithItsExtra)
def github() -> None:
    """Grade on GitHub: what the workflows of the course's own repository call, and what sets them up.

    The steps of a grading in jobs of their own are commands as well: grader take-in, grader observe, grader judge.
    """


for command in (*COMMANDS, verify, ruleset):
    github.add_command(command)
