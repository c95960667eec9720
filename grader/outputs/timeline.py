"""The timeline of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from grader.values import Evidence

TELLING = ("add.automatic_ids", "failed.id_taken.2", "refused.2", "failed_commit", "preview", "reload", "first_run")


def render(evidence: Evidence, console: Console, runs: Sequence[str] = (), *, details: bool = False) -> None:
    """Print what each session did in some runs, beside what others could see; ValueError if there is no such run."""
    raise NotImplementedError
