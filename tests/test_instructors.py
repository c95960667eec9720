"""The guide for instructors: its commands are ours, its figures add up, and its steps are those of the workflow."""

from __future__ import annotations

import re
import shlex
from math import ceil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from repository import blocks, prose, read

from grader import limits
from grader.cli import app
from grader.github.last import RENEWED

GUIDE, WORKFLOW, PUBLISH = (
    f".github/{name}" for name in ("INSTRUCTORS.md", "workflows/grade-class.yml", "workflows/publish-template.yml")
)
SET_UP, FIND, OBSERVE, JUDGE, RETURN = (
    float(seconds) for seconds in re.findall(r"^\| .* \| ([\d.]+) \| .* \|$", read(GUIDE), re.MULTILINE)[:5]
)
RUNS = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \u00d7 (\d+) \| (\d+) \| (\d+) \|$", read(GUIDE), re.MULTILINE)


def ours() -> list[list[str]]:
    """Return the commands of ours that the guide shows, as words, those of ``decisions.sh`` as well."""
    lines = [line for block in blocks(GUIDE, "console", "text") for line in block.text.splitlines()]
    words = [shlex.split(line) for line in lines if line.removeprefix(".venv/bin/").startswith("grader ")]
    return [["DIR" if word == "$1" else word for word in line[1:]] for line in words]


def find(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that words name, and what is left for it."""
    command: click.Command = app
    while isinstance(command, click.Group):
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("words", ours(), ids=" ".join)
def test_commands_are_understood(words: list[str]) -> None:
    """Each command of ours has the options that the guide gives it, and lacks none that it needs."""
    command, given = find(words)
    command.make_context(words[0], given)


def test_template_is_made_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first command of the guide makes the template."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ours()[0], catch_exceptions=False)
    assert done.exit_code == 0
    assert (tmp_path / "course-template" / ".github" / "workflows" / "self-check.yml").is_file()


@pytest.mark.parametrize("row", RUNS, ids=lambda row: row[0])
def test_minutes_add_up(row: tuple[str, ...]) -> None:
    """The table of minutes follows from the seconds above it, each job rounded up."""
    students, *told = map(int, row)
    jobs = ceil(students / limits.SHARD_SUBMISSIONS)
    seconds = (SET_UP + FIND * students, SET_UP + OBSERVE * ceil(students / jobs), SET_UP + (JUDGE + RETURN) * students)
    find_, each, judge = (ceil(taken / 60) for taken in seconds)
    assert told == [find_, jobs, each, judge, find_ + jobs * each + judge]


def test_minutes_are_told_for_three_sizes() -> None:
    """A seminar, a course and a whole year are there, and a job ends before its limit of time."""
    assert [int(row[0]) for row in RUNS] == [30, 300, 3000]
    most = [int(minutes) for minutes in re.findall(r"timeout-minutes: (\d+)", read(WORKFLOW))]
    find_, _, each, judge = (int(number) for number in RUNS[-1][1:5])
    assert [find_ * 2 < most[0], each * 2 < most[1], judge * 2 < most[2]] == [True, True, True]


def test_settings_of_the_workflow_are_told() -> None:
    """Every variable and secret that the workflows read stands in the guide."""
    names = set(re.findall(r"(?:vars|secrets)\.(\w+)", read(WORKFLOW) + read(PUBLISH)))
    assert {name for name in names if name not in read(GUIDE)} == {"GRADER_AUTHOR"}


def test_days_are_those_of_the_code() -> None:
    """How long a gradebook is kept, and when it is kept anew, is what workflow and code say."""
    assert f"keeps for {re.findall('retention-days: (.*)', read(WORKFLOW))[-1]} days" in " ".join(prose(GUIDE).split())
    assert f"finds it {RENEWED.days} days old" in " ".join(prose(GUIDE).split())
