"""The gradebook: what is kept, what is found again, and what nobody can change; on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from course_samples import DUE, EDITION, another, evidence, handed, keep, points, postgresql, report
from msgspec import structs
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from grader.course import gradebook, opening, tables
from grader.course.gradebook import Gradebook, NotInGradebook, open_gradebook
from grader.course.keeping import EvidenceUnreadable
from grader.course.nouns import LatePolicy, Student
from grader.course.opening import GradebookUnusable, open_engine
from grader.values import Flag

HOSTILE = 'Zoë "=1+1", \N{RIGHT-TO-LEFT OVERRIDE}李; \'DROP TABLE\nstudents'


@pytest.fixture(scope="module")
def databases() -> Iterator[Callable[[], str]]:
    """Return what makes a new database of a PostgreSQL that the tests share."""
    with postgresql() as new:
        yield new


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a gradebook is to be: a folder, or the URL of an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "grades")
    new: Callable[[], str] = request.getfixturevalue("databases")
    return new()


@pytest.fixture
def book(place: str) -> Iterator[Gradebook]:
    """Return an empty gradebook."""
    with open_gradebook(place, "ms.lee") as opened:
        yield opened


# --- the tables -------------------------------------------------------------------------------------------------------


def test_migrations_make_the_tables_that_the_program_knows(place: str) -> None:
    """A new gradebook has just the tables, columns, keys and indexes that the classes describe."""
    engine = open_engine(place)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.Base.metadata) == []
    engine.dispose()


def test_version_of_the_tables_is_the_newest_migration() -> None:
    """The version that spares a look at the migrations is that of the last one."""
    folder = Path(opening.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == tables.VERSION


def test_programs_that_open_a_new_gradebook_at_once_make_it_once(place: str) -> None:
    """Of several that open what is not there yet, all get the same gradebook."""
    with ThreadPoolExecutor(4) as pool:
        for book in pool.map(open_gradebook, [place] * 4):
            assert book.pushes() == ()
            book.close()


def test_gradebook_of_a_newer_version_is_refused_with_the_repair(place: str) -> None:
    """Tables that a newer grader made are left alone, and the error says how to update."""
    engine = open_engine(place)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(GradebookUnusable, match="pip install --upgrade"):
        open_engine(place)


def test_file_that_is_no_database_is_refused_with_the_repair(tmp_path: Path) -> None:
    """A file of another kind under the gradebook's name is left alone, and the error says what to do."""
    (tmp_path / opening.FILE).write_text("x" * 5000)
    with pytest.raises(GradebookUnusable, match="Move that file away"):
        open_engine(tmp_path)


@pytest.mark.parametrize("url", ["nosuch://here/grades", "postgresql+psycopg://grader@/x?host=/nowhere"])
def test_database_that_is_not_there_is_named_with_the_repair(url: str) -> None:
    """A URL that leads nowhere is an error that says what to check."""
    with pytest.raises(GradebookUnusable, match=r"Check|check"):
        open_engine(url)


def test_password_of_a_url_is_never_shown() -> None:
    """An error about a database names its URL without the password."""
    with pytest.raises(GradebookUnusable) as refused:
        open_engine("postgresql+psycopg://grader:secret@/x?host=/nowhere")
    assert "secret" not in str(refused.value)


def test_time_without_a_zone_is_refused(book: Gradebook) -> None:
    """A time of which nobody knows when it is does not get into the gradebook."""
    with pytest.raises(Exception, match="has no time zone"):
        keep(book, handed(pushed_at=datetime(2026, 12, 1)))  # noqa: DTZ001  # the zone that is missing is the point


def test_time_comes_back_in_utc(book: Gradebook) -> None:
    """A time with any zone is the same moment when it is read."""
    keep(book, handed(pushed_at=datetime(2026, 12, 1, 3, tzinfo=timezone(timedelta(hours=5)))))
    assert book.pushes()[0].handed.pushed_at == datetime(2026, 11, 30, 22, tzinfo=UTC)


# --- what is graded ---------------------------------------------------------------------------------------------------


def test_recorded_grade_is_read_back_whole(book: Gradebook) -> None:
    """Report and evidence of a push come back as they were, under the student's key."""
    keep(book, handed(), "flush.ids")
    (push,) = book.pushes()
    assert book.report(push) == report("flush.ids")
    assert book.evidence(push) == evidence()


def test_grade_survives_closing(place: str) -> None:
    """What was recorded is there when the gradebook is opened anew."""
    with open_gradebook(place) as first:
        keep(first, handed(), "flush.ids")
    with open_gradebook(place) as second:
        assert second.standing("alice").score == 100 - points("flush.ids")


def test_recording_twice_changes_nothing(book: Gradebook) -> None:
    """The same push, graded by the same edition a second time, leaves the first grade and nothing else."""
    keep(book, handed(), "flush.ids")
    keep(book, handed())
    assert [past.score for past in book.history("alice")] == [100 - points("flush.ids")]


@pytest.mark.parametrize("part", ["version", "checks", "rubric", "plan"])
def test_another_edition_grades_anew(book: Gradebook, part: str) -> None:
    """A grade of an edition that differs in any part stands beside the older one, and counts."""
    keep(book, handed(), "flush.ids")
    keep(book, handed(), edition=another(**{part: "new"}))
    assert [past.score for past in book.history("alice")] == [100 - points("flush.ids"), 100]
    assert book.standing("alice").score == 100


def test_done_names_what_this_edition_has_graded(book: Gradebook) -> None:
    """What is left to do is known from student, commit and digest, for each edition."""
    keep(book, handed(commit="c1"))
    assert book.done(EDITION) == {("alice", "c1", "sha256:a")}
    assert book.done(another(rubric="new")) == frozenset()
    assert book.done(another(plan="new")) == frozenset()


def test_same_files_of_somebody_else_have_evidence(book: Gradebook) -> None:
    """Files that were watched already need not be watched again; their evidence names the student it is for."""
    keep(book, handed(), "flush.ids")
    found = book.evidence_of(handed("bob"), another(checks="new"))
    assert found
    assert found.submission == "bob"


def test_evidence_of_another_plan_is_none(book: Gradebook) -> None:
    """What was taken with other calls, or of other files, is no evidence for these."""
    keep(book, handed())
    assert book.evidence_of(handed("bob"), another(plan="new")) is None
    assert book.evidence_of(handed("bob", "sha256:b"), EDITION) is None


def test_students_are_admitted_without_losing_what_is_known(book: Gradebook) -> None:
    """Whoever is added by key alone stays whom the roster named, and the others stay members."""
    book.enroll([Student("alice", name="Alice A.")])
    book.admit(["alice", "bob"])
    assert [(s.student.key, s.student.name) for s in book.standings()] == [("alice", "Alice A."), ("bob", "")]


def test_push_time_that_becomes_known_is_added(book: Gradebook) -> None:
    """A push whose time was unknown gets it later; one that is known stays."""
    keep(book, handed())
    keep(book, handed(pushed_at=DUE))
    keep(book, handed(pushed_at=DUE + timedelta(days=1)))
    assert [push.handed.pushed_at for push in book.pushes()] == [DUE]


def test_names_of_any_script_survive(book: Gradebook) -> None:
    """A roster's facts come back letter for letter, whatever stands in them."""
    student = Student("zoë", HOSTILE, "zoe", "z@x", "u-1", "007", ("A, 1", "日本"), "org/repo")
    book.enroll([student])
    assert book.standing("zoë").student == student


def test_who_left_the_class_and_handed_in_nothing_is_not_listed(book: Gradebook) -> None:
    """A new roster leaves out who is not on it any more, unless there is work of theirs."""
    book.enroll([Student("alice"), Student("bob"), Student("cleo")])
    keep(book, handed("bob"))
    book.enroll([Student("alice", "Alice")])
    assert [(s.student.key, s.status) for s in book.standings()] == [("alice", "missing"), ("bob", "graded")]


# --- what people decide -----------------------------------------------------------------------------------------------


def test_override_counts_and_says_who_and_why(book: Gradebook) -> None:
    """A decision replaces the grader's points, and its author and reason stand beside it."""
    keep(book, handed(), "flush.ids", "commit.stored")
    book.override("alice", "flush.ids", 1, "half right")
    standing = book.standing("alice")
    (override,) = standing.overrides
    assert standing.score == 100 - points("flush.ids") - points("commit.stored") + 1
    assert (override.who, override.reason, override.digest) == ("ms.lee", "half right", "sha256:a")


def test_newest_override_counts_and_one_may_be_taken_back(book: Gradebook) -> None:
    """Of several decisions the last one counts; taken back, the grader's points are in force, and all is remembered."""
    keep(book, handed(), "flush.ids")
    for given in (1, 2, None):
        book.override("alice", "flush.ids", given, "because")
    assert book.standing("alice").score == 100 - points("flush.ids")
    assert [made.points for made in book.overrides("alice")] == [1, 2, None]


def test_override_of_the_total_stands_above_all(book: Gradebook) -> None:
    """Points for everything together count as they are, late or not."""
    keep(book, handed(pushed_at=DUE + timedelta(days=3)), "flush.ids")
    book.set_late_policy(LatePolicy(DUE, percent_per_day=10))
    book.override("alice", "", 60, "agreed")
    assert book.standing("alice").score == 60


def test_override_survives_a_new_grade(book: Gradebook) -> None:
    """Graded anew, a student keeps what a person decided."""
    keep(book, handed(), "flush.ids")
    book.override("alice", "flush.ids", 2, "half right")
    keep(book, handed(), "flush.ids", "commit.ids", edition=another(checks="new"))
    assert book.standing("alice").score == 100 - points("commit.ids") - points("flush.ids") + 2


def test_override_made_for_an_earlier_push_is_pointed_out(book: Gradebook) -> None:
    """A decision about other files than those that count stays in force, and is known to be worth a look."""
    keep(book, handed(pushed_at=DUE))
    book.override("alice", "flush.ids", 0, "copied")
    assert not book.standing("alice").outdated
    keep(book, handed(digest="sha256:b", pushed_at=DUE + timedelta(days=1)))
    assert [made.reason for made in book.standing("alice").outdated] == ["copied"]


@pytest.mark.parametrize(("criterion", "given"), [("flush.ids", -1), ("flush.ids", 99), ("", 101)])
def test_points_that_are_not_to_be_had_are_refused(book: Gradebook, criterion: str, given: int) -> None:
    """A decision gives no more than the criterion, or all of them, and nothing below zero."""
    keep(book, handed())
    with pytest.raises(ValueError, match="gives 0 to"):
        book.override("alice", criterion, given, "because")


def test_override_without_a_reason_is_refused(book: Gradebook) -> None:
    """Nobody decides without saying why."""
    keep(book, handed())
    with pytest.raises(ValueError, match="needs a reason"):
        book.override("alice", "flush.ids", 1, " ")


def test_unknown_student_and_criterion_are_named_with_what_is_there(book: Gradebook) -> None:
    """A slip of the pen is answered with what was probably meant."""
    keep(book, handed())
    with pytest.raises(NotInGradebook, match="alice"):
        book.standing("alcie")
    with pytest.raises(NotInGradebook, match=r"flush\.ids"):
        book.override("alice", "flush.id", 1, "because")


def test_broken_criterion_withholds_the_score_until_a_person_decides(book: Gradebook) -> None:
    """What the grader itself got wrong is never a zero: there is no score, until each of it was decided."""
    keep(book, handed(), broken=("flush.ids",))
    assert (book.standing("alice").status, book.standing("alice").score) == ("withheld", None)
    book.override("alice", "flush.ids", 4, "looked at it myself")
    assert (book.standing("alice").status, book.standing("alice").score) == ("graded", 100)


def test_late_policy_and_extension_change_the_score(book: Gradebook) -> None:
    """A late push loses what the policy says, unless the student was given more time."""
    keep(book, handed(pushed_at=DUE + timedelta(hours=30)))
    assert book.standing("alice").score == 100
    book.set_late_policy(LatePolicy(DUE, timedelta(minutes=10), 10, timedelta(days=7)))
    assert book.policy() == LatePolicy(DUE, timedelta(minutes=10), 10, timedelta(days=7))
    assert book.standing("alice").score == 80
    book.extend("alice", DUE + timedelta(hours=20), "ill")
    assert book.standing("alice").score == 90
    book.extend("alice", None, "was a mistake")
    assert book.standing("alice").score == 80


def test_push_after_the_last_date_does_not_replace_an_earlier_one(book: Gradebook) -> None:
    """Who pushes once more after the last date keeps the grade of what was pushed before it."""
    book.set_late_policy(LatePolicy(DUE, percent_per_day=10, cut_off=timedelta(days=2)))
    keep(book, handed(pushed_at=DUE), "flush.ids")
    keep(book, handed(digest="sha256:b", pushed_at=DUE + timedelta(days=9)))
    assert book.standing("alice").score == 100 - points("flush.ids")


def test_last_accepted_push_counts(book: Gradebook) -> None:
    """Of several pushes in time the last one counts, in whatever order they were graded."""
    keep(book, handed(digest="sha256:b", pushed_at=DUE), "commit.ids")
    keep(book, handed(pushed_at=DUE - timedelta(days=1)), "flush.ids", "commit.stored")
    standing = book.standing("alice")
    assert (standing.score, standing.pushes) == (100 - points("commit.ids"), 2)


# --- others who write ------------------------------------------------------------------------------------------------


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Return another program's connection to a gradebook in which nobody waits before trying again."""
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0)
    open_gradebook(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / opening.FILE, isolation_level=None)) as connection:
        yield connection


def test_writer_that_others_get_in_the_way_of_tries_again(
    tmp_path: Path, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gradebook that is locked when it is written to is written to when it is free."""
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(
        "grader.course.gradebook.time.sleep", lambda _: other.in_transaction and other.execute("ROLLBACK")
    )
    with open_gradebook(tmp_path) as book:
        keep(book, handed())
        assert len(book.pushes()) == 1


def test_writer_that_never_gets_through_says_so(
    tmp_path: Path, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a number of attempts the database's own error comes out, and nothing is half written."""
    other.execute("BEGIN IMMEDIATE")
    pauses: list[float] = []
    monkeypatch.setattr("grader.course.gradebook.time.sleep", pauses.append)
    with open_gradebook(tmp_path) as book, pytest.raises(DBAPIError, match="locked"):
        keep(book, handed())
    assert len(pauses) == gradebook.ATTEMPTS - 1


def test_readers_go_on_while_somebody_writes(tmp_path: Path, other: sqlite3.Connection) -> None:
    """A transaction that writes, and is not finished, keeps nobody from reading."""
    other.execute("BEGIN IMMEDIATE")
    with open_gradebook(tmp_path) as book:
        assert book.standings() == ()


# --- the audit trail --------------------------------------------------------------------------------------------------


def test_every_decision_is_in_the_audit_trail(book: Gradebook) -> None:
    """Who did what, when and to whom can be read, in the order in which it happened."""
    book.enroll([Student("alice")])
    keep(book, handed())
    book.override("alice", "flush.ids", 1, "half right")
    book.set_late_policy(LatePolicy(DUE))
    book.extend("alice", DUE, "ill")
    trail = list(book.audit())
    assert [(who, action, student) for _, who, action, student, _ in trail] == [
        ("ms.lee", "roster", ""),
        ("ms.lee", "override", "alice"),
        ("ms.lee", "late policy", ""),
        ("ms.lee", "extension", "alice"),
    ]
    assert trail[1][4] == {"criterion": "flush.ids", "points": 1, "reason": "half right"}


@pytest.mark.parametrize("change", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
def test_database_refuses_to_change_the_audit_trail(place: str, change: str) -> None:
    """A line of the audit trail can neither be changed nor removed, by whatever program."""
    with open_gradebook(place) as book:
        book.note("something")
    engine = open_engine(place)
    with pytest.raises(DBAPIError, match="only ever added to"), engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()


def test_sqlite_keeps_the_journal_that_works_on_network_drives(tmp_path: Path) -> None:
    """The file has no write-ahead log, which needs memory that computers share."""
    open_gradebook(tmp_path).close()
    with sqlite3.connect(tmp_path / opening.FILE) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


# --- what is stored ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE evidence SET encoding = 'json+other'", "Update"),
        ("UPDATE evidence SET content = x'00'", "Grade it again"),
    ],
)
def test_evidence_that_cannot_be_read_is_an_error_with_the_repair(tmp_path: Path, change: str, said: str) -> None:
    """Evidence of another kind, or damaged, is told as that, and never judged."""
    with open_gradebook(tmp_path) as book:
        keep(book, handed())
        engine = open_engine(tmp_path)
        with engine.begin() as connection:
            connection.exec_driver_sql(change)
        engine.dispose()
        with pytest.raises(EvidenceUnreadable, match=said):
            book.evidence(book.pushes()[0])


def test_text_that_no_database_likes_survives(book: Gradebook) -> None:
    """What a student wrote stands in report and evidence as it was, NUL included."""
    nasty = "\0\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}李'; DROP TABLE grades; --"
    seen = structs.replace(evidence(), observations=nasty)
    told = structs.replace(report(about=seen), flags=(Flag("evidence.odd", nasty),))
    book.record(handed(folder=nasty, commit="c"), EDITION, seen, told)
    (push,) = book.pushes()
    assert (book.evidence(push).observations, book.report(push).flags[0].message) == (nasty, nasty)
    assert push.flags == ("evidence.odd",)


def test_who_decides_is_the_login_unless_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the login at this machine stands beside a decision; a user without a name has a number."""
    monkeypatch.setenv("LOGNAME", "ms.lee")
    with open_gradebook(tmp_path) as book:
        assert book.who == "ms.lee"
    monkeypatch.setattr("getpass.getuser", lambda: dict[str, str]()["LOGNAME"])
    with open_gradebook(tmp_path) as book:
        assert book.who.startswith("user ")


@pytest.mark.parametrize(
    ("place", "said"),
    [("nothing at all://x", "Try: sqlite"), ("sqlite://[", "check the URL"), ("/dev/null/grades", "Choose another")],
)
def test_place_that_cannot_be_is_refused(place: str, said: str) -> None:
    """A URL that is none, and a folder that cannot be made, are errors that name what to do."""
    with pytest.raises(GradebookUnusable, match=said):
        open_engine(place)
