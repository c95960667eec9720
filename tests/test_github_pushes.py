"""What a class has pushed, found through the API as it is served: by the server's clock, whatever else is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from github_class import SPARSE, app, commit, day, signed_in
from github_server import Fault, GitHubServer, serving

from grader.course.cells import TableUnreadable
from grader.course.nouns import Student
from grader.github import pushes
from grader.github.pushes import Found, Pushed
from grader.github.refusal import GitHubRefused

ALICE, BOB = Student("alice", login="alice"), Student("bob", login="bob")
DUE = day(10)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    """Return a server with an organisation that has no repository yet."""
    with serving(tmp_path / "server") as started:
        yield started


@pytest.fixture
def clone(server: GitHubServer, tmp_path: Path) -> Path:
    """Return alice's clone, of a repository that is empty."""
    server.create("hw-alice")
    return tmp_path / "alice"


def find(server: GitHubServer, *students: Student, **more: object) -> Found:
    """Look for the pushes of students, as the teacher."""
    with signed_in(server) as github:
        return pushes.find(github, server.organisation, students or (ALICE,), prefix="hw-", **more)  # type: ignore[arg-type]  # the options of find


def only(found: Found) -> Pushed:
    """Return the one push that was found."""
    assert len(found.pushes) == 1, found.without
    return found.pushes[0]


def test_newest_push_counts(server: GitHubServer, clone: Path) -> None:
    """The last push before the deadline is found, with its moment, its commit and where it lies."""
    for number in (2, 4):
        commit(clone, SPARSE | {"notes.txt": str(number)})
        newest = server.push(clone, "hw-alice", at=day(number))
    found = only(find(server, until=DUE))
    assert (found.commit, found.pushed_at, found.repository) == (newest, day(4), "course/hw-alice")
    assert found.clone_url == f"{server.url}/course/hw-alice.git"


def test_late_push_does_not_count(server: GitHubServer, clone: Path) -> None:
    """What is pushed after the deadline leaves the push before it in force; at the very moment is in time."""
    commit(clone, SPARSE)
    in_time = server.push(clone, "hw-alice", at=DUE)
    commit(clone, {"models.py": "late = 1\n"})
    server.push(clone, "hw-alice", at=day(11))
    assert only(find(server, until=DUE)).commit == in_time
    assert only(find(server)).pushed_at == day(11)


def test_forged_date_does_not_help(server: GitHubServer, clone: Path) -> None:
    """A commit that claims to be older than the deadline is as late as its push."""
    commit(clone, SPARSE)
    in_time = server.push(clone, "hw-alice", at=day(9))
    commit(clone, {"models.py": "late = 1\n"}, date="2026-11-02T00:00:00Z")
    server.push(clone, "hw-alice", at=day(11))
    assert only(find(server, until=DUE)).commit == in_time


def test_forced_push_hides_nothing(server: GitHubServer, clone: Path) -> None:
    """A history that was replaced after the deadline leaves the commit before it in force."""
    commit(clone, SPARSE)
    in_time = server.push(clone, "hw-alice", at=day(9))
    other = clone.parent / "other"
    commit(other, {"models.py": "late = 1\n"})
    server.push(other, "hw-alice", at=day(11), force=True)
    assert only(find(server, until=DUE)).commit == in_time


def test_only_the_default_branch_counts(server: GitHubServer, clone: Path) -> None:
    """What is pushed to another branch is nobody's last word, and neither is a branch that was removed."""
    commit(clone, SPARSE)
    on_main = server.push(clone, "hw-alice", at=day(2))
    commit(clone, {"models.py": "elsewhere = 1\n"})
    server.push(clone, "hw-alice", at=day(3), branch="try")
    server.clock = day(4)
    server.happened("hw-alice", "branch_deletion", on_main, "0" * 40)
    assert only(find(server)).commit == on_main


def test_pages_are_followed(server: GitHubServer, tmp_path: Path) -> None:
    """With more repositories and pushes than stand on a page, every one of them is found."""
    server.most_per_page = 2
    students = [Student(name, login=name) for name in ("ann", "ben", "cleo", "dan", "eve")]
    for student in students:
        server.create(f"hw-{student.key}")
        for number in range(2, 7):
            commit(tmp_path / student.key, {"models.py": f"x = {number}\n"})
            server.push(tmp_path / student.key, f"hw-{student.key}", at=day(number))
    found = find(server, *students, until=day(2, 13))
    assert [(push.student, push.pushed_at) for push in found.pushes] == [(s.key, day(2)) for s in students]


def test_who_has_nothing_is_told(server: GitHubServer, clone: Path) -> None:
    """No repository and an empty one are told apart, and a repository that nobody claims is named."""
    server.create("hw-carol")
    server.faults.append(Fault(409, "Git Repository is empty.", within="/activity"))
    found = find(server, ALICE, BOB)
    assert not clone.exists()
    assert found.without == {"alice": "nothing was pushed yet", "bob": "there is no repository course/hw-bob"}
    assert found.nobodys == ("course/hw-carol",)
    assert "column repository: course/hw-carol" in list(pushes.told(found))[-1]


def test_renamed_repository_is_found(server: GitHubServer, clone: Path) -> None:
    """Where the roster names a repository that was renamed since, GitHub's redirection is followed."""
    commit(clone, SPARSE)
    newest = server.push(clone, "hw-alice", at=day(2))
    server.moved["old-name"] = "hw-alice"
    renamed = Student("alice-2", login="alice-2", repository="https://github.com/course/old-name")
    assert only(find(server, renamed)).commit == newest
    assert only(find(server, renamed)).student == "alice-2"


@pytest.mark.parametrize(
    "said",
    ["hw-alice", "course/hw-alice", "https://github.com/course/HW-Alice.git", "https://github.com/course/hw-alice/"],
)
def test_roster_may_name_the_repository(server: GitHubServer, clone: Path, said: str) -> None:
    """A repository of any name is found by its name, with its owner, or by its address."""
    commit(clone, SPARSE)
    server.push(clone, "hw-alice")
    assert only(find(server, Student("12345", repository=said))).repository == "course/hw-alice"


def test_nothing_new_is_not_asked_for(server: GitHubServer, clone: Path) -> None:
    """Where nothing was pushed since the last list, its line is taken over; after a push, GitHub is asked again."""
    commit(clone, SPARSE)
    server.push(clone, "hw-alice", at=day(2))
    server.clock = day(3)
    first = only(find(server))
    server.asked.clear()
    assert only(find(server, last={"alice": first})) == first
    assert not [path for _, path in server.asked if "activity" in path]
    commit(clone, {"models.py": "x = 2\n"})
    newest = server.push(clone, "hw-alice", at=day(4))
    assert only(find(server, last={"alice": first})).commit == newest


def test_list_for_another_deadline_is_asked_for_again(server: GitHubServer, clone: Path) -> None:
    """A line that looked further than the deadline is not taken over."""
    commit(clone, SPARSE)
    early = server.push(clone, "hw-alice", at=day(2))
    commit(clone, {"models.py": "x = 2\n"})
    server.push(clone, "hw-alice", at=day(4))
    later = only(find(server))
    assert only(find(server, until=day(3), last={"alice": later})).commit == early


def test_list_survives_its_file(server: GitHubServer, clone: Path, tmp_path: Path) -> None:
    """What is written is read back, the very same."""
    commit(clone, SPARSE)
    server.push(clone, "hw-alice", at=day(2))
    found = find(server).pushes
    (tmp_path / "pushes.csv").write_text(pushes.write(found), encoding="utf-8", newline="")
    assert pushes.read(tmp_path / "pushes.csv") == found


@pytest.mark.parametrize(
    ("line", "said"),
    [("alice,--upload-pack=x,2026-11-01T00:00Z,c/r,http://x,2026-11-01T00:00Z", "is no commit"),
     ("alice,,,,,", "is no commit"),
     ("alice," + "a" * 40 + ",yesterday,c/r,http://x,2026-11-01T00:00Z", "yesterday")],
)  # fmt: skip
def test_broken_list_is_refused(tmp_path: Path, line: str, said: str) -> None:
    """A cell that is no commit or no moment is told with its line."""
    place = tmp_path / "pushes.csv"
    place.write_text(",".join(pushes.COLUMNS) + f"\n{line}\n")
    with pytest.raises(TableUnreadable, match=f"line 2: .*{said}"):
        pushes.read(place)


def test_list_without_a_column_is_refused(tmp_path: Path) -> None:
    """A table that is no such list says which column is missing."""
    (tmp_path / "pushes.csv").write_text("student,commit\nalice,1\n")
    with pytest.raises(TableUnreadable, match="no column pushed_at"):
        pushes.read(tmp_path / "pushes.csv")


def test_limits_are_waited_for(server: GitHubServer, clone: Path) -> None:
    """An answer that says when to come back is asked for again: both kinds of limits, and a server that fails."""
    commit(clone, SPARSE)
    newest = server.push(clone, "hw-alice")
    soon = {"Retry-After": "0"}
    server.faults += [
        Fault(429, "You have exceeded a secondary rate limit", soon),
        Fault(429, "Too many requests"),
        Fault(403, "You have exceeded a secondary rate limit", soon),
        Fault(502, "Server Error", soon, within="activity"),
    ]
    assert only(find(server)).commit == newest
    assert server.faults == []


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_refusal_stops_everything(server: GitHubServer, clone: Path, status: int) -> None:
    """Where GitHub refuses, there is no list with holes, and the message names status, address and repair."""
    assert not clone.exists()
    server.faults.append(Fault(status, "No.", within="activity"))
    with pytest.raises(
        GitHubRefused, match=rf"answers {status} to GET /repos/course/hw-alice/activity \(No\.\): \w+ .*"
    ) as raised:
        find(server)
    assert raised.value.status == status


def test_nobody_answers(tmp_path: Path) -> None:
    """Where no server is there, that is told in a sentence."""
    with serving(tmp_path) as gone:
        pass
    with signed_in(gone) as github, pytest.raises(GitHubRefused, match="does not answer GET /rate_limit"):
        github.find("/rate_limit")


def test_app_signs_in_with_the_rights_it_needs(server: GitHubServer, clone: Path) -> None:
    """The App's key signs, and its token has what was asked for and nothing else."""
    commit(clone, SPARSE)
    newest = server.push(clone, "hw-alice")
    with signed_in(server, app(server)) as github:
        found = pushes.find(github, "course", [ALICE], prefix="hw-")
        assert only(found).commit == newest
        with pytest.raises(GitHubRefused, match=r"403 to POST .*give the App"):
            github.request("POST", f"/repos/course/hw-alice/statuses/{newest}", {"description": ""})


def test_wrong_key_is_refused(server: GitHubServer) -> None:
    """A key that is not the App's signs nothing in, and the message names what to set."""
    other = app(server)
    app(server, 1)
    with pytest.raises(GitHubRefused, match=r"401 .*GRADER_APP_KEY"):
        signed_in(server, other)


def test_nothing_to_sign_in_with(server: GitHubServer) -> None:
    """Without credentials nothing is asked, and the message names the variables."""
    with pytest.raises(GitHubRefused, match=r"nothing signs in .*GRADER_APP_ID"):
        signed_in(server, {})
    assert server.asked == []
