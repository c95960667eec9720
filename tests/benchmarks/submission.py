"""Measures what grading one submission costs, beside ways that watch nothing, and prints a table.

The reference solution is graded side by side, in turns, so that a busy machine slows all of them alike:

- by ``grader grade`` in a fresh process;
- by one observer, ten times after the first: what each further submission of a class costs;
- by plain pytest with pytest-json-report: three trivial checks in the student's own process, no walls (``plain/``);
- with --nbgrader, by ``nbgrader autograde``: the same three checks as cells of a notebook.

Wall time is that of the whole command. Processor time and memory are those of the whole family of processes:
``family.py`` says how. All of it runs on a copy of the repository with its byte code compiled, as an installed package
has it.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from . import notebook, warm
from .family import Program, cost, peak_memory, python

ROOT = Path(__file__).resolve().parents[2]
BETWEEN = re.compile("(<!-- benchmark:begin -->\n).*(<!-- benchmark:end -->)", re.DOTALL)
HERE = Path("tests/benchmarks")
NEEDED = (Path("grader"), Path("assignment"), Path("starter"), HERE)
TIMES = 10
MEGABYTE = 1e6

COLD, WARM, PLAIN, NBGRADER = (
    "`grader grade`, a fresh process",
    "each further submission, same observer",
    "plain pytest, three checks, no walls",
    "`nbgrader autograde`, three test cells",
)
OF_THAT = {role: f"… of that, {role}" for role in warm.ROLES}
COLUMNS = ("", "wall, s", "CPU, s", "peak memory, MB", "wall ÷ plain", "CPU ÷ plain")


@dataclass
class Row:
    """What was measured of one way of grading: seconds, seconds, bytes; empty where something cannot be known."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


Table = dict[str, Row]


# --- measuring --------------------------------------------------------------------------------------------------------


def measured(copy: Path, rounds: int, venv: Path | None) -> Table:
    """Return a row for each way, after so many rounds in which each had its turn."""
    programs = dict(_programs(copy, venv))
    table = {name: Row() for name in (COLD, WARM, *OF_THAT.values(), *(name for name in programs if name != COLD))}
    for done in range(rounds):
        _tell(f"round {done + 1} of {rounds}")
        for name, program in programs.items():
            _measure_once(table[name], program)
        _measure_often(table, copy)
    return table


def _programs(copy: Path, venv: Path | None) -> Iterator[tuple[str, Program]]:
    yield COLD, Program(python("grader", "grade", "assignment/solution"), copy)
    checks = copy / HERE / "plain/plain_checks.py"
    lean = ("--disable-plugin-autoload", "-p", "pytest_jsonreport.plugin", "--json-report")
    yield PLAIN, Program(python("pytest", "-c", str(checks.with_name("pytest.ini")), *lean, str(checks)), copy)
    if venv is not None:
        yield NBGRADER, notebook.autograde(venv, copy / "course", copy / "assignment/solution", checks)


def _measure_once(row: Row, program: Program) -> None:
    """Run a program twice: for its times, then for its memory."""
    wall, cpu = cost(program)
    row.wall.append(wall)
    row.cpu += [] if cpu is None else [cpu]
    row.memory.append(peak_memory(program))


def _measure_often(table: Table, copy: Path) -> None:
    """Let one observer grade again and again for the times, and again for the memory."""
    written = copy / "warm.json"
    with _warm(copy, TIMES, written).started():
        pass
    for seconds in json.loads(written.read_text()):
        table[WARM].wall.append(seconds.pop("wall"))
        table[WARM].cpu += [sum(seconds.values())] if seconds.keys() == OF_THAT.keys() else []
        for role, spent in seconds.items():
            table[OF_THAT[role]].cpu.append(spent)
    table[WARM].memory.append(peak_memory(_warm(copy, 1, written)))


def _warm(copy: Path, times: int, written: Path) -> Program:
    return Program(python("tests.benchmarks.warm", str(times), str(written)), copy)


# --- the table --------------------------------------------------------------------------------------------------------


def lines(table: Table) -> Iterator[str]:
    """Yield the lines of the Markdown table."""
    yield _line(COLUMNS)
    yield _line(["---", *["--:"] * (len(COLUMNS) - 1)])
    plain = table[PLAIN]
    for name, row in table.items():
        megabytes = [memory / MEGABYTE for memory in row.memory]
        spreads = [_spread(row.wall, 2), _spread(row.cpu, 2), _spread(megabytes, 0)]
        ratios = [_ratio(row.wall, plain.wall), _ratio(row.cpu, plain.cpu)]
        yield _line([name, *spreads, *ratios])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _spread(values: list[float], digits: int) -> str:
    """Return the median, and how far the values lie apart."""
    if not values:
        return ""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _ratio(values: list[float], plain: list[float]) -> str:
    return f"{statistics.median(values) / statistics.median(plain):.2f}" if values and plain else ""


def surroundings(rounds: int, busy: float, venv: Path | None) -> str:
    """Return what was measured where, and how to do it again; ``busy`` is the load that the machine had before."""
    here = [f"{os.cpu_count()} cores", platform.machine(), f"Python {platform.python_version()}"]
    here += [f"{name} {version(name.lower())}" for name in ("SQLAlchemy", "pytest")]
    here += [] if venv is None else [notebook.installed(venv)]
    again = "python -m tests.benchmarks.submission --write" + ("" if venv is None else " --nbgrader VENV")
    return (
        f"Median (smallest to largest) of {rounds} rounds, in turns; the whole family of processes is counted. "
        f"{', '.join(here)}; load before: {busy:.1f}. Again: `{again}`."
    )


def write(text: str) -> None:
    """Put the table into the README; exits with the repair if there is no place for it."""
    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    if not BETWEEN.search(old):
        sys.exit("README.md: no place for the table; add the lines <!-- benchmark:begin --> and <!-- benchmark:end -->")
    readme.write_text(BETWEEN.sub(lambda found: f"{found[1]}{text}\n{found[2]}", old), encoding="utf-8")


# --- the command ------------------------------------------------------------------------------------------------------


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.benchmarks.submission",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=_positive, default=10, help="turns of each way (10)")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument(
        "--nbgrader",
        type=Path,
        metavar="VENV",
        help="also measure nbgrader, installed in this virtual environment: "
        "python -m venv VENV && VENV/bin/pip install 'nbgrader>=0.9.6,<0.10' sqlalchemy pytest",
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least one round is needed")
    return int(text)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Measure, print and, where asked for, write."""
    given = _arguments()
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        copy = Path(folder)
        for part in NEEDED:
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(copy, quiet=1)
        table = measured(copy, given.rounds, given.nbgrader)
    text = "\n".join([*lines(table), "", surroundings(given.rounds, busy, given.nbgrader)])
    sys.stdout.write(f"{text}\n")
    if not table[COLD].cpu:
        _tell("no CPU times: a control group takes root; run it with sudo")
    if given.write:
        write(text)


if __name__ == "__main__":
    main()
