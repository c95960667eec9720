"""The guide to a class on one's own machine: each of its commands runs, in its order, and prints what it says."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from course_samples import postgresql
from repository import ROOT, Block, blocks, read

from grader import __main__ as program
from grader import flow

GUIDE = ".github/CLASS.md"
CLASS = {"alice": "assignment/solution", "bob": "tests/submissions/rejected/commit_per_row", "cleo": "starter"}
DATABASE = "postgresql+psycopg://grader@db.example.edu/sessions"
OF_A_CLUSTER = "--dask"  # it has tests of its own, on a real cluster
FILE = re.compile(r"`(\w+\.csv)`[^`]*\n\n```text\n(.*?)```", re.DOTALL)
ANYTHING = "…"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the class and the tables of the guide; it is the current one, and ms.lee's."""
    for student, source in CLASS.items():
        shutil.copytree(ROOT / source, tmp_path / "submissions" / student)
    for name, text in FILE.findall(read(GUIDE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "ms.lee")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv(flow.SECRET_VARIABLE, "")
    return tmp_path


@pytest.fixture
def database() -> Iterator[str]:
    """Return the URL of an empty database of a PostgreSQL of our own."""
    with postgresql() as new:
        yield new()


def run(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a line of the guide says; a command of ours has to end well."""
    if words[0] == "export":
        name, _, value = words[1].partition("=")
        monkeypatch.setenv(name, value)
        return
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ending:
        program.main()
    assert not ending.value.code, words


def lines(text: str) -> list[str]:
    """Return the lines of a text without the blanks at their ends, and without empty ones."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def shows(shown: str, printed: str) -> bool:
    """Tell whether this was printed; a line of three dots stands for any lines."""
    expected = [".*" if line == ANYTHING else re.escape(line) for line in lines(shown)]
    return re.fullmatch(r"\n".join(expected), "\n".join(lines(printed)), re.DOTALL) is not None


def steps() -> list[tuple[list[list[str]], Block | None]]:
    """Return the commands of each piece of the guide, with what they print where the next piece says it."""
    pieces = [block for block in blocks(GUIDE, "console", "text") if not is_file(block)]
    following = [*pieces[1:], None]
    return [
        (list(map(shlex.split, lines(block.text))), after if after is not None and after.language == "text" else None)
        for block, after in zip(pieces, following, strict=True)
        if block.language == "console"
    ]


def is_file(block: Block) -> bool:
    """Tell whether a piece is a file, or the folder of the submissions, and no output."""
    return block.text.startswith("submissions/") or block.text in {text for _, text in FILE.findall(read(GUIDE))}


@pytest.mark.slow
def test_guide_runs_from_top_to_bottom(
    place: Path, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands lead from folders to tables, and print what the guide shows."""
    compared = 0
    for commands, shown in steps():
        for words in commands:
            if OF_A_CLUSTER not in words:
                run([database if word == DATABASE else word for word in words], monkeypatch)
        printed = capsys.readouterr().out
        if shown is not None:
            assert shows(shown.text, printed), printed
            compared += 1
    assert compared == len([block for block in blocks(GUIDE, "text") if not is_file(block)])
    made = ("upload.csv", "worksheet_filled.csv", "classroom.csv", "criteria.csv", "scores.csv", "scores.jsonl")
    assert [name for name in made if not (place / name).is_file()] == []
    assert '"Brown, Bob","52","1002","bbrown","Lab 1",78' in (place / "upload.csv").read_text(encoding="utf-8-sig")


def test_guide_names_what_is_kept() -> None:
    """The files that the table names are those that a class has."""
    assert {"gradebook.db", "class.html", "grades.csv"} <= set(
        re.findall(r"^\| `([\w.]+)` \|", read(GUIDE), re.MULTILINE)
    )
