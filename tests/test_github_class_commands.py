"""The commands of the class workflow: what they are told, what they tell, and how they end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from github_class import SPARSE, app, commit, day, signed_in
from github_server import Fault, GitHubServer, serving

from grader import cli
from grader.course.gradebook import open_gradebook
from grader.course.nouns import Student
from grader.github import pushes
from grader.github.last import RENEWED, Last, last_gradebook
from grader.github.refusal import GitHubRefused

Grader = Callable[..., Result]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    """Return a server on which alice has pushed, and bob not yet; the roster has both."""
    (tmp_path / "roster.csv").write_text("github_username\nalice\nbob\n")
    with serving(tmp_path / "server") as started:
        started.create("hw-alice")
        commit(tmp_path / "alice", SPARSE)
        started.push(tmp_path / "alice", "hw-alice", at=day(2))
        yield started


@pytest.fixture
def grader(server: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grader:
    """Return what runs ``grader github`` in a folder, signed in as the App; what is wrong is raised."""
    monkeypatch.chdir(tmp_path)
    environment = app(server) | {"GRADER_API_URL": server.url, "GRADER_ORG": "course", "GRADER_PAUSE": "0"}

    def run(*words: str) -> Result:
        return CliRunner(env=environment).invoke(cli.app, ["github", *words], catch_exceptions=False)

    return run


FIND = ("pushes", "--roster", "roster.csv", "--prefix", "hw-", "--out", "pushes.csv")
FETCH = ("fetch", "--pushes", "pushes.csv", "--out", "clones")
DIVIDE = ("shards", "--pushes", "pushes.csv", "--clones", "clones", "--grades", "grades", "--out", "work")


def test_from_the_roster_to_the_jobs(grader: Grader, tmp_path: Path) -> None:
    """Three commands find, fetch and divide; they tell who is missing, and give a workflow what it needs to go on."""
    found = grader(*FIND)
    assert "bob: there is no repository course/hw-bob" in found.stdout
    assert "1 of 2 students have pushed: pushes.csv" in found.stdout
    assert "1 of 1 pushes are there" in grader(*FETCH).stdout
    divided = grader(*DIVIDE, "--output", "outputs")
    assert "1 pushes, 1 submissions, 1 jobs" in divided.stdout
    assert (tmp_path / "outputs").read_text() == 'shards=["0"]\ndue=true\n'


def test_nothing_to_do_is_no_failure(grader: Grader, server: GitHubServer, tmp_path: Path) -> None:
    """Without any push the outputs say that nothing is due."""
    server.repositories.clear()
    assert [grader(*words).exit_code for words in (FIND, FETCH, (*DIVIDE, "--output", "outputs"))] == [0, 0, 0]
    assert (tmp_path / "outputs").read_text() == "shards=[]\ndue=false\n"


def test_deadline_is_by_the_clocks_of_the_class(grader: Grader, tmp_path: Path) -> None:
    """A push at noon in UTC is too late for a deadline at noon in Berlin, an hour earlier, and in time for UTC's."""
    for zone, count in (("Europe/Berlin", 0), ("UTC", 1)):
        assert grader(*FIND, "--until", "2026-11-02 12:00", "--timezone", zone).exit_code == 0
        assert len(pushes.read(tmp_path / "pushes.csv")) == count


def test_time_that_is_none_is_refused(grader: Grader) -> None:
    """A deadline that cannot be read is refused before GitHub is asked, with what would be right."""
    done = grader(*FIND, "--until", "tomorrow")
    assert done.exit_code == 2
    assert "Write it as 2026-12-01 23:59" in done.stderr


def test_earlier_list_need_not_be_there(grader: Grader, server: GitHubServer) -> None:
    """The first time there is no earlier list; the second time it spares a request for each student."""
    again = (*FIND, "--last", "pushes.csv")
    server.clock = day(3)
    assert grader(*again).exit_code == 0
    server.asked.clear()
    assert grader(*again).exit_code == 0
    assert not [path for _, path in server.asked if "activity" in path]


def test_push_that_cannot_be_fetched_is_told(grader: Grader, server: GitHubServer) -> None:
    """The others are fetched, and the status says that one was not."""
    grader(*FIND)
    server.faults.append(Fault(500, "broken", within="git-upload-pack"))
    done = grader(*FETCH)
    assert done.exit_code == 3
    assert "cannot be fetched" in done.stdout


def test_graded_push_is_not_fetched(grader: Grader, server: GitHubServer, tmp_path: Path) -> None:
    """What the gradebook has is neither fetched nor due."""
    grader(*FIND)
    grader(*FETCH)
    grader(*DIVIDE)
    assert grader("observe", "work/0", "--out", "evidence", "--isolation", "process").exit_code == 0
    record = ("record", "--roster", "roster.csv", "--work", "work", "--evidence", "evidence", "--grades", "grades")
    done = grader(*record, "--summary", "summary")
    assert done.exit_code == 0, done.stdout
    assert (tmp_path / "summary").read_text() == "# Graded: 1\n\n"
    assert (tmp_path / "grades" / "class.html").is_file()
    server.asked.clear()
    assert (
        "0 of 0 pushes are there"
        in grader("fetch", "--pushes", "pushes.csv", "--grades", "grades", "--out", "x").stdout
    )
    assert not [path for _, path in server.asked if ".git/" in path]
    grader(*DIVIDE, "--output", "outputs")
    assert (tmp_path / "outputs").read_text() == "shards=[]\ndue=true\n"  # the report is still to be returned
    assert "alice: " in grader("return", "--grades", "grades", "--pushes", "pushes.csv").stdout
    grader(*DIVIDE, "--output", "outputs")
    assert (tmp_path / "outputs").read_text().endswith("shards=[]\ndue=false\n")


def test_missing_evidence_ends_with_a_status(grader: Grader, tmp_path: Path) -> None:
    """Where a job has failed, its students are named, on the page of the run as well, and the status is not 0."""
    for words in (FIND, FETCH, DIVIDE):
        grader(*words)
    (tmp_path / "evidence").mkdir()
    record = ("record", "--roster", "roster.csv", "--work", "work", "--evidence", "evidence", "--grades", "grades")
    done = grader(*record, "--summary", "summary")
    assert done.exit_code == 3
    assert "alice: " in done.stdout
    assert "- alice: " in (tmp_path / "summary").read_text()


def test_refusal_is_told_in_a_sentence(server: GitHubServer, tmp_path: Path) -> None:
    """Without the right credentials the command ends with the status of wrong use, and no traceback."""
    words = ["github", *FIND, "--org", "course", "--api-url", server.url]
    environment = {"GRADER_GITHUB_TOKEN": "nobody's", "PATH": "/usr/bin", "GRADER_PAUSE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("grader: GitHub answers 401 to GET /rate_limit (Bad credentials): set GRADER_APP_ID")
    assert "nobody's" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_other_commands_load_nothing_of_it() -> None:
    """Who grades a folder waits for no library that talks to GitHub."""
    program = "import sys, grader.cli; print([name for name in ('github', 'requests', 'jwt') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- the gradebook of the last run ------------------------------------------------------------------------------------


def kept(run: int, age: timedelta, branch: str = "main", *, expired: bool = False) -> dict[str, Any]:
    """Return an artifact as GitHub lists it."""
    made = (datetime.now(UTC) - age).isoformat().replace("+00:00", "Z")
    return {"created_at": made, "expired": expired, "workflow_run": {"id": run, "head_branch": branch}}


def test_newest_gradebook_goes_on(server: GitHubServer) -> None:
    """Of the gradebooks that are still there, the newest of this branch counts, wherever it stands in the list."""
    hour = timedelta(hours=1)
    server.artifacts = [
        kept(3, 3 * hour),
        kept(2, 2 * hour),
        kept(1, hour, "a-branch"),
        kept(4, hour / 2, expired=True),
    ]
    server.most_per_page = 1
    with signed_in(server) as github:
        assert last_gradebook(github, "course/grading", "main") == Last("2", stale=False)
        assert last_gradebook(github, "course/grading", "other") is None


def test_old_gradebook_is_kept_anew(server: GitHubServer) -> None:
    """A gradebook that would be thrown away before long is stale."""
    server.artifacts = [kept(1, RENEWED + timedelta(hours=1))]
    with signed_in(server) as github:
        assert last_gradebook(github, "course/grading", "main") == Last("1", stale=True)


@pytest.mark.parametrize(
    ("artifacts", "said"), [([], "run=\nstale=false\n"), ([kept(7, timedelta())], "run=7\nstale=false\n")]
)
def test_outputs_name_the_run(
    grader: Grader, server: GitHubServer, tmp_path: Path, artifacts: list[dict[str, Any]], said: str
) -> None:
    """A workflow learns the run, or that there is none."""
    server.artifacts = artifacts
    done = grader("last", "--repository", "course/grading", "--branch", "main", "--output", "outputs")
    assert done.exit_code == 0
    assert (tmp_path / "outputs").read_text() == said


def test_first_run_begins_a_gradebook(grader: Grader, tmp_path: Path) -> None:
    """Where there is no gradebook yet, dividing the work begins one that nobody is in."""
    grader(*FIND)
    grader(*FETCH)
    grader(*DIVIDE)
    with open_gradebook(tmp_path / "grades") as book:
        book.enroll([Student("alice")])
        assert [standing.status for standing in book.standings()] == ["missing"]


def test_app_that_is_not_installed_is_told(server: GitHubServer) -> None:
    """Where the App is not installed in the organisation, the message says where to look."""
    server.faults.append(Fault(404, "Not Found", within="/installation"))
    with pytest.raises(GitHubRefused, match=r"404 to GET /orgs/course/installation .* the App is installed there"):
        signed_in(server, app(server))
