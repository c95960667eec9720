"""The command ``grader grade-class``: what it writes, what it says, and with which status it ends."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from class_runs import finished, made_class
from course_samples import evidence, report

from grader import __main__ as program
from grader.course import progress, running
from grader.course.gradebook import open_gradebook
from grader.course.grading import Tally
from grader.course.nouns import LatePolicy
from grader.course.pools import Pool
from grader.course.work import Task, Worked
from grader.observe.sandbox.levels import LEVELS, Level

FILES = ("report.json", "report.md", "report.html", "evidence.json")


# --- a real class -----------------------------------------------------------------------------------------------------

ROSTER = """identifier,github_username,name
1,anna-l,"Lee, Anna"
2,bert,Bert
3,cleo,Cleo
4,dora,=Dora
"""


@dataclass(frozen=True)
class Ended:
    """How the command ended, what it said, and where it wrote."""

    status: int
    out: str
    err: str
    folder: Path


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Return how the real command ends on a class with a roster."""
    place = tmp_path_factory.mktemp("real")
    submissions = made_class(place / "class", ["accepted/begin_block", "rejected/commit_per_row"])
    (submissions / "begin_block").rename(submissions / "sessions-anna-l")
    (submissions / "commit_per_row").rename(submissions / "bert")
    (submissions / "dora").mkdir()
    (submissions / "somebody").mkdir()
    (place / "roster.csv").write_text(ROSTER)
    done = finished(submissions, place / "out", "--roster", str(place / "roster.csv"))
    return Ended(done.returncode, done.stdout, done.stderr, place / "out")


def rows(out: Path) -> dict[str, dict[str, str]]:
    """Return the rows of grades.csv by student."""
    text = (out / "grades.csv").read_text(encoding="utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.slow
@pytest.mark.xdist_group("grade_class")
def test_class_gets_reports_a_table_a_page_and_a_gradebook(real: Ended) -> None:
    """DIR holds a folder for each who was graded, the table, the page and the gradebook, and nothing else."""
    assert real.status == 0, real.err
    assert sorted(path.name for path in real.folder.iterdir()) == [
        "anna-l",
        "bert",
        "class.html",
        "gradebook.db",
        "grades.csv",
    ]
    assert sorted(path.name for path in (real.folder / "anna-l").iterdir()) == sorted(FILES)


@pytest.mark.slow
@pytest.mark.xdist_group("grade_class")
def test_table_has_everybody_of_the_roster(real: Ended) -> None:
    """Who was not graded stands in the table as well, with the name that the roster gives."""
    found = {key: (row["name"], row["status"], row["score"]) for key, row in rows(real.folder).items()}
    assert found == {
        "anna-l": ("Lee, Anna", "graded", "100"),
        "bert": ("Bert", "graded", "78"),
        "cleo": ("Cleo", "missing", ""),
        "dora": ("'=Dora", "missing", ""),
    }


@pytest.mark.slow
@pytest.mark.xdist_group("grade_class")
@pytest.mark.parametrize(
    "said",
    [
        "2 graded, 0 graded before; the mean of the class is 89.0 points",
        "no submission: 2: cleo, dora",
        "dora holds neither models.py nor transaction_script.py",
        "folders that are nobody's in the roster: 1: somebody",
        "class.html",
    ],
)
def test_summary_says_what_became_of_everybody(real: Ended, said: str) -> None:
    """Who is graded, who is not and why, and which folder is nobody's."""
    assert said in real.out


# --- what needs no grading --------------------------------------------------------------------------------------------


class Canned:
    """A pool that knows every grade beforehand; ``broken`` and ``dying`` are students over whom the grader fails."""

    width = 2

    def __init__(self, broken: str = "", dying: str = "") -> None:
        self.broken = broken
        self.dying = dying

    def submit(self, task: Task) -> Future[Worked]:
        """Return the grade at once."""
        student, future = task.handed.student, Future[Worked]()
        if student == self.dying:
            future.set_result(Worked(problem="3 processes died over it"))
            return future
        seen = evidence(task.handed.digest)
        graded = report(broken=("flush.ids",) if student == self.broken else (), about=seen)
        document = msgspec.json.encode({"grade": {"digest": seen.digest}})
        encoded = msgspec.json.encode(seen), msgspec.json.encode(graded)
        future.set_result(Worked(*encoded, {"report.json": document}, "a traceback" if student == self.broken else ""))
        return future


class Settled:
    """Walls that need not be tried: the first level holds."""

    passed_over = ("glass: it breaks",)

    def __init__(self, levels: Sequence[Level]) -> None:
        self.level = levels[0]

    def settle(self) -> None:
        """Hold."""


Command = Callable[..., Ended]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command on a class of three, as a function of its pool and further arguments."""
    for name in ("anna", "bert", "cleo"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "models.py").write_text(f"# {name}")

    def run(pool: Canned | None, *arguments: object) -> Ended:
        @contextmanager
        def local(_: int) -> Iterator[Pool]:
            assert pool is not None
            yield pool

        monkeypatch.setattr(running, "local", local)
        monkeypatch.setattr(running, "Sandboxes", lambda levels: nullcontext(Settled(levels)))
        words = ["grader", "grade-class", str(tmp_path / "class"), "--no-page", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ending:
            program.main()
        status = ending.value.code
        assert status is None or isinstance(status, int)
        return Ended(status or 0, *capsys.readouterr(), tmp_path / "class-grades")

    return run


def test_grades_lie_beside_the_submissions_by_default(command: Command) -> None:
    """Without --out the folder is called as the submissions are."""
    ended = command(Canned())
    assert ended.status == 0
    assert set(rows(ended.folder)) == {"anna", "bert", "cleo"}


def test_second_run_grades_nothing_again(command: Command) -> None:
    """What stands in the gradebook is counted, and not handed out."""
    command(Canned())
    assert "0 graded, 3 graded before" in command(Canned()).out


def test_what_changed_is_graded_again(command: Command, tmp_path: Path) -> None:
    """Another version of the same student's work is another push."""
    command(Canned())
    (tmp_path / "class/bert/models.py").write_text("# another bert")
    ended = command(Canned())
    assert "1 graded, 2 graded before" in ended.out
    assert rows(ended.folder)["bert"]["pushes"] == "2"


@pytest.mark.parametrize(
    ("pool", "said"), [(Canned(broken="bert"), "bert: a traceback"), (Canned(dying="bert"), "bert: 3 processes died")]
)
def test_failure_of_the_grader_names_whose_grade_is_withheld(command: Command, pool: Canned, said: str) -> None:
    """The status is 3, and whoever waits for a grade is named with the reason; the others have theirs."""
    ended = command(pool)
    assert ended.status == 3
    assert "the grader failed over 1" in ended.err
    assert said in ended.err
    assert rows(ended.folder)["anna"]["status"] == "graded"


def test_grade_that_is_withheld_is_not_forgotten(command: Command) -> None:
    """A later run with nothing left to do says so again."""
    command(Canned(broken="bert"))
    ended = command(Canned())
    assert (ended.status, "withheld: 1: bert" in ended.out) == (3, True)


def test_over_whom_the_grader_failed_is_tried_again(command: Command) -> None:
    """Who has no grade by the grader's own fault gets one by the next run."""
    command(Canned(dying="bert"))
    ended = command(Canned())
    assert (ended.status, "1 graded, 2 graded before" in ended.out) == (0, True)


def test_gradebook_may_be_kept_elsewhere(command: Command, tmp_path: Path) -> None:
    """With a URL there is no gradebook in DIR."""
    ended = command(Canned(), "--gradebook", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert ended.status == 0
    assert (tmp_path / "elsewhere.db").exists()
    assert not (ended.folder / "gradebook.db").exists()


def test_time_of_a_push_decides_whether_it_is_late(command: Command, tmp_path: Path) -> None:
    """What the list of pushes says is what the policy for late work looks at."""
    lines = [f"{name},{'a' * 40},2026-12-0{day}T12:00:00Z" for day, name in enumerate(("anna", "bert", "cleo"), 1)]
    (tmp_path / "pushes.csv").write_text("\n".join(["student,commit,pushed_at", *lines]))
    with open_gradebook(tmp_path / "class-grades") as book:
        book.set_late_policy(msgspec.convert({"due": "2026-12-01T12:00:00Z", "percent_per_day": 10}, LatePolicy))
    found = rows(command(Canned(), "--pushes", tmp_path / "pushes.csv").folder)
    assert [found[name]["late_percent"] for name in ("anna", "bert", "cleo")] == ["0", "10", "20"]


def test_who_is_not_in_the_list_of_pushes_is_named(command: Command, tmp_path: Path) -> None:
    """A submission of which no push is known is not graded, and the others are."""
    (tmp_path / "pushes.csv").write_text(f"student,commit,pushed_at\nanna,{'a' * 40},2026-12-01T12:00:00Z")
    ended = command(Canned(), "--pushes", tmp_path / "pushes.csv")
    assert "1 graded" in ended.out
    assert "unreadable: bert" in ended.out


def test_run_stands_in_the_audit_trail(command: Command) -> None:
    """Each run notes what it did, and over whom it failed."""
    ended = command(Canned(dying="bert"))
    with open_gradebook(ended.folder) as book:
        *_, (_, _, action, _, details) = book.audit()
    assert (action, details["graded"], details["failed"]) == ("grade-class", 2, {"bert": "3 processes died over it"})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--roster", "no.csv"), "no.csv cannot be read"),
        (("--pushes", "no.csv"), "no.csv cannot be read"),
        (("--isolation", "glass"), "there is no level 'glass'; choose one of"),
        (("--gradebook", "nosql://here"), "Install the database's driver"),
        (("--out", "/dev/null/grades"), "/dev/null is a file"),
        (("--jobs", "0"), "0 is not in the range"),
    ],
)
def test_wrong_use_is_named_before_anything_is_graded(command: Command, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be used is told in a sentence, with status 2."""
    ended = command(None, *arguments)
    assert (ended.status, said in ended.err, ended.out) == (2, True, "")


def test_better_level_that_does_not_work_is_told(command: Command) -> None:
    """Whoever grades a class knows how well it is walled in, and why not better."""
    assert "grader: not isolated by glass: it breaks\n" in command(Canned()).err


def test_level_is_chosen_once_and_never_the_one_without_walls(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody is graded on the best level that works; only who asks for 'process' by name has no walls."""
    asked: list[str | None] = []
    submit = Canned.submit

    def listening(self: Canned, task: Task) -> Future[Worked]:
        asked.append(task.isolation)
        return submit(self, task)

    monkeypatch.setattr(Canned, "submit", listening)
    command(Canned())
    command(Canned(), "--isolation", "process", "--out", tmp_path / "elsewhere")
    assert asked == [LEVELS[0].name] * 3 + ["process"] * 3


def test_cluster_is_asked_where_one_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --dask no process of this machine grades; without Dask it is said what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    ended = command(None, "--dask", "tcp://127.0.0.1:8786")
    assert (ended.status, "pip install 'session-grader[dask]'" in ended.err) == (2, True)


# --- progress ---------------------------------------------------------------------------------------------------------


def test_log_gets_a_line_every_few_seconds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody is watching, lines say how many are done, how fast, how many failed, and how long the rest takes."""
    now = [0.0]
    monkeypatch.setattr("grader.course.progress.time.monotonic", lambda: now[0])
    with progress.telling(10) as told:
        told(Tally(["anna"]))
        now[0] = 6.0
        told(Tally(["anna", "bert"], ["cleo"], failed={"dora": "3 processes died"}))
        told(Tally(["anna", "bert", "eve"], ["cleo"], failed={"dora": "3 processes died"}))
    assert capsys.readouterr().err == "4 of 10 done, 0.5 a second, 1 failed, 12 s left\n"


def test_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a person is watching, a bar says the same."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with progress.telling(10) as told:
        told(Tally(["anna", "bert"]))
    assert "2/10" in capsys.readouterr().err
