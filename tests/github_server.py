"""GitHub as far as the grader uses it: its REST API and its git server, as a real HTTP server on this machine.

It holds bare repositories, knows by its own clock when something was pushed, checks who signs in and with which rights,
and refuses what GitHub refuses: texts that are too long, commits that are not there.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

APP = 4711
GIT = shutil.which("git") or "git"
NOTHING = "0" * 40
Answer = tuple[int, Any]
Query = dict[str, str]


@dataclass
class Repository:
    """A repository of the organisation: what happened to it, newest first, and what was written beside its commits."""

    name: str
    pushed_at: datetime
    activity: list[dict[str, Any]] = field(default_factory=list)
    beside: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Asked:
    """A request: its query, its JSON, who asks, and the parts of its path that are names."""

    query: Query
    body: Any
    who: str
    parts: tuple[str, ...]


@dataclass
class Fault:
    """An answer that GitHub gives instead of the right one, once, to a path that holds ``within``."""

    status: int
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    within: str = ""


class GitHubServer:
    """The state of the server, and what tests do to it."""

    def __init__(self, folder: Path, organisation: str = "course") -> None:
        self.folder = folder
        self.organisation = organisation
        self.clock = datetime(2026, 11, 1, 12, tzinfo=UTC)
        self.repositories: dict[str, Repository] = {}
        self.moved: dict[str, str] = {}
        self.tokens: dict[str, tuple[str, set[str]]] = {"teacher": ("teacher", {"all"})}
        self.artifacts: list[dict[str, Any]] = []
        self.public_key = ""
        self.most_per_page = 100
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str]] = []
        self.sent = 0
        """How many bytes git was sent."""
        self.url = ""

    # --- what tests do ------------------------------------------------------------------------------------------------

    def create(self, name: str) -> Path:
        """Make an empty repository; return where it lies."""
        place = self.folder / self.organisation / f"{name}.git"
        git("init", "--quiet", "--bare", "--initial-branch=main", str(place))
        for setting in ("uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter", "http.receivepack"):
            git("-C", str(place), "config", setting, "true")
        self.repositories[name] = Repository(name, self.clock)
        return place

    def push(
        self, clone: Path, name: str, *, at: datetime | None = None, branch: str = "main", force: bool = False
    ) -> str:
        """Push HEAD of a clone, at a time by the server's clock; return the commit."""
        self.clock = at or self.clock
        place = self.folder / self.organisation / f"{name}.git"
        before = git("-C", str(place), "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") or NOTHING
        forced = ["--force"] if force else []
        git("-C", str(clone), "push", "--quiet", *forced, str(place), f"HEAD:refs/heads/{branch}")
        after = git("-C", str(clone), "rev-parse", "HEAD")
        kind = "branch_creation" if before == NOTHING else "force_push" if force else "push"
        self.happened(name, kind, before, after, branch)
        return after

    def happened(self, name: str, kind: str, before: str, after: str, branch: str = "main") -> None:
        """Note something that happened to a branch, now."""
        repository = self.repositories[name]
        repository.pushed_at = self.clock
        repository.activity.insert(
            0,
            {
                "id": len(repository.activity) + 1,
                "before": before,
                "after": after,
                "ref": f"refs/heads/{branch}",
                "timestamp": stamp(self.clock),
                "activity_type": kind,
                "actor": {"login": "somebody"},
            },
        )

    def beside(self, name: str, kind: str, commit: str) -> list[dict[str, Any]]:
        """Return the check runs, statuses or comments of a commit, in the order in which they were made."""
        return self.repositories[name].beside[kind, commit]

    @staticmethod
    def now() -> str:
        """Return the moment as it is outside of these tests, as GitHub writes it."""
        return stamp(datetime.now(UTC))

    def writes(self) -> list[tuple[str, str]]:
        """Return the requests that changed something; to sign in and to fetch changes nothing."""
        changing = ((method, path) for method, path in self.asked if method != "GET" and ".git/" not in path)
        return [(method, path) for method, path in changing if "access_tokens" not in path]

    # --- what it answers ----------------------------------------------------------------------------------------------

    def may(self, authorization: str, right: str) -> str:
        """Return who asks, if they have a right (``checks:write``); PermissionError otherwise."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "basic":
            token = base64.b64decode(token).decode().partition(":")[2]
        who, rights = self.tokens.get(token, ("", set()))
        if not who:
            raise PermissionError("Bad credentials")
        if not rights & {"all", right, right.replace(":read", ":write")}:
            raise LookupError("Resource not accessible by integration")
        return who

    def answer(self, method: str, path: str, query: Query, body: Any, authorization: str) -> Answer:  # noqa: ANN401  # any JSON
        """Return status and JSON of a request."""
        for verb, pattern, right, handler in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and verb == method:
                who = self.may(authorization, right) if right else authorization
                return handler(self, Asked(query, body, who, found.groups()))
        return 404, {"message": "Not Found"}

    def described(self, repository: Repository) -> dict[str, Any]:
        """Return a repository as the API shows it."""
        full = f"{self.organisation}/{repository.name}"
        return {
            "full_name": full,
            "name": repository.name,
            "default_branch": "main",
            "clone_url": f"{self.url}/{full}.git",
            "pushed_at": stamp(repository.pushed_at),
        }

    def has(self, name: str, commit: str) -> bool:
        """Tell whether a commit is there."""
        place = str(self.folder / self.organisation / f"{name}.git")
        done = subprocess.run([GIT, "-C", place, "cat-file", "-e", commit], capture_output=True, check=False)
        return done.returncode == 0


def stamp(moment: datetime) -> str:
    """Return a moment as GitHub writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def git(*arguments: str) -> str:
    """Run git without anybody's settings; return what it prints."""
    bare = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"], "HOME": os.devnull}
    return subprocess.run([GIT, *arguments], env=bare, capture_output=True, text=True, check=True).stdout.strip()


# --- the addresses ----------------------------------------------------------------------------------------------------

Handler = Callable[..., Answer]
_REPO = r"/repos/[\w-]+/([\w.-]+)"
_SHA = "([0-9a-f]{40})"


def _installation(server: GitHubServer, asked: Asked) -> Answer:
    _app(server, asked.who)
    return 200, {"id": 99, "app_id": APP, "account": {"login": server.organisation}}


def _make_token(server: GitHubServer, asked: Asked) -> Answer:
    _app(server, asked.who)
    token = f"of-the-app-{len(server.tokens)}"
    server.tokens[token] = ("app", {f"{name}:{level}" for name, level in asked.body["permissions"].items()})
    ends = datetime.now(UTC) + timedelta(hours=1)
    return 201, {
        "token": token,
        "expires_at": stamp(ends.replace(microsecond=0)),
        "permissions": asked.body["permissions"],
    }


def _app(server: GitHubServer, authorization: str) -> None:
    """Make sure that the App's own key has signed a request."""
    try:
        claims = jwt.decode(authorization.partition(" ")[2], server.public_key, algorithms=["RS256"])
    except jwt.InvalidTokenError as error:
        raise PermissionError(str(error)) from error
    assert claims["iss"] == str(APP)


def _repos(server: GitHubServer, _asked: Asked) -> Answer:
    return 200, [server.described(found) for found in server.repositories.values()]


def _repo(server: GitHubServer, asked: Asked) -> Answer:
    (name,) = asked.parts
    if name in server.moved:
        return 301, f"{server.url}/repos/{server.organisation}/{server.moved[name]}"
    found = server.repositories.get(name)
    return (200, server.described(found)) if found else (404, {"message": "Not Found"})


def _activity(server: GitHubServer, asked: Asked) -> Answer:
    (name,) = asked.parts
    events = server.repositories[name].activity
    return 200, [event for event in events if event["ref"] == asked.query["ref"]]


def _checks(server: GitHubServer, asked: Asked) -> Answer:
    name, commit = asked.parts
    runs = [run for run in server.beside(name, "check-runs", commit) if run["name"] == asked.query["check_name"]]
    newest = {run["app"]["id"]: run for run in runs}
    return 200, {"total_count": len(newest), "check_runs": list(newest.values())}


def _add_check(server: GitHubServer, asked: Asked) -> Answer:
    (name,) = asked.parts
    output = asked.body["output"]
    if asked.who != "app":
        return 403, {"message": "You must authenticate via a GitHub App."}
    if not server.has(name, asked.body["head_sha"]):
        return 422, {"message": f"No commit found for SHA: {asked.body['head_sha']}"}
    if len(output["summary"]) > 65_535 or len(output["annotations"]) > 50 or not output["title"]:
        return 422, {"message": "Invalid request. output is too long."}
    runs = server.beside(name, "check-runs", asked.body["head_sha"])
    runs.append({"id": len(runs) + 1, "app": {"id": APP}, **asked.body})
    return 201, runs[-1]


def _listed(kind: str) -> Handler:
    def handler(server: GitHubServer, asked: Asked) -> Answer:
        name, commit = asked.parts
        found = server.beside(name, kind, commit)
        return 200, found[::-1] if kind == "statuses" else found

    return handler


def _add_comment(server: GitHubServer, asked: Asked) -> Answer:
    name, commit = asked.parts
    if len(asked.body["body"]) > 65_536 or not server.has(name, commit):
        return 422, {"message": "Validation Failed"}
    number = 1 + sum(len(found) for (kind, _), found in server.repositories[name].beside.items() if kind == "comments")
    made = {"id": number, "user": {"login": asked.who}, "html_url": f"{server.url}/{name}#{number}", **asked.body}
    server.beside(name, "comments", commit).append(made)
    return 201, made


def _edit_comment(server: GitHubServer, asked: Asked) -> Answer:
    name, number = asked.parts
    every = [
        found for (kind, _), all_ in server.repositories[name].beside.items() if kind == "comments" for found in all_
    ]
    comment = next(found for found in every if found["id"] == int(number))
    if comment["user"]["login"] != asked.who:
        return 403, {"message": "Must have admin rights"}
    comment.update(asked.body)
    return 200, comment


def _add_status(server: GitHubServer, asked: Asked) -> Answer:
    name, commit = asked.parts
    if len(asked.body["description"]) > 140 or not server.has(name, commit):
        return 422, {"message": "Validation Failed"}
    server.beside(name, "statuses", commit).append({"creator": {"login": asked.who}, **asked.body})
    return 201, asked.body


ROUTES: list[tuple[str, str, str, Handler]] = [
    ("GET", "/rate_limit", "metadata:read", lambda _server, _asked: (200, {})),
    ("GET", "/user", "user:read", lambda _server, asked: (200, {"login": asked.who})),
    ("GET", r"/orgs/[\w-]+/installation", "", _installation),
    ("POST", r"/app/installations/99/access_tokens", "", _make_token),
    ("GET", r"/orgs/[\w-]+/repos", "metadata:read", _repos),
    ("GET", _REPO, "metadata:read", _repo),
    ("GET", f"{_REPO}/activity", "contents:read", _activity),
    ("GET", f"{_REPO}/actions/artifacts", "actions:read",
     lambda server, _asked: (200, {"total_count": len(server.artifacts), "artifacts": server.artifacts})),
    ("GET", f"{_REPO}/commits/{_SHA}/check-runs", "checks:read", _checks),
    ("POST", f"{_REPO}/check-runs", "checks:write", _add_check),
    ("GET", f"{_REPO}/commits/{_SHA}/comments", "contents:read", _listed("comments")),
    ("POST", f"{_REPO}/commits/{_SHA}/comments", "contents:write", _add_comment),
    ("PATCH", rf"{_REPO}/comments/(\d+)", "contents:write", _edit_comment),
    ("GET", f"{_REPO}/commits/{_SHA}/statuses", "statuses:read", _listed("statuses")),
    ("POST", f"{_REPO}/statuses/{_SHA}", "statuses:write", _add_status),
]  # fmt: skip


# --- over HTTP --------------------------------------------------------------------------------------------------------


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: GitHubServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that it has there
        """Say nothing on the error stream."""

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002  # as it is called there
        return format_datetime(self.state.clock, usegmt=True)

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.state.asked.append((self.command, parts.path))
        if (fault := self._fault(parts.path)) is not None:
            self._send(fault.status, {"message": fault.message}, fault.headers)
        elif ".git/" in parts.path:
            self._git(parts.path, parts.query, body)
        else:
            self._api(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}, body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815  # the names that they have there

    def _fault(self, path: str) -> Fault | None:
        found = next((fault for fault in self.state.faults if fault.within in path), None)
        if found is not None:
            self.state.faults.remove(found)
        return found

    def _api(self, path: str, query: Query, body: bytes) -> None:
        said = json.loads(body) if body else None
        try:
            status, value = self.state.answer(self.command, path, query, said, self.headers.get("Authorization", ""))
        except PermissionError as error:
            status, value = 401, {"message": str(error)}
        except LookupError as error:
            status, value = 403, {"message": str(error)}
        if status == 301:
            self._send(301, {}, {"Location": value})
        else:
            self._send(status, *self._page(path, query, value))

    def _page(self, path: str, query: Query, value: Any) -> tuple[Any, dict[str, str]]:  # noqa: ANN401  # any JSON
        """Return one page of a list, and the address of the next one."""
        key = next((name for name in ("check_runs", "artifacts") if isinstance(value, dict) and name in value), "")
        entries = value[key] if key else value
        if not isinstance(entries, list):
            return value, {}
        size = min(int(query.get("per_page", 30)), self.state.most_per_page)
        start = int(query.get("page", 1)) * size - size
        page = entries[start : start + size]
        following = "&".join(f"{name}={text}" for name, text in {**query, "page": str(start // size + 2)}.items())
        more = {"Link": f'<{self.state.url}{path}?{following}>; rel="next"'} if len(entries) > start + size else {}
        return ({**value, key: page} if key else page), more

    def _send(self, status: int, value: object, headers: dict[str, str]) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(content)

    def _git(self, path: str, query: str, body: bytes) -> None:
        right = "contents:write" if "receive-pack" in path + query else "contents:read"
        try:
            self.state.may(self.headers.get("Authorization", ""), right)
        except (PermissionError, LookupError):
            self._send(401, {}, {"WWW-Authenticate": 'Basic realm="GitHub"'})
            return
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.state.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run([GIT, "http-backend"], input=body, env=environment, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        self.state.sent += len(content)
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, text in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(folder: Path) -> Iterator[GitHubServer]:
    """Start the server inside the block; its repositories lie in ``folder``."""
    state = GitHubServer(folder)
    handler = type("Connection", (_Connection,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
