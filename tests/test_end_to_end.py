"""From the template to the report, with nobody's help: students clone, write and push, and the class is graded.

What is real here: the template, git and its protocol over HTTP, the workflows with their jobs and what they hand on,
the walls around student code, the gradebook. What stands in: GitHub's API (a server of these tests), the machines that
run the jobs (act, on this one), and three actions of GitHub's that need the network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acted import Acted, act
from class_workflow import SECRET, CourseRepository
from github_class import RIGHT, commit, day
from github_server import GitHubServer, git, serving
from nasty import TEXTS, obeyed

from grader.content import find_content
from grader.course import cells
from grader.course.gradebook import Gradebook, find_gradebook
from grader.template.repository import Author, write_template

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("end-to-end")]
SCRIPT = "transaction_script.py"
STUDENTS = ["ada", "ben", "cleo", "dan", "eve"]
DEADLINE = "2026-11-10 23:59"
LATE = 'grader late "$1" --due "2026-11-10 23:59" --percent 10 --cut-off 7\n'
WRONG = RIGHT | {SCRIPT: RIGHT[SCRIPT].replace("session.refresh(product)", "session.expire(product)")}
HOSTILE = """
import os
TEXTS = {texts}
print(os.environ)
for channel in (1, 2):
    os.write(channel, "\\n".join(TEXTS).encode("utf-8", "surrogatepass") + b"\\n")
raise RuntimeError("\\n".join(TEXTS)[:5000])
"""


class Class:
    """The class: five students with the template, of whom one never pushes, graded twice."""

    def __init__(self, folder: Path, server: GitHubServer) -> None:
        self.folder = folder
        self.server = server
        self.commits: dict[str, str] = {}
        self.course = CourseRepository(folder / "course", server, STUDENTS)
        author = Author("Teacher", "teacher@example.org", datetime(2026, 1, 1, tzinfo=UTC))
        write_template(folder / "template", find_content(), author)

    def clone(self, name: str) -> Path:
        """Give a student a repository from the template, as "Use this template" does; return a clone."""
        self.server.create(f"sessions-{name}")
        clone = self.folder / name
        git("clone", "--quiet", str(self.folder / "template"), str(clone))
        return clone

    def push(self, name: str, files: dict[str, str], at: datetime, date: str = "2026-11-01T12:00:00Z") -> str:
        """Push a student's work at a time of the server's, with a date that the student chooses."""
        commit(self.folder / name, files, date=date)
        return self.server.push(self.folder / name, f"sessions-{name}", at=at)

    def checks(self, name: str) -> dict[str, list[dict[str, Any]]]:
        """Return every check of a student's repository, by commit."""
        beside = self.server.repositories[f"sessions-{name}"].beside
        return {commit: runs for (kind, commit), runs in beside.items() if kind == "check-runs" and runs}

    def book(self) -> Gradebook:
        """Open the gradebook that the newest run has kept."""
        newest = max(int(run.name) for run in self.course.runs.iterdir() if (run / "artifacts" / "gradebook").is_dir())
        return find_gradebook(self.course.runs / str(newest) / "artifacts" / "gradebook")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """Return the class, after everybody has pushed."""
    folder = tmp_path_factory.mktemp("school")
    texts = ascii([text for text in TEXTS.values() if len(text) < 5000])
    with serving(folder / "server") as server:
        made = Class(folder, server)
        for name in STUDENTS[:3] + STUDENTS[4:]:
            made.clone(name)
        made.commits = {
            "ada": made.push("ada", RIGHT, day(9)),
            "ben": made.push("ben", WRONG, day(9)),
            "cleo": made.push("cleo", WRONG | {"models.py": RIGHT["models.py"] + "# in time\n"}, day(10)),
            "eve": made.push("eve", RIGHT | {SCRIPT: HOSTILE.replace("{texts}", texts)}, day(9)),
        }
        made.push("cleo", RIGHT | {"models.py": RIGHT["models.py"] + "# late\n"}, day(12), "2026-11-02T00:00:00Z")
        yield made


@pytest.fixture(scope="module")
def first(school: Class) -> Acted:
    """Return the first run of the class workflow, after the deadline."""
    school.server.clock = day(13)
    return school.course.run(until=DEADLINE)


@pytest.fixture(scope="module")
def second(school: Class, first: Acted) -> Acted:
    """Return the next run, when nothing has changed; what the server is asked is counted anew."""
    assert first.succeeded, first.raw
    school.server.asked.clear()
    return school.course.run(until=DEADLINE)


def test_push_is_shown_green_or_red_at_once(school: Class, tmp_path: Path) -> None:
    """The workflow of the template runs the self-checks on a student's push."""
    runner = tmp_path / "runner"
    git("clone", "--quiet", str(school.folder / "server" / "course" / "sessions-ada.git"), str(runner))
    (tmp_path / "home").mkdir()
    run = act(runner, tmp_path / "home")
    assert run.succeeded, run.raw
    assert run.summary.startswith("# 6 of 6 tasks green\n")


def test_grades_of_record(school: Class, first: Acted) -> None:
    """Right, wrong and hostile work gets what it is worth, and who never pushed is missing."""
    assert first.succeeded, first.raw
    with school.book() as book:
        standings = {standing.student.key: standing for standing in book.standings()}
    assert {key: standing.status for key, standing in standings.items()} == {
        "ada": "graded", "ben": "graded", "cleo": "graded", "dan": "missing", "eve": "graded",
    }  # fmt: skip
    lost = {key: [mark.key for mark in s.marks if mark.outcome != "passed"] for key, s in standings.items()}
    assert standings["ada"].score == 100
    assert lost["ben"] == ["reload.refresh"]
    assert standings["eve"].score == 15


def test_reports_come_back_on_the_right_commits(school: Class, first: Acted) -> None:
    """Each student's report is one check of the course's App, on the commit that counts."""
    assert first.succeeded
    for name, sha in school.commits.items():
        checks = school.checks(name)
        assert list(checks) == [sha], name
        assert [run["app"] for run in checks[sha]] == [{"id": 4711}]
    [check] = school.checks("ada")[school.commits["ada"]]
    assert check["conclusion"] == "success"
    assert "Everything that was asked for is there and holds" in json.dumps(check)
    [check] = school.checks("ben")[school.commits["ben"]]
    assert check["conclusion"] == "neutral"
    [remark] = check["output"]["annotations"]
    assert (remark["path"], remark["title"]) == (SCRIPT, "reload.refresh: 5 of 5 points lost")


def test_late_push_and_forged_date_do_not_count(school: Class, first: Acted) -> None:
    """What was pushed after the deadline has no grade, though its commit claims to be older than the one that has."""
    assert first.succeeded
    with school.book() as book:
        counts = book.standing("cleo")
    assert counts.handed is not None
    assert (counts.handed.commit, counts.handed.pushed_at) == (school.commits["cleo"], day(10))
    assert [mark.key for mark in counts.marks if mark.outcome != "passed"] == ["reload.refresh"]


def test_hostile_push_gains_and_learns_nothing(school: Class, first: Acted) -> None:
    """No line of the student's is obeyed in a log, a summary or a check, and none of it holds secret or token."""
    said = json.dumps(school.checks("eve"))
    assert obeyed(first.raw) == obeyed(first.summary) == []
    assert SECRET not in first.raw + said
    assert not [token for token in school.server.tokens if token in first.raw + said]


def test_job_that_runs_student_code_knows_no_names(school: Class, first: Acted) -> None:
    """What is handed to the job that observes holds files and seeds, and no student, commit or secret."""
    assert first.succeeded
    work = school.course.runs / "1" / "artifacts" / "work"
    texts = [file.read_text(encoding="utf-8") for file in work.rglob("*") if file.is_file()]
    assert len(texts) == 4
    for word in [SECRET, *school.commits.values(), *(f'"{name}"' for name in STUDENTS)]:
        assert not [text for text in texts if word in text], word


def test_class_gets_its_table_and_its_page(school: Class, first: Acted) -> None:
    """The artifacts of a run hold the table of grades, the page of the class, and each student's report."""
    assert first.succeeded
    kept = school.course.runs / "1" / "artifacts" / "class"
    table = cells.read(kept / "grades.csv")
    scores = {row.cells[0]: row.cells[table.header.index("score")] for row in table.rows}
    assert scores == {"ada": "100", "ben": "95", "cleo": "95", "dan": "", "eve": "15"}
    assert "<html" in (kept / "class.html").read_text(encoding="utf-8")
    assert (kept / "ada" / "report.html").is_file()
    assert not (kept / "gradebook.db").exists()


def test_second_run_posts_nothing(school: Class, second: Acted) -> None:
    """Where nothing was pushed nothing is fetched, observed, graded or posted, and the run ends after its first job."""
    assert second.succeeded, second.raw
    assert school.server.writes() == []
    assert not [path for _, path in school.server.asked if ".git/" in path]
    assert not (school.course.runs / "2" / "artifacts" / "evidence-0").exists()
    assert not (school.course.runs / "2" / "artifacts" / "gradebook").exists()


def test_only_what_is_new_is_graded_and_told(school: Class, second: Acted) -> None:
    """After one more push and one decision, that push alone is graded, and those two students alone are told."""
    assert second.succeeded
    school.commits["ben"] = school.push("ben", RIGHT, day(14))
    school.server.asked.clear()
    decision = 'grader override "$1" eve total 40 --reason "shown in the office hour"\n'
    third = school.course.run(until="2026-11-14 23:59", decisions=decision + LATE)
    assert third.succeeded, third.raw
    with school.book() as book:
        scores = {standing.student.key: standing.score for standing in book.standings()}
    assert scores == {"ada": 100, "ben": 60, "cleo": 80, "dan": None, "eve": 40}
    posted = [path for method, path in school.server.writes() if method == "POST"]
    assert sorted(path.split("/")[3] for path in posted) == ["sessions-ben", "sessions-cleo", "sessions-eve"]
    title = school.checks("ben")[school.commits["ben"]][0]["output"]["title"]
    assert title.startswith("60 of 100 points (pushed 4 days late")


def test_template_is_published(school: Class) -> None:
    """The course's repository writes the template into the one that students' are made from."""
    place = school.server.create("sessions-template")
    school.server.tokens["for-the-template"] = ("teacher", {"contents:write", "workflows:write"})
    run = school.course.publish("for-the-template")
    assert run.succeeded, run.raw
    names = git("-C", str(place), "ls-tree", "-r", "--name-only", "main").splitlines()
    assert {"HANDOUT.md", "models.py", ".github/workflows/self-check.yml"} <= set(names)
    assert "for-the-template" not in run.raw
