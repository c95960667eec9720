"""The commands on a gradebook: what each says, does and refuses, from the command line on."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from course_samples import DUE, another, handed, report

from conftest import build_submission
from grader import __main__ as program
from grader import flow
from grader.course import export as tables
from grader.course.editions import current_edition
from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.nouns import Student
from grader.course.opening import FILE
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.values import Evidence

WRONG = "return [1, 2, 3]"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """What it printed, with one blank between words: no table is as wide as the next one."""
        return " ".join(self.out.split())


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command line, as a function of its arguments."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
        with pytest.raises(SystemExit) as ending:
            program.main()
        assert ending.value.code is None or isinstance(ending.value.code, int)
        return Ended(ending.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, open_observer: Observer) -> Evidence:
    """Return the evidence of a submission whose preview_ids is wrong."""
    folder = build_submission(tmp_path_factory.mktemp("work") / "alice", {}, {"preview_ids": WRONG})
    return open_observer.observe(take_in(folder))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, seen: Evidence) -> Path:
    """Return the folder of a class of three: other checks took points from two, and mia handed in nothing."""
    folder = tmp_path_factory.mktemp("class") / "grades"
    older = another(current_edition(), checks="checks-0")
    with open_gradebook(folder, "ms.lee") as book:
        book.enroll([Student("alice", "Alice Adams", "alice", number="7"), Student("bob"), Student("mia")])
        for student in ("alice", "bob"):
            push = handed(student, seen.digest, commit=f"c-{student}", pushed_at=DUE)
            book.record(push, older, seen, report("rollback.nothing_kept", about=seen))
    return folder


@pytest.fixture
def grades(kept: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder."""
    return Path(shutil.copytree(kept, tmp_path / "grades"))


def opened(grades: Path) -> Gradebook:
    """Open a gradebook that is there."""
    return open_gradebook(grades, "mr.kim")


def score(grades: Path, student: str = "alice") -> int | None:
    """Return a student's score, as it stands in the gradebook."""
    with opened(grades) as book:
        return book.standing(student).score


# --- standing and explain ---------------------------------------------------------------------------------------------


def test_standing_lists_the_class(command: Command, grades: Path) -> None:
    """Each student has a line, whoever handed in nothing included."""
    text = command("standing", grades).words
    assert "alice Alice Adams 86 graded 1" in text
    assert "mia missing 0" in text
    assert "2 graded, 0 withheld, 1 missing" in text


def test_standing_tells_everything_about_a_student(command: Command, grades: Path) -> None:
    """One student's criteria, grades and decisions are shown, with who decided and why."""
    command("override", grades, "alice", "rollback.nothing_kept", 5, "--reason", "half right", "--who", "ms.lee")
    command("extend", grades, "alice", "2026-12-09 12:00", "--reason", "was ill")
    text = command("standing", grades, "alice").words
    for expected in (
        "alice: 91 of 100 points",
        "rollback.nothing_kept failed 5 14 ms.lee: half right (the grader gave 0)",
        "c-alice 2026-12-01 22:59 UTC 86 of 100",
        "ms.lee: override: criterion rollback.nothing_kept, points 5, reason half right",
        "extension: due 2026-12-09T12:00:00+00:00, reason was ill",
    ):
        assert expected in text


def test_standing_asks_for_another_look_where_the_work_changed(command: Command, grades: Path, seen: Evidence) -> None:
    """A decision on an earlier push is named once a later push counts."""
    command("override", grades, "alice", "total", 50, "--reason", "shown to me")
    assert "Look again" not in command("standing", grades, "alice").words
    with opened(grades) as book:
        later = handed("alice", "sha256:other", pushed_at=datetime(2027, 1, 1, tzinfo=UTC))
        book.record(later, another(), seen, report(about=seen))
    text = command("standing", grades, "alice").words
    assert "Look again: the decision on the total was made for another push than the one that counts." in text


@pytest.mark.slow
def test_standing_writes_the_page_where_it_is_asked_to(command: Command, grades: Path) -> None:
    """The page and the table are drawn anew on demand; beside a database somewhere else there is no place for them."""
    assert command("standing", grades, "--page").status == 0
    assert "alice" in (grades / "class.html").read_text(encoding="utf-8")
    ended = command("standing", f"sqlite:///{grades / FILE}", "--page")
    assert (ended.status, "grader standing DIR --page" in ended.err) == (2, True)


def test_explain_shows_what_stands_behind_a_verdict(command: Command, grades: Path) -> None:
    """The checks with their runs are shown, and the runs step by step."""
    ended = command("explain", grades, "alice", "flush.ids")
    assert ended.status == 0
    assert "own code" in ended.words
    assert "preview_ids" in ended.words


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("explain", "alice", "flush"), "flush.ids, flush.nothing_stored"),
        (("explain", "alic", "flush.ids"), "there are: alice"),
        (("explain", "mia", "flush.ids"), "nothing of mia's was graded"),
        (("standing", "alicia"), "there are: alice"),
        (("override", "alice", "flush", "1", "--reason", "x"), "flush.ids"),
        (("override", "alice", "flush.ids", "5", "--reason", "x"), "flush.ids gives 0 to 4 points, not 5"),
        (("override", "alice", "flush.ids", "-1", "--reason", "x"), "No such option"),
        (("override", "alice", "flush.ids", "lots", "--reason", "x"), "Write it as 3, or none"),
        (("override", "alice", "flush.ids", "none", "--reason", "x"), "nothing was decided on flush.ids of alice"),
        (("override", "alice", "flush.ids", "1", "--reason", " "), "a decision needs a reason"),
        (("override", "alice", "flush.ids", "1"), "Missing option '--reason'"),
        (("late", "--percent", "10"), "--due"),
        (("late", "--due", "soon"), "Write it as 2026-12-01 23:59"),
        (("late", "--due", "2026-12-01"), '"2026-12-01 23:59"'),
        (("late", "--due", "2026-12-01 23:59", "--zone", "Mars"), "Europe/Berlin"),
        (("late", "--due", "2026-12-01 23:59", "--percent", "101"), "0<=x<=100"),
        (("extend", "alice", "2026-12-08", "--reason", "ill"), '"2026-12-08 23:59"'),
        (("extend", "nobody", "2026-12-08 23:59", "--reason", "ill"), "nobody is called 'nobody' here"),
        (("export", "--format", "canvas"), "--template EXPORTED.csv --assignment"),
        (("export", "--format", "moodle"), "--format moodle --template EXPORTED.csv"),
        (("export", "--format", "moodle", "--template", "none.csv"), "none.csv cannot be read"),
        (("regrade", "--observe", "--isolation", "none"), "choose one of bubblewrap"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_is_told_with_what_would_be_right(
    command: Command, grades: Path, arguments: tuple[str, ...], named: str
) -> None:
    """A slip of the pen ends with 2, names what is right, and changes nothing."""
    name, *others = arguments
    ended = command(name, grades, *others)
    assert (ended.status, named in " ".join(ended.err.split())) == (2, True), ended.err
    assert score(grades) == 86


@pytest.mark.parametrize("name", ["standing", "export", "regrade", "late"])
def test_where_no_gradebook_is_none_is_made(command: Command, tmp_path: Path, name: str) -> None:
    """A folder or a URL without a gradebook is answered with the command that makes one, and stays as it is."""
    (tmp_path / "empty.db").touch()
    for place in (tmp_path / "away", f"sqlite:///{tmp_path / 'none.db'}", f"sqlite:///{tmp_path / 'empty.db'}"):
        ended = command(name, place)
        assert (ended.status, "grader grade-class SUBMISSIONS" in ended.err) == (2, True), ended.err
    assert [file.name for file in tmp_path.iterdir()] == ["empty.db"]


def test_gradebook_of_a_newer_version_is_told(command: Command, grades: Path) -> None:
    """Tables that this version does not know are left alone, and the repair is named."""
    with sqlite3.connect(grades / FILE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    ended = command("standing", grades)
    assert (ended.status, "pip install --upgrade" in ended.err) == (2, True)


# --- decisions --------------------------------------------------------------------------------------------------------


def test_override_counts_at_once_and_is_taken_back(command: Command, grades: Path) -> None:
    """A person's points stand in the answer, the gradebook and the table; none makes it as it was."""
    answer = command("override", grades, "alice", "rollback.nothing_kept", 14, "--reason", "seen by hand")
    assert (answer.out, score(grades)) == ("alice: 100 of 100 points\n", 100)
    assert '"alice","Alice Adams"' in (grades / "grades.csv").read_text(encoding="utf-8-sig")
    assert "seen by hand" in (grades / "grades.csv").read_text(encoding="utf-8-sig")
    assert command("override", grades, "alice", "rollback.nothing_kept", "none", "--reason", "my mistake").status == 0
    assert score(grades) == 86


def test_override_of_the_total_says_who_and_why(command: Command, grades: Path) -> None:
    """A decision on all points stands above everything, for who handed in nothing as well."""
    answer = command("override", grades, "mia", "total", 60, "--reason", "on paper", "--who", "ms.lee")
    assert answer.out == "mia: 60 points, decided by ms.lee: on paper\n"


def test_late_policy_is_shown_and_takes_points(command: Command, grades: Path) -> None:
    """The policy is told by the clocks that were named, with how many it costs points; an extension gives them back."""
    assert command("late", grades).out == "No date is set: nothing is late.\n"
    policy = ("--due", "2026-11-30 12:00", "--zone", "Europe/Berlin", "--grace", 15, "--percent", 10, "--cut-off", 7)
    answer = command("late", grades, *policy)
    assert "Due 2026-11-30 12:00 (Europe/Berlin): 15 minutes of grace, then each started day takes 10 %" in answer.words
    assert (
        "after 7 days a push counts nothing. Students who lose points by it: 2; who lose everything: 0." in answer.words
    )
    assert "Due 2026-11-30 11:00 (UTC)" in command("late", grades).words
    assert score(grades) == 86 - 86 * 20 // 100
    given = command("extend", grades, "alice", "2026-12-02 08:00", "--reason", "was ill")
    assert given.out == "alice: 86 of 100 points\n"
    back = command("extend", grades, "alice", "none", "--reason", "was not")
    assert "earned 86; pushed 2 days late: 20 % come off" in back.out


def test_policy_says_of_whom_no_time_is_known(command: Command, grades: Path, seen: Evidence) -> None:
    """Whose push has no time loses nothing, and that is told."""
    with opened(grades) as book:
        book.record(handed("zoe", seen.digest), another(), seen, report(about=seen))
    answer = command("late", grades, "--due", "2026-11-30 12:00", "--percent", 10)
    assert "Students of whom nobody knows when they pushed: 1; they lose nothing." in answer.words


# --- export -----------------------------------------------------------------------------------------------------------


def test_export_is_the_table_and_nothing_else(command: Command, grades: Path) -> None:
    """Each format goes to the standard output alone; who has no score is named beside it."""
    with opened(grades) as book:
        standings = book.standings()
    for name, table in (
        ("grades", tables.grades(standings)),
        ("criteria", tables.criteria(standings)),
        ("jsonl", tables.json_lines(standings)),
        ("classroom", tables.classroom(standings, "Sessions")),
    ):
        ended = command("export", grades, "--format", name, "--assignment", "Sessions")
        assert (ended.status, ended.out, ended.err) == (0, table, "Without a score: mia\n"), name


def test_export_fills_the_table_of_a_platform(command: Command, grades: Path, tmp_path: Path) -> None:
    """Canvas' and Moodle's own tables come back with the scores, in the file that was named."""
    canvas, moodle, out = (tmp_path / name for name in ("canvas.csv", "moodle.csv", "upload.csv"))
    canvas.write_text('Student,ID,SIS User ID,Section,Sessions (4)\n"Adams, Alice",1,7,A,\n"Other, One",2,8,A,\n')
    ended = command(
        "export", grades, "--format", "canvas", "--template", canvas, "--assignment", "Sessions", "--out", out
    )
    assert (ended.status, ended.out, ended.err) == (0, "", "Without a score: Other, One\n")
    filled = csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())
    assert [row["Sessions (4)"] for row in filled] == ["86", ""]
    moodle.write_text("Identifier,Full name,Grade,Last modified (grade)\nParticipant 1,Alice Adams,,-\n")
    ended = command("export", grades, "--format", "moodle", "--template", moodle)
    assert '"Participant 1","Alice Adams",86,' in ended.out


# --- regrade ----------------------------------------------------------------------------------------------------------


def test_regrade_shows_what_would_change_and_writes_nothing(command: Command, grades: Path) -> None:
    """The differences are told with their reasons, and the command that writes them."""
    ended = command("regrade", grades, "--jobs", 1)
    assert ended.status == 0
    assert "rollback.nothing_kept 2 flush.ids 2" in ended.words
    assert "alice 86 → 92 rollback.nothing_kept: failed 0/14 → passed 14/14" in ended.words
    assert f"To write it: grader regrade {grades} --write" in ended.words
    assert score(grades) == 86
    assert [file.name for file in grades.iterdir()] == [FILE]


@pytest.mark.slow
def test_regrade_writes_grades_reports_and_tables(command: Command, grades: Path) -> None:
    """Written, the new scores count, the reports say them, and table and page do; a second time nothing is left."""
    ended = command("regrade", grades, "--write", "--jobs", 1)
    assert ended.status == 0, ended.err
    assert "the earlier grades are kept as history" in ended.words
    assert (score(grades), score(grades, "bob")) == (92, 92)
    told = json.loads((grades / "bob" / "report.json").read_text())
    assert (told["grade"]["score"], told["grade"]["submission"], told["summary"]["total"]) == (92, "bob", 35)
    assert ",92,100," in (grades / "grades.csv").read_text(encoding="utf-8-sig")
    assert (grades / "class.html").exists()
    assert "2 had a grade of this edition already." in command("regrade", grades).words


def test_regrade_of_a_database_elsewhere_writes_no_file(command: Command, grades: Path, tmp_path: Path) -> None:
    """A gradebook at a URL gets its grades; reports go where --out says, and nowhere without it."""
    place = (grades / FILE).rename(tmp_path / "book.db")
    ended = command("regrade", f"sqlite:///{place}", "--write", "--jobs", 1)
    assert (ended.status, list(grades.iterdir())) == (0, [])
    with open_gradebook(f"sqlite:///{place}") as book:
        assert book.standing("alice").score == 92


def test_interrupted_writing_says_how_to_go_on(command: Command, grades: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops a regrade while it writes is told what to do, and it does that: nothing is lost or done twice."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("grader.course.publishing.publish", interrupted)
        patch.setattr("grader.course.reobserving.write_reports", lambda *_: ())
        ended = command("regrade", grades, "--write", "--jobs", 1)
        assert (ended.status, "the same command once more writes the rest" in ended.err) == (130, True)
    monkeypatch.setattr("grader.course.classpage.page.write", lambda *_, **__: None)
    assert command("regrade", grades, "--write").status == 0
    assert ",92,100," in (grades / "grades.csv").read_text(encoding="utf-8-sig")


def test_regrade_withholds_where_a_check_breaks(
    command: Command, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in a check is told with its traceback and the exit status; nobody gets a zero for it."""
    monkeypatch.setattr("grader.judge.checks.check_flush.arrivals", lambda *_: 1 / 0)
    ended = command("regrade", grades, "--jobs", 1)
    assert ended.status == 3
    assert "alice 86 → withheld" in ended.words
    assert ended.err.count("ZeroDivisionError") == 1


def test_regrade_names_whom_it_would_have_to_observe(
    command: Command, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another secret other calls would be made: nothing is judged, and the command that observes is named."""
    monkeypatch.setenv(flow.SECRET_VARIABLE, "another one")
    ended = command("regrade", grades)
    assert ended.status == 0
    assert f"(grader regrade {grades} --observe): alice, bob" in ended.words


@pytest.mark.slow
def test_regrade_observes_again_from_the_gradebook_alone(
    command: Command, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sources in the gradebook are run again, walled in; the new evidence is kept, and the old with its grade."""
    monkeypatch.setenv(flow.SECRET_VARIABLE, "another one")
    ended = command("regrade", grades, "--observe", "--write", "--jobs", 1)
    assert ended.status == 0, ended.err
    assert "2 of them were observed again." in ended.words
    with opened(grades) as book:
        assert [past.edition.plan == current_edition().plan for past in book.history("bob")] == [False, True]
        push = next(push for push in book.pushes("bob") if push.handed.commit == "c-bob")
        assert book.evidence(push).surroundings.isolation != "process"
    assert json.loads((grades / "bob" / "report.json").read_text())["grade"]["score"] == 92
