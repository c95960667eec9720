"""Returns grades to students: as a check of the course's own App, or as a status and a comment where there is none.

Whoever may push can write checks, statuses and comments that look like these. What was returned before is therefore
known by who wrote it, the App or the user that the token is of, and never by its text alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from grader.github.feedback import MOST_DESCRIPTION, Feedback, feedback, identity
from grader.github.refusal import GitHubRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Standing
    from grader.github.api import GitHub
    from grader.github.pushes import Pushed

NAME = "Grade: sessions and transactions"
"""What a check and a status are called."""
NOTED = "returned"
"""The action in the gradebook's audit trail: GitHub is not asked again about who was told so."""
_BEGINS = "<!-- grade "
"""The beginning of a comment of ours; what follows says whether it is the very same."""


def return_grades(
    github: GitHub, book: Gradebook, pushes: Iterable[Pushed], told: Callable[[str], None]
) -> dict[str, str]:
    """Return to each student what counts, if it was not returned before; give back whom that failed for, with why."""
    repositories = {push.student: push.repository for push in pushes}
    desk = Checks(github) if github.app else Comments(github)
    failed: dict[str, str] = {}
    for standing, commit in owed(book, repositories):
        student = standing.student.key
        said = _feedback(book, standing)
        try:
            new = desk.post(f"/repos/{repositories[student]}", commit, said)
        except GitHubRefused as refused:
            failed[student] = str(refused)
            continue
        book.note(NOTED, student=student, identity=said.identity)
        told(f"{student}: {said.title}" if new else f"{student}: has it already")
    return failed


def owed(book: Gradebook, students: Container[str]) -> Iterator[tuple[Standing, str]]:
    """Yield where those of the students stand who have handed in a commit and were not told so, with that commit."""
    told = {details["student"]: details["identity"] for _, _, did, _, details in book.audit() if did == NOTED}
    for standing in book.standings():
        key, commit = standing.student.key, standing.handed.commit if standing.handed else ""
        if commit and key in students and told.get(key) != identity(standing):
            yield standing, commit


def _feedback(book: Gradebook, standing: Standing) -> Feedback:
    push = next(push for push in book.pushes(standing.student.key) if push.handed == standing.handed)
    return feedback(standing, book.report(push), book.evidence(push))


class Desk(Protocol):
    """Where a student is told: in a repository, named as the API does, at a commit."""

    def post(self, repository: str, commit: str, said: Feedback) -> bool:
        """Tell a student; return False where the very same has been told there. Raises GitHubRefused."""
        ...  # pragma: no cover  # a protocol


class Checks:
    """Tells in a check run, which only the App that made it can change."""

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def post(self, repository: str, commit: str, said: Feedback) -> bool:
        """Add a check run; a new one of the same name takes the place of an older one."""
        if any(run["external_id"] == said.identity for run in self._own(repository, commit)):
            return False
        body = {
            "name": NAME,
            "head_sha": commit,
            "external_id": said.identity,
            "status": "completed",
            "conclusion": "success" if said.full else "neutral",
            "output": {
                "title": said.title,
                "summary": said.summary,
                "annotations": [msgspec.to_builtins(annotation) for annotation in said.annotations],
            },
        }
        self._github.request("POST", f"{repository}/check-runs", body)
        return True

    def _own(self, repository: str, commit: str) -> Iterator[dict[str, Any]]:
        """Yield the newest check run of that name, if it is the App's own."""
        path = f"{repository}/commits/{commit}/check-runs"
        runs = self._github.pages(path, "check_runs", check_name=NAME, filter="latest")
        yield from (run for run in runs if run["app"]["id"] == self._github.app)


class Comments:
    """Tells in a comment on the commit, and points at it with a status."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._user = github.request("GET", "/user")["login"]

    def post(self, repository: str, commit: str, said: Feedback) -> bool:
        """Write or rewrite the comment, then the status; whatever of it is there is left alone."""
        comment, commented = self._comment(repository, commit, said)
        return self._status(repository, commit, said, comment["html_url"]) or commented

    def _comment(self, repository: str, commit: str, said: Feedback) -> tuple[dict[str, Any], bool]:
        path = f"{repository}/commits/{commit}/comments"
        own = [comment for comment in self._github.pages(path) if comment["user"]["login"] == self._user]
        old = next((comment for comment in own if comment["body"].startswith(_BEGINS)), None)
        begins = f"{_BEGINS}{said.identity} -->\n"
        if old is None:
            return self._github.request("POST", path, {"body": begins + said.summary}), True
        if old["body"].startswith(begins):
            return old, False
        return self._github.request(
            "PATCH", f"{repository}/comments/{old['id']}", {"body": begins + said.summary}
        ), True

    def _status(self, repository: str, commit: str, said: Feedback, address: str) -> bool:
        statuses = self._github.pages(f"{repository}/commits/{commit}/statuses")
        own = (s for s in statuses if s["context"] == NAME and s["creator"]["login"] == self._user)
        body = {
            "state": "pending" if said.withheld else "success",
            "description": said.title[:MOST_DESCRIPTION],
            "context": NAME,
            "target_url": address,
        }
        newest = next(own, None)
        if newest is not None and all(newest[name] == body[name] for name in body):
            return False
        self._github.request("POST", f"{repository}/statuses/{commit}", body)
        return True
