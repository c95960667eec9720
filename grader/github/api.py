"""GitHub's REST API, as the course's own App or with a token: patient with limits, and clear where it refuses.

PyGithub signs in, waits as GitHub asks and tries again; what is sent and what comes back is plain JSON, as several of
the addresses that are needed have no class there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import github
from github import Auth, GithubException, GithubIntegration, GithubRetry
from github.Requester import Requester
from requests import RequestException

from grader.github.refusal import GitHubRefused
from grader.outputs.text import visible

APP_ID, APP_KEY = "GRADER_APP_ID", "GRADER_APP_KEY"
TOKENS = ("GRADER_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
PAGE = 100
"""Entries of a page: the most that GitHub gives."""
TRIES = 8
"""How often a request is made that GitHub could not answer, or not yet."""
MOST_WAIT_SECONDS = 3700
"""How long one answer is waited for: the limits of an hour are new after an hour."""
_NEXT = re.compile(r'<([^>]+)>; rel="next"')
_REPAIRS = {
    401: f"set {APP_ID} and {APP_KEY}, or {TOKENS[0]}, to credentials that are valid",
    403: "give the App, or the token, the permissions that the guide for instructors lists",
    404: "check the name, and that the App is installed there",
    422: "check what was sent; GitHub understood it, and cannot do it",
}


class GitHub:
    """One sign-in at GitHub. ``app`` is the number of the App that signed in, None with a token."""

    def __init__(self, requester: Requester, app: int | None) -> None:
        self._requester = requester
        self.app = app

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._requester.close()

    @property
    def token(self) -> str:
        """The token that git may use: that of an App ends within the hour, and is made anew in time."""
        with _explained("POST", "access token"):
            auth = self._requester.auth
            return auth.token if auth else ""

    def request(self, method: str, path: str, body: object = None, **parameters: str | int) -> Any:  # noqa: ANN401  # whatever JSON is there
        """Return the JSON that comes back, None where nothing does; raises :class:`GitHubRefused`."""
        return self._ask(method, path, parameters, body)[1]

    def find(self, path: str, **parameters: str | int) -> Any:  # noqa: ANN401  # the same
        """Return the JSON at a path, None where there is nothing that we could see."""
        try:
            return self.request("GET", path, **parameters)
        except GitHubRefused as refused:
            if refused.status == 404:  # noqa: PLR2004  # the number that everybody knows
                return None
            raise

    def pages(self, path: str, within: str = "", **parameters: str | int) -> Iterator[Any]:
        """Yield the entries of a list, page after page; ``within`` is the key below which they stand."""
        address: str | None = path
        given: Mapping[str, str | int] = {"per_page": PAGE, **parameters}
        while address:
            headers, page = self._ask("GET", address, given)
            yield from page[within] if within else page
            following = _NEXT.search(headers.get("link", ""))
            address, given = (following[1] if following else None), {}

    def now(self) -> datetime:
        """Return the time by the clock of the server, which is the one that tells when something was pushed."""
        headers, _ = self._ask("GET", "/rate_limit", {})
        return parsedate_to_datetime(headers["date"])

    def _ask(self, method: str, path: str, parameters: Mapping[str, str | int], body: object = None) -> tuple[Any, Any]:
        with _explained(method, path):
            return self._requester.requestJsonAndCheck(method, path, parameters=dict(parameters), input=body)


@contextmanager
def _explained(method: str, path: str) -> Iterator[None]:
    """Turn what fails into an error that names the repair; nothing in it is the token's."""
    asked = f"{method} {path.partition('?')[0]}"
    try:
        yield
    except GithubException as error:
        said = error.data.get("message", "") if isinstance(error.data, dict) else ""
        repair = _REPAIRS.get(error.status, "try again later")
        raise GitHubRefused(
            f"GitHub answers {error.status} to {asked} ({visible(str(said), 200)}): {repair}", error.status
        ) from error
    except RequestException as error:
        raise GitHubRefused(f"GitHub does not answer {asked}: {visible(str(error), 200)}; try again later") from error


def connect(
    url: str, organisation: str, permissions: Mapping[str, str], environment: Mapping[str, str], pause: float = 1.0
) -> GitHub:
    """Sign in with what the environment holds: the App that is installed in ``organisation``, or else a token.

    The App's token gets these ``permissions`` and no others. ``pause`` are the seconds between two changes, which
    GitHub asks for, and before something is tried again. Raises :class:`GitHubRefused`.
    """
    settings: dict[str, Any] = {
        "base_url": url,
        "retry": _patience(pause),
        "per_page": PAGE,
        "seconds_between_requests": 0,  # one after the other is polite enough for reading
        "seconds_between_writes": pause,
    }
    number, key = environment.get(APP_ID, ""), environment.get(APP_KEY, "")
    if number and key:
        return GitHub(_installed(Auth.AppAuth(int(number), key), organisation, permissions, settings), int(number))
    token = next((environment[name] for name in TOKENS if environment.get(name)), "")
    if not token:
        raise GitHubRefused(f"nothing signs in at GitHub: {_REPAIRS[401]}", 401)
    return GitHub(github.Github(auth=Auth.Token(token), **settings).requester, None)


def _installed(
    app: Auth.AppAuth, organisation: str, permissions: Mapping[str, str], settings: dict[str, Any]
) -> Requester:
    with _explained("GET", f"/orgs/{organisation}/installation"):
        integration = GithubIntegration(auth=app, **settings)
        number = integration.get_org_installation(organisation).id
        return integration.get_github_for_installation(number, dict(permissions)).requester


def _patience(pause: float) -> GithubRetry:
    """Wait as long as a refused answer says; where it says nothing, twice as long each time."""
    return GithubRetry(
        max_rate_limit_wait=MOST_WAIT_SECONDS,
        total=TRIES,
        connect=3,  # nobody answers at all: that is rarely better in a minute
        backoff_factor=pause,
        status_forcelist=[429, *range(500, 600)],
        allowed_methods=None,  # each change that is made here can be made twice: what is there already is looked for
    )
