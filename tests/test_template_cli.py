"""The commands ``grader template`` and ``grader grade --for``: what they write, say and end with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from msgspec import Struct
from nasty import NASTY, obeyed, unharmed
from platforms import conforms, notices
from test_platforms import ENVIRONMENT

from grader import __main__ as program
from grader import flow
from grader.content import SOLUTION, find_content
from grader.observe.observer import Observer
from grader.outputs.platforms import PLATFORMS

ADA = "Ada Lovelace <ada@example.org>"


class Ended(Struct, frozen=True):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def command(walled_observer: Observer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command line, with the shared observer in place of one of its own."""
    monkeypatch.setattr(flow, "observer", lambda _: nullcontext(walled_observer))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
        with pytest.raises(SystemExit) as ending:
            program.main()
        assert isinstance(ending.value.code, int | None)
        return Ended(ending.value.code or 0, *capsys.readouterr())

    return run


# --- template ---------------------------------------------------------------------------------------------------------


def test_template_is_written(command: Command, tmp_path: Path) -> None:
    """The command says which commit it has made, and how to push it."""
    done = command("template", tmp_path / "x", "--author", ADA)
    git = ["git", "-C", str(tmp_path / "x"), "log", "--format=%H %an %as"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split()
    assert (done.status, done.err) == (0, "")
    assert commit[1:] == ["Ada", "Lovelace", "2026-01-01"]
    assert commit[0] in done.out
    assert f"Next: git -C {tmp_path / 'x'} push URL main" in done.out


def test_day_of_the_commit_can_be_said(command: Command, tmp_path: Path) -> None:
    """A course may date its template."""
    command("template", tmp_path / "x", "--author", ADA, "--date", "2027-02-03")
    git = ["git", "-C", str(tmp_path / "x"), "log", "--format=%aI"]
    assert subprocess.run(git, capture_output=True, text=True, check=True).stdout == "2027-02-03T00:00:00+00:00\n"


@pytest.mark.parametrize(("bundle", "file"), [("--classroom50", "autograder.py"), ("--gradescope", "autograder.zip")])
def test_bundle_is_written(command: Command, tmp_path: Path, bundle: str, file: str) -> None:
    """With an option the bundle of a platform is written instead, and its README is named."""
    done = command("template", bundle, tmp_path / "x")
    assert (done.status, done.out) == (0, f"{tmp_path / 'x'}: see its README.md\n")
    assert (tmp_path / "x" / file).is_file()
    assert (tmp_path / "x" / "README.md").is_file()
    assert not (tmp_path / "x" / ".git").exists()


@pytest.mark.parametrize("arguments", [(), ("--classroom50",), ("--gradescope",)])
def test_folder_in_use_is_refused(command: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A folder that holds something ends with status 2, in one line with the repair."""
    (tmp_path / "mine.txt").write_text("mine")
    done = command("template", tmp_path, "--author", ADA, *arguments)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert done.err.endswith("name a new one: grader template DIR\n")


@pytest.mark.parametrize("text", [text for text in NASTY if len(text) < 5000 and "\0" not in text])
def test_nothing_is_obeyed_of_an_argument(command: Command, tmp_path: Path, text: str) -> None:
    """What is wrong in the arguments is quoted, and not obeyed."""
    for arguments in (("--author", text), ("--author", ADA, "--date", text)):
        done = command("template", tmp_path / "x", *arguments)
        assert done.status == 2
        assert unharmed(done.err)
        assert obeyed(done.err) == []


@pytest.mark.parametrize("bundle", ["--gradescope", "--classroom50"])
def test_nothing_is_obeyed_of_a_folders_name(command: Command, tmp_path: Path, bundle: str) -> None:
    """A folder with the name of a command is named, and not obeyed."""
    done = command("template", bundle, tmp_path / "x\n::error::y ##[group]z")
    assert done.status == 0
    assert unharmed(done.out)
    assert obeyed(done.out) == []


# --- grade --for ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLATFORMS)
def test_platform_gets_its_files_beside_the_reports(command: Command, tmp_path: Path, name: str) -> None:
    """What the platform reads lies in the folder of the reports, with the points that are printed."""
    done = command("grade", find_content().root / SOLUTION, "--out", tmp_path, "--for", name)
    assert done.status == 0, done.err
    assert (tmp_path / "report.json").is_file()
    assert points(tmp_path) == "100 of 100"


def points(folder: Path) -> str:
    """Return the points in whatever file of a platform there is."""
    if (folder / "results.json").is_file():
        results = json.loads((folder / "results.json").read_bytes())
        assert conforms(results, "gradescope-results") == []
        return f"{results['score']} of {sum(test['max_score'] for test in results['tests'])}"
    if (folder / "result.json").is_file():
        result = json.loads((folder / "result.json").read_bytes())
        assert conforms(result, "classroom50-result") == []
        return f"{result['score']} of {result['max-score']}"
    (line,) = (folder / "github-output.txt").read_text(encoding="utf-8").splitlines()
    return notices(line.removeprefix("result="))[0].rpartition(" ")[2].replace("/", " of ")


@pytest.mark.parametrize("name", PLATFORMS)
def test_platform_is_told_of_what_cannot_be_read(command: Command, tmp_path: Path, name: str) -> None:
    """A folder without anything to grade is wrong use here, and no points there."""
    (tmp_path / "alice").mkdir()
    done = command("grade", tmp_path / "alice", "--out", tmp_path / "out", "--for", name)
    assert done.status == 2
    assert points(tmp_path / "out") == "0 of 100"
    assert not (tmp_path / "out" / "report.json").exists()


def test_platform_needs_a_folder(command: Command) -> None:
    """Without --out there is no place for its files, which is said with the repair."""
    done = command("grade", "alice", "--for", "gradescope")
    assert done.status == 2
    assert "--for goes with --out: grader grade SUBMISSION --for gradescope --out DIR" in done.err


def test_environment_of_another_platform_is_wrong_use(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the platform has not said who is graded, nothing is written, and the variable is named."""
    monkeypatch.delenv("OWNER")
    done = command("grade", find_content().root / SOLUTION, "--out", tmp_path, "--for", "classroom50")
    assert done.status == 2
    assert done.err.startswith("grader: not set: OWNER;")
    assert list(tmp_path.iterdir()) == []
