"""Finds the run whose gradebook goes on in this one: artifacts are all that stays of a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from grader.github.api import GitHub

ARTIFACT = "gradebook"
RENEWED = timedelta(days=20)
"""After so long a gradebook is kept anew, though nothing changed: GitHub throws it away when its time is over."""


class Last(Struct, frozen=True):
    """The run that holds the newest gradebook, and whether that has to be kept anew."""

    run: str
    stale: bool


def last_gradebook(github: GitHub, repository: str, branch: str) -> Last | None:
    """Return where the newest gradebook of a branch's runs lies, None where there is none."""
    artifacts = github.pages(f"/repos/{repository}/actions/artifacts", "artifacts", name=ARTIFACT)
    kept = [
        (datetime.fromisoformat(artifact["created_at"]), str(artifact["workflow_run"]["id"]))
        for artifact in artifacts
        if not artifact["expired"] and artifact["workflow_run"]["head_branch"] == branch
    ]
    if not kept:
        return None
    made, run = max(kept)
    return Last(run, datetime.now(UTC) - made > RENEWED)
