"""What GitHub does not do, as an error; by itself, as telling of it should load nothing that talks to GitHub."""

from __future__ import annotations

from grader.course.faults import WrongUse


class GitHubRefused(WrongUse):
    """GitHub does not do what was asked; the message names the repair. ``status`` is 0 where nobody answered."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status
