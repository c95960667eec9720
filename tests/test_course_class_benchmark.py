"""The benchmark of whole classes runs, and what it grades is no copy of anything. How fast it is, is not tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.classes import COLUMNS, made_class
from repository import ROOT

from grader.observe.submission import take_in


@pytest.mark.slow
def test_no_two_of_a_class_are_alike(tmp_path: Path) -> None:
    """Right, wrong and hostile submissions are mixed, and each has a digest of its own."""
    made_class(tmp_path, 100)
    folders = sorted(tmp_path.iterdir())
    assert len({take_in(folder).digest for folder in folders}) == len(folders) == 100
    assert {folder.name.rstrip("0123456789") for folder in folders} == {"right", "wrong", "hostile"}


@pytest.mark.slow
def test_benchmark_prints_a_row_for_each_size() -> None:
    """A class of one is measured, judged again, and compared with what its submission gets by itself."""
    command = [sys.executable, "-m", "tests.benchmarks.classes", "--sizes", "1", "--jobs", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    head, _, row, *_ = ([cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines())
    assert tuple(head) == COLUMNS
    assert (row[0], row[-1]) == ("1", "0 of 1")
    seconds, memory = row[1], row[3]
    assert min(float(seconds), float(memory)) > 0
