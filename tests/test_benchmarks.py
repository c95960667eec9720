"""The benchmark runs, and the README shows a table of its making. How fast anything is, is not tested."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from repository import ROOT, read

from conftest import LEVEL_NAMES

MARKED = re.compile("<!-- benchmark:begin -->\n(.*)<!-- benchmark:end -->", re.DOTALL)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
COMMANDS = (
    "`grader grade`, a fresh process",
    "each further submission, same observer",
    "plain pytest, three checks, no walls",
)


def table(text: str) -> list[list[str]]:
    """Return the rows of the Markdown table in ``text``, its head first."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if not row[0].startswith("---")]


@pytest.fixture(scope="module")
def printed() -> list[list[str]]:
    """Return the table that one round prints."""
    command = [sys.executable, "-m", "tests.benchmarks.submission", "--rounds", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return table(done.stdout)


@pytest.mark.slow
def test_every_command_has_its_wall_time_and_memory(printed: list[list[str]]) -> None:
    """Each way of grading gets a wall time and a peak of memory; CPU time takes the right to make a control group."""
    found = {row[0]: row for row in printed}
    assert all(found[command][1] and found[command][3] for command in COMMANDS)


@pytest.mark.slow
def test_every_number_is_positive(printed: list[list[str]]) -> None:
    """Every number of the table is above zero."""
    numbers = [float(number) for _, *cells in printed[1:] for cell in cells for number in NUMBER.findall(cell)]
    assert min(numbers) > 0


@pytest.mark.slow
def test_the_readme_shows_the_columns_of_the_program(printed: list[list[str]]) -> None:
    """The table in the README has the columns that the program prints."""
    marked = MARKED.search(read("README.md"))
    assert marked, "README.md has no place for the benchmark"
    shown = table(marked[1])
    assert shown[:1] == printed[:1], "repair: python -m tests.benchmarks.submission --write"


@pytest.mark.slow
def test_isolation_has_a_row_for_each_level() -> None:
    """The benchmark of isolation measures each level of this machine beside a plain fork."""
    command = [sys.executable, "-m", "tests.benchmarks.isolation", "--rounds", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    rows = [row[0].strip("`") for row in table(done.stdout)]
    assert [row for row in rows if row in LEVEL_NAMES] == LEVEL_NAMES * 2
