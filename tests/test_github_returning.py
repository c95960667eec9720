"""What students are told, in the repository where they look: once, where it belongs, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from course_samples import evidence, handed, keep, report
from github_class import SPARSE, app, commit, day, signed_in
from github_server import GitHubServer, serving
from msgspec.structs import replace

from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.nouns import LatePolicy, Student
from grader.github.api import GitHub
from grader.github.feedback import MOST_ANNOTATIONS, feedback
from grader.github.pushes import Pushed
from grader.github.returning import NAME, return_grades
from grader.outputs import markdown
from grader.values import Advice, Where

APP, TOKEN = "app", "token"


class Office:
    """A class of one: alice has pushed, and her work was graded."""

    def __init__(self, server: GitHubServer, folder: Path, sha: str) -> None:
        self.server = server
        self.folder = folder
        self.commit = sha
        self.book = gradebook(folder / "grades", sha)
        self._app = app(server)
        address = f"{server.url}/course/hw-alice.git"
        self.pushes = [Pushed("alice", sha, day(2), "course/hw-alice", address, day(3))]

    def give_back(self, how: str = APP) -> dict[str, str]:
        """Return what is due, as the App or with the teacher's token; give back what failed."""
        with self._signed_in(how) as github:
            return return_grades(github, self.book, self.pushes, lambda _: None)

    def _signed_in(self, how: str) -> GitHub:
        return signed_in(self.server, self._app if how == APP else None)

    def beside(self, kind: str) -> list[dict[str, Any]]:
        """Return what stands beside alice's commit."""
        return self.server.beside("hw-alice", kind, self.commit)

    def forget(self) -> None:
        """Go on with a gradebook that has the same grades, and no note of what was returned."""
        self.book.close()
        self.book = gradebook(self.folder / "again", self.commit)


def gradebook(folder: Path, sha: str) -> Gradebook:
    """Open a gradebook in which alice has lost one criterion."""
    book = open_gradebook(folder)
    book.enroll([Student("alice", login="alice")])
    keep(book, handed("alice", commit=sha, pushed_at=day(2)), "flush.ids")
    return book


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return the office of a class whose only student has lost one criterion."""
    with serving(tmp_path / "server") as server:
        server.create("hw-alice")
        commit(tmp_path / "alice", SPARSE)
        made = Office(server, tmp_path, server.push(tmp_path / "alice", "hw-alice", at=day(2)))
        yield made
        made.book.close()


def test_app_adds_a_check(office: Office) -> None:
    """The check stands beside the commit, is neither red nor green where points were lost, and has the whole report."""
    assert office.give_back() == {}
    [check] = office.beside("check-runs")
    assert (check["name"], check["conclusion"], check["status"]) == (NAME, "neutral", "completed")
    assert check["output"]["title"] == "96 of 100 points"
    assert "flush.ids" in check["output"]["summary"]


def test_everything_is_green(office: Office) -> None:
    """With every point the check is a success."""
    keep(office.book, handed("alice", "sha256:b", commit=office.commit, pushed_at=day(3)))
    office.give_back()
    assert office.beside("check-runs")[-1]["conclusion"] == "success"


def test_token_writes_a_comment_and_a_status(office: Office) -> None:
    """Without an App the report is a comment, and a status says the points and leads there."""
    assert office.give_back(TOKEN) == {}
    [comment], [status] = office.beside("comments"), office.beside("statuses")
    assert "# 96 of 100 points" in str(comment["body"])
    assert (status["state"], status["description"]) == ("success", "96 of 100 points")
    assert status["target_url"] == comment["html_url"]
    assert office.beside("check-runs") == []


@pytest.mark.parametrize("how", [APP, TOKEN])
def test_second_time_nothing_is_asked(office: Office, how: str) -> None:
    """Who was told is known from the gradebook."""
    office.give_back(how)
    office.server.asked.clear()
    office.give_back(how)
    assert not [path for _, path in office.server.asked if "/repos/" in path]


@pytest.mark.parametrize("how", [APP, TOKEN])
def test_what_is_there_is_not_posted_again(office: Office, how: str) -> None:
    """Where the gradebook has no note of it, what stands at GitHub is found, and nothing is posted twice."""
    office.give_back(how)
    office.forget()
    office.server.asked.clear()
    assert office.give_back(how) == {}
    assert [path for _, path in office.server.asked if "/repos/" in path]
    assert office.server.writes() == []


@pytest.mark.parametrize(("how", "kind"), [(APP, "check-runs"), (TOKEN, "comments")])
def test_decision_is_told(office: Office, how: str, kind: str) -> None:
    """After a person has decided otherwise there is a new check, or the same comment in new words."""
    office.give_back(how)
    office.book.override("alice", "flush.ids", 4, "the ids | were right @everyone")
    office.give_back(how)
    told = office.beside(kind)
    assert len(told) == (2 if how == APP else 1)
    assert "A person decided on flush.ids: 4 points" in str(told[-1])
    assert "`the ids | were right @everyone`" in str(told[-1])
    if how == TOKEN:
        assert [status["description"] for status in office.beside("statuses")] == [
            "96 of 100 points",
            "100 of 100 points",
        ]


def test_lateness_is_told(office: Office) -> None:
    """What counts stands above the report, with what came off and why."""
    office.book.set_late_policy(LatePolicy(due=day(1, 0), percent_per_day=10))
    office.give_back()
    [check] = office.beside("check-runs")
    assert check["output"]["title"] == "77 of 100 points (pushed 2 days late: 20 % come off)"
    assert "**77 of 100 points (pushed 2 days late: 20 % come off).** This counts" in check["output"]["summary"]


def test_forged_check_changes_nothing(office: Office) -> None:
    """A check of the same name and identity that another App has made is not taken for ours."""
    office.give_back()
    [own] = office.beside("check-runs")
    office.beside("check-runs")[:] = [{**own, "app": {"id": 15_368}}]
    office.forget()
    office.give_back()
    assert [check["app"] for check in office.beside("check-runs")] == [{"id": 15_368}, {"id": 4711}]


def test_forged_comment_and_status_change_nothing(office: Office) -> None:
    """The very text of our comment, and our status, by the student, stay what they are, and ours come as well."""
    office.give_back(TOKEN)
    [comment], [status] = office.beside("comments"), office.beside("statuses")
    office.beside("comments")[:] = [{**comment, "user": {"login": "alice"}}]
    office.beside("statuses")[:] = [{**status, "creator": {"login": "alice"}}]
    office.forget()
    office.give_back(TOKEN)
    assert [c["user"] for c in office.beside("comments")] == [{"login": "alice"}, {"login": "teacher"}]
    assert [s["creator"] for s in office.beside("statuses")] == [{"login": "alice"}, {"login": "teacher"}]


def test_forged_status_alone_changes_nothing(office: Office) -> None:
    """Where our comment stands and the very status is the student's, ours comes as well."""
    office.give_back(TOKEN)
    [status] = office.beside("statuses")
    office.beside("statuses")[:] = [{**status, "creator": {"login": "alice"}}]
    office.forget()
    office.give_back(TOKEN)
    assert len(office.beside("comments")) == 1
    assert [s["creator"] for s in office.beside("statuses")] == [{"login": "alice"}, {"login": "teacher"}]


def test_repository_that_is_gone_costs_its_student_alone(office: Office) -> None:
    """Who cannot be told is named with the reason and told the next time; the others are told."""
    office.book.enroll([Student("alice", login="alice"), Student("bob", login="bob")])
    keep(office.book, handed("bob", "sha256:c", commit="1" * 40, pushed_at=day(2)))
    office.pushes.append(replace(office.pushes[0], student="bob", commit="1" * 40))
    failed = office.give_back()
    assert set(failed) == {"bob"}
    assert "422 to POST" in failed["bob"]
    assert len(office.beside("check-runs")) == 1
    assert set(office.give_back()) == {"bob"}


def test_who_is_not_on_the_list_is_left_alone(office: Office) -> None:
    """A grade whose repository is not known is returned nowhere."""
    office.pushes.clear()
    office.give_back()
    assert office.server.writes() == []


def test_withheld_grade_is_told_as_such(office: Office) -> None:
    """Where the grader itself has failed, nothing is said of points, and the status waits."""
    again = handed("alice", "sha256:b", commit=office.commit, pushed_at=day(3))
    keep(office.book, again, broken=("flush.ids",))
    office.give_back(TOKEN)
    [status] = office.beside("statuses")
    assert status["state"] == "pending"
    assert "No grade yet" in str(status["description"])


def test_longest_report_fits(office: Office) -> None:
    """With a report as long as one can be, long reasons and a remark on each line, every limit of GitHub's holds."""
    for mark in office.book.standing("alice").marks:
        office.book.override("alice", mark.key, 0, "`" * 5000)
    standing = office.book.standing("alice")
    seen = evidence("sha256:a")
    line = Where("models.py", 1)
    advice = tuple(Advice("advice.sql_strings", "x" * 500, line) for _ in range(200))
    full = replace(report(*(mark.key for mark in standing.marks), about=seen), advice=advice)
    told = feedback(standing, full, seen)
    assert len(markdown.render(full, seen).encode()) <= markdown.MOST_BYTES
    assert len(told.summary) <= 65_535
    assert len(told.annotations) <= MOST_ANNOTATIONS
    assert len(told.title) <= 140


def test_wording_is_no_reason_to_post(office: Office) -> None:
    """The same files, points and decisions are the same report, however it is worded."""
    standing, seen = office.book.standing("alice"), evidence()
    plain = report("flush.ids", about=seen)
    reworded = replace(plain, criteria=tuple(replace(criterion, hint="Otherwise.") for criterion in plain.criteria))
    one, other = feedback(standing, plain, seen), feedback(standing, reworded, seen)
    assert one.summary != other.summary
    assert one.identity == other.identity
