"""SQLAlchemy's own test suite for dialects, run natively and over the wire."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

FOLDER = Path(__file__).parent / "dialect"
ENOUGH = 1_000  # passing tests: a broken set-up would compare two empty runs


def start(folder: Path, *plugins: str) -> subprocess.Popen[bytes]:
    """Start the suite in an empty folder."""
    folder.mkdir()
    paths = ["-c", str(FOLDER / "setup.cfg"), "--rootdir", str(FOLDER), str(FOLDER / "suite.py")]
    options = ["-q", "--db", "file", "--junitxml", "results.xml", *(f"-p{plugin}" for plugin in plugins)]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *paths, *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{FOLDER}{os.pathsep}{FOLDER.parents[1]}"},
        stdout=subprocess.DEVNULL,
    )


def results(folder: Path) -> dict[tuple[str, str], str]:
    """Return the outcome of each test, in a word."""
    cases = ET.parse(folder / "results.xml").iter("testcase")  # noqa: S314  # pytest wrote it just now
    return {(case.attrib["classname"], case.attrib["name"]): _outcome(case) for case in cases}


def _outcome(case: ET.Element) -> str:
    kinds = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
    return kinds[0] if kinds else "passed"


@pytest.mark.slow
def test_dialect_suite_comes_out_the_same(tmp_path: Path) -> None:
    """Every test of the suite has the same outcome over the wire as natively."""
    native, wire = tmp_path / "native", tmp_path / "wire"
    runs = [start(native), start(wire, "over_the_wire")]
    for run in runs:
        run.wait(300)
    assert results(wire) == results(native)
    assert list(results(wire).values()).count("passed") > ENOUGH
