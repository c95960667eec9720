"""The command line: what each command does, says and ends with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

import grader
from conftest import ordinary_user
from grader import __main__ as program
from grader import cli, content, flow
from grader.content import SOLUTION, STARTER, Content, find_content
from grader.observe.observer import Observer
from grader.observe.sandbox.levels import LEVELS
from grader.observe.sandbox.students import SandboxFailed

Build = Callable[..., Path]
REPOSITORY = Path(__file__).resolve().parents[1]
REFERENCE = str(find_content().root / SOLUTION)
NAMES = "choose one of bubblewrap, bubblewrap-shared, landlock, process"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command line, as a function of its arguments."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
        with pytest.raises(SystemExit) as ending:
            program.main()
        status = ending.value.code
        assert status is None or isinstance(status, int)
        return Ended(status or 0, *capsys.readouterr())

    return run


@pytest.fixture
def command(real: Command, walled_observer: Observer, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return the same, with the shared observer in place of one of its own."""
    monkeypatch.setattr(flow, "observer", lambda _: nullcontext(walled_observer))
    return real


# --- grade ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "least", "status"),
    [(SOLUTION, 100, 0), (SOLUTION, 101, 1), (STARTER, None, 0), (STARTER, 1, 1)],
)
def test_status_tells_of_the_least_score_only(command: Command, folder: str, least: int | None, status: int) -> None:
    """A graded submission ends with 0 whatever its score, with 1 below what --fail-under asks for."""
    asked = () if least is None else ("--fail-under", least)
    assert command("grade", find_content().root / folder, *asked).status == status


def test_grade_prints_score_and_isolation(command: Command) -> None:
    """The result is printed on standard output, and nothing on standard error."""
    done = command("grade", REFERENCE)
    assert "solution: 100 of 100 points" in done.out
    assert "isolation: bubblewrap" in done.out
    assert done.err == ""


def test_grade_writes_nothing_without_a_place(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without --out no file is written, in the current folder or in the submission."""
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(REFERENCE, tmp_path / "alice"))
    before = sorted(tmp_path.rglob("*"))
    command("grade", folder)
    assert sorted(tmp_path.rglob("*")) == before


def test_grade_writes_its_reports(command: Command, tmp_path: Path) -> None:
    """With --out the reports are in that folder, made with its parents, and are named."""
    out = tmp_path / "grades" / "alice"
    done = command("grade", REFERENCE, "--out", out)
    assert sorted(path.name for path in out.iterdir()) == sorted(cli.REPORTS)
    assert all(str(out / name) in done.out for name in cli.REPORTS)
    assert json.loads((out / "report.json").read_text())["grade"]["score"] == 100


def test_grade_replaces_older_reports(command: Command, tmp_path: Path) -> None:
    """Reports of an earlier grading are replaced, other files in the folder are left."""
    for name in ("report.json", "report.md", "notes.txt"):
        (tmp_path / name).write_text("old")
    command("grade", REFERENCE, "--out", tmp_path)
    assert [(tmp_path / name).read_text() == "old" for name in ("report.json", "report.md", "notes.txt")] == [
        *(False, False, True)
    ]


def test_grade_is_the_same_twice(command: Command, tmp_path: Path) -> None:
    """The same submission is given the same grade, byte for byte."""
    for name in ("one", "two"):
        command("grade", REFERENCE, "--out", tmp_path / name)
    one, two = (json.loads((tmp_path / name / "report.json").read_text())["grade"] for name in ("one", "two"))
    assert json.dumps(one) == json.dumps(two)


def test_home_is_understood(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A path that begins with the sign for the home folder is that folder's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(tmp_path / "alice") in command("grade", "~/alice").err


def test_failing_check_withholds_the_grade(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A fault of the grader's own gives no zero: status 3, the grade is withheld, and the traceback is told."""

    def broken(*_: object) -> int:
        return 1 // 0

    monkeypatch.setattr("grader.judge.checks.check_commit.given", broken)
    done = command("grade", REFERENCE, "--out", tmp_path, "--fail-under", 1)
    grade = json.loads((tmp_path / "report.json").read_text())["grade"]
    assert (done.status, grade["status"]) == (3, "withheld")
    assert "ZeroDivisionError" in done.err
    assert "ZeroDivisionError" not in (tmp_path / "report.md").read_text()


def test_unforeseen_fault_is_the_graders(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in the grader ends with 3, never with a status that speaks of the score."""

    def broken(_: object) -> None:
        raise LookupError("out of order")

    monkeypatch.setattr(flow, "judged", broken)
    done = command("grade", REFERENCE)
    assert (done.status, "out of order" in done.err, "withheld" in done.err) == (3, True, True)


def test_sandbox_that_fails_withholds_the_grade(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the sandbox dies, nobody is graded: status 3, a sentence in place of a traceback, and the doctor's name."""

    def dying(_: object) -> None:
        raise SandboxFailed("the student sandbox died")

    monkeypatch.setattr(flow, "judged", dying)
    done = command("grade", REFERENCE)
    assert (done.status, "grader doctor" in done.err, "Traceback" in done.err) == (3, True, False)


def test_interrupt_ends_with_its_status(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with the status of an interrupted program, and a sentence in place of a traceback."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(flow, "judged", interrupted)
    done = command("grade", REFERENCE)
    assert (done.status, done.err.strip()) == (130, "grader: interrupted; nothing was written")


def test_reader_that_goes_away_costs_no_report(tmp_path: Path) -> None:
    """Where nobody reads what is printed, as with ``| head``, the reports are written all the same."""
    arguments = ["grade", REFERENCE, "--isolation", "process", "--out", str(tmp_path)]
    with subprocess.Popen([sys.executable, "-m", "grader", *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE) as done:
        assert done.stdout is not None
        done.stdout.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(cli.REPORTS)


# --- wrong use --------------------------------------------------------------------------------------------------------


def refused(done: Ended, *words: str) -> bool:
    """Tell whether a command was refused as wrong use, with a message that has these words and no traceback."""
    return done.status == 2 and all(word in done.err for word in words) and "Traceback" not in done.err


@pytest.mark.parametrize("name", ["grade", "timeline"])
def test_folder_that_is_none_is_wrong_use(real: Command, tmp_path: Path, name: str) -> None:
    """A folder that is missing, empty or a file ends with 2 and one sentence."""
    (tmp_path / "file").write_text("")
    assert refused(real(name, tmp_path / "bob"), "grader: there is no folder")
    assert refused(real(name, tmp_path / "file"), "is a file")
    assert refused(real(name, tmp_path), "holds neither")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("grade",), "SUBMISSION"),
        (("grade", REFERENCE, "--fail-under", "many"), "many"),
        (("grade", REFERENCE, "--points"), "--points"),
        (("grade", REFERENCE, "another"), "another"),
        (("praise", REFERENCE), "praise"),
        (("grade", REFERENCE, "--isolation", "docker"), NAMES),
        (("timeline", REFERENCE, "--isolation", "docker"), NAMES),
        (("check", "--isolation", "docker"), NAMES),
    ],
)
def test_wrong_arguments_are_wrong_use(real: Command, arguments: tuple[str, ...], word: str) -> None:
    """An argument that is missing, unknown or of the wrong kind ends with 2, and is named."""
    assert refused(real(*arguments), word)


@pytest.mark.parametrize("name", cli.REPORTS)
def test_folder_where_a_report_belongs_is_wrong_use(real: Command, tmp_path: Path, name: str) -> None:
    """A folder in the place of a report is found before the work begins."""
    (tmp_path / name).mkdir()
    assert refused(real("grade", REFERENCE, "--out", tmp_path), "is a folder where a report belongs")


def test_file_in_place_of_the_reports_is_wrong_use(real: Command, tmp_path: Path) -> None:
    """A file where the folder should be is found before the work begins."""
    (tmp_path / "out").write_text("mine")
    assert refused(real("grade", REFERENCE, "--out", tmp_path / "out"), "is a file", "--out DIR")
    assert (tmp_path / "out").read_text() == "mine"


def test_unwritable_place_is_wrong_use(real: Command, private: Path) -> None:
    """A folder that may not be written to is found before the work begins, with the command that opens it."""
    private.chmod(0o500)
    with ordinary_user():
        done = real("grade", REFERENCE, "--out", private)
    assert refused(done, f"chmod u+rwx {private}")


def test_place_without_room_is_wrong_use(tmp_path: Path) -> None:
    """Where no report could be written to its end, that is found before the work begins."""
    limited = "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))\n"
    limited += f"sys.argv[1:] = ['grade', {REFERENCE!r}, '--out', {str(tmp_path)!r}]\n"
    limited += "from grader.__main__ import main\nmain()\n"
    done = subprocess.run(
        [sys.executable, "-B", "-c", limited], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert refused(Ended(done.returncode, done.stdout, done.stderr), "reports cannot be written", "--out DIR")
    assert list(tmp_path.iterdir()) == []


# --- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(cli.app.commands))
def test_help_of_a_command_names_every_option(real: Command, name: str) -> None:
    """Each argument and option of a command stands in its help, with a sentence."""
    done = real(name, "--help")
    assert done.status == 0
    for parameter in cli.app.commands[name].params:
        shown = max(parameter.opts, key=len) if isinstance(parameter, click.Option) else parameter.human_readable_name
        assert shown in done.out
        assert not isinstance(parameter, click.Option) or parameter.help


def test_help_names_every_command_and_status(real: Command) -> None:
    """The help tells of each command, and what the exit statuses mean."""
    done = real("--help")
    assert all(name in done.out for name in cli.app.commands)
    assert all(f"{status} " in done.out for status in (0, 1, 2, 3))


def test_version_is_told(real: Command) -> None:
    """The version is that of the package."""
    assert real("--version").out == f"grader {grader.__version__}\n"


# --- timeline ---------------------------------------------------------------------------------------------------------


def test_timeline_shows_what_reached_the_database(command: Command) -> None:
    """The timeline of good work has transactions, statements, commits and rollbacks."""
    done = command("timeline", REFERENCE)
    assert done.status == 0
    assert all(word in done.out for word in ("BEGIN", "INSERT", "COMMIT", "ROLLBACK", "expire_all", "refresh"))


def test_timeline_shows_the_runs_that_are_asked_for(command: Command) -> None:
    """With --run only those runs are shown, in that order."""
    done = command("timeline", REFERENCE, "--run", "preview", "--run", "add.nothing")
    assert done.out.index("preview") < done.out.index("add.nothing")
    assert "failed_commit" not in done.out


def test_timeline_shows_the_pool_on_demand(command: Command) -> None:
    """With --details connections taken from the pool and given back are shown as well."""
    plain, detailed = (command("timeline", REFERENCE, "--run", "preview", *more).out for more in ((), ("--details",)))
    assert len(detailed.splitlines()) > len(plain.splitlines())


def test_timeline_of_an_unknown_run_names_the_known_ones(command: Command) -> None:
    """A run that does not exist is wrong use, and those that exist are told."""
    assert refused(command("timeline", REFERENCE, "--run", "nothing"), "--run", "failed.id_taken.1")


# --- check and doctor -------------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the content, which the referee takes for the content."""
    root = find_content().root
    for name in ("assignment", "starter"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(content, "find_content", lambda: Content(tmp_path))
    return tmp_path


def test_content_holds(command: Command) -> None:
    """The content as it is passes: the solution earns everything and the starter nothing."""
    done = command("check")
    assert (done.status, done.err) == (0, "")
    assert "the solution earns 100, the starter 0" in done.out


def test_fault_in_a_document_is_found(command: Command, copied: Path) -> None:
    """A handout that does not agree with the rubric fails, with the command that repairs it, and that command does."""
    handout = copied / "assignment" / "README.md"
    handout.write_text(handout.read_text().replace("<!-- points:begin -->\n", "<!-- points:begin -->\n| x |\n"))
    done = command("check")
    assert (done.status, "grader check --fix" in done.err) == (1, True)
    repaired = command("check", "--fix")
    assert (repaired.status, "was rewritten" in repaired.out) == (0, True)


def test_solution_that_loses_points_is_found(command: Command, copied: Path) -> None:
    """A solution that no longer does what is asked for fails, with the criterion and what was seen."""
    script = copied / SOLUTION / "transaction_script.py"
    script.write_text(script.read_text().replace("        session.expire_all()\n", ""))
    done = command("check")
    assert (done.status, "reload.expire_all is not met" in done.err) == (1, True)


def test_starter_that_solves_a_task_is_found(command: Command, copied: Path) -> None:
    """A starter that earns points fails."""
    (copied / STARTER / "models.py").write_text(
        '"""TODO 1: the table."""\n'
        "from sqlalchemy import Column, Integer, Numeric, Text\n"
        "from sqlalchemy.orm import declarative_base\n"
        "Base = declarative_base()\n"
        "Product = type('Product', (Base,), dict(__tablename__='products', id=Column(Integer, primary_key=True),\n"
        "    name=Column(Text, nullable=False), price=Column(Numeric(9, 2), nullable=False)))\n"
    )
    done = command("check")
    assert (done.status, "starter: it earns 15 points, not 0" in done.err) == (1, True)


def test_doctor_names_every_level(real: Command) -> None:
    """The doctor says of each level whether it works here, what it is, and which one is used."""
    done = real("doctor")
    assert done.status == 0
    assert all(f"✓ {level.name}: {level.about}\n" in done.out for level in LEVELS)
    assert done.out.endswith("grader grade uses: bubblewrap\n")


# --- before anything else ---------------------------------------------------------------------------------------------


def test_old_python_is_told_what_to_do(real: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that is too old is told the command that makes an environment of a newer one."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    assert refused(real("--version"), "this is Python 3.10", "python3.11 -m venv .venv")


def test_missing_package_is_told_with_its_repair(real: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not installed is named, with the command that installs all of them into this Python."""
    monkeypatch.setattr(program, "NEEDED", ("msgspec", "nowhere_to_be_found"))
    assert refused(real("--version"), "not installed: nowhere_to_be_found;", f"{sys.executable} -m pip install -e .")


def test_grader_runs_as_a_module(tmp_path: Path) -> None:
    """``python -m grader`` is the command line, and imports nothing of the folder in which it is started."""
    for name in ("models.py", "click.py", "rich.py", "pytest.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the current folder')\n")
    command = [sys.executable, "-P", "-m", "grader", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stdout) == (0, f"grader {grader.__version__}\n")
