"""Grades classes of growing size with ``grader grade-class``, and prints a table: seconds, memory, verdicts, regrading.

Nine of twenty members of a class hand in something right, nine something wrong (golden submissions and mutants), and
two something hostile. A comment with a number makes each of them distinct, so that none is graded as the copy of
another one. Every verdict of a sample is compared with what the same folder gets when it is graded by itself. Beside
that, one run of ``nbgrader autograde`` grades some notebooks with three test cells each, as everybody's laptop would.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader import flow
from grader.course.editions import current_edition
from grader.course.gradebook import open_gradebook
from grader.course.regrading import regrade
from grader.observe.submission import take_in
from grader.proof.mutants import Mutant, mutants
from grader.values import GradeReport

from . import notebook
from .family import Program, descendants, memory_of, python

ROOT = Path(__file__).resolve().parents[2]
BETWEEN = re.compile("(<!-- classes:begin -->\n).*(<!-- classes:end -->)", re.DOTALL)
SIZES = (10, 100, 300, 1000)
PATTERN = ("right", "wrong") * 9 + ("hostile",) * 2
GOLDEN = {"right": "accepted", "wrong": "rejected", "hostile": "hostile"}
SAMPLE = 40
"""How many of a class are graded once more, one by one."""
NOTEBOOKS = 5
SAMPLE_SECONDS = 0.2
COLUMNS = ("submissions", "seconds", "a second", "peak memory, MB", "regraded, s", "of grading", "other verdicts")


@dataclass(frozen=True)
class Row:
    """What was measured of a class: seconds and bytes, and how many verdicts differ from those one by one."""

    size: int
    seconds: float
    memory: int
    regraded: float
    other: tuple[str, ...]
    sample: int


# --- the class --------------------------------------------------------------------------------------------------------


def made_class(folder: Path, size: int) -> None:
    """Make a folder with so many submissions, no two of them alike."""
    sources: dict[str, Iterator[Path | Mutant]] = {
        kind: itertools.cycle(sorted(filter(Path.is_dir, (ROOT / "tests/submissions" / name).iterdir())))
        for kind, name in GOLDEN.items()
    }
    sources["wrong"] = _in_turns(sources["wrong"], itertools.cycle(mutants(ROOT)))
    for number, kind in enumerate(itertools.islice(itertools.cycle(PATTERN), size)):
        place = folder / f"{kind}{number:04}"
        _hand_in(next(sources[kind]), place)
        for path in (place / "models.py", place / "transaction_script.py"):
            if path.is_file() and not path.is_symlink():
                path.write_bytes(path.read_bytes() + b"\n# %d\n" % number)


def _in_turns(*sources: Iterator[Path | Mutant]) -> Iterator[Path | Mutant]:
    while True:
        yield from map(next, sources)


def _hand_in(source: Path | Mutant, place: Path) -> None:
    if isinstance(source, Path):
        shutil.copytree(source, place, symlinks=True)
        return
    shutil.copytree(ROOT / source.base, place)
    (place / source.file).write_text(source.text, encoding="utf-8")


# --- measuring --------------------------------------------------------------------------------------------------------


def measured(size: int, jobs: int) -> Row:
    """Grade a class of this size and return what that took; raises RuntimeError where it does not end well."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        submissions, out = Path(name) / "class", Path(name) / "out"
        submissions.mkdir()
        made_class(submissions, size)
        program = Program(
            python("grader", "grade-class", str(submissions), "--out", str(out), "--jobs", str(jobs), "--no-page"), ROOT
        )
        seconds, memory = _run(program)
        regraded = _regraded(out)
        sample = random.Random(size).sample(sorted(submissions.iterdir()), min(SAMPLE, size))  # noqa: S311  # always the same
        return Row(size, seconds, memory, regraded, tuple(_other_verdicts(sample, out)), len(sample))


def _run(program: Program) -> tuple[float, int]:
    """Run a program; return its seconds and the most memory that it was seen to have, with all its processes."""
    begin, most, ended = time.perf_counter(), 0, threading.Event()
    with program.started() as process:
        watching = threading.Thread(target=_tell_end, args=(process, ended))
        watching.start()
        while not ended.wait(SAMPLE_SECONDS):
            most = max(most, memory_of([process.pid, *descendants(process.pid)]))
        watching.join()
        seconds = time.perf_counter() - begin
    return seconds, most


def _tell_end(process: subprocess.Popen[bytes], ended: threading.Event) -> None:
    process.wait()
    ended.set()


def _regraded(out: Path) -> float:
    """Return how long it takes to judge all that was seen once more, as after the repair of a check."""
    begin = time.perf_counter()
    with open_gradebook(out) as book:
        result = regrade(book, msgspec.structs.replace(current_edition(), checks="repaired"))
    if result.differences or result.faults:
        raise RuntimeError(f"judging again gave something else: {result.differences or result.faults}")
    return time.perf_counter() - begin


def _other_verdicts(sample: Sequence[Path], out: Path) -> Iterator[str]:
    """Yield which of these folders get another grade by themselves than in the class."""
    with open_gradebook(out) as book, flow.observer(None) as observer:
        pushes = {push.handed.student: push for push in book.pushes()}
        for folder in sample:
            alone = flow.judged(observer.observe(take_in(folder))).report
            either = folder.name.startswith("hostile")
            together = book.report(pushes[folder.name])
            if _verdict(together, either=either) != _verdict(alone, either=either):
                yield folder.name


def _verdict(report: GradeReport, *, either: bool) -> list[tuple[str, str, int]]:
    """Return the outcomes; with ``either``, failed and blocked are one: who races with the grader decides which."""
    lost = {"failed": "lost", "blocked": "lost"} if either else {}
    return [(c.key, lost.get(c.outcome, c.outcome), c.points) for c in report.criteria]


def nbgrader_seconds(venv: Path) -> float:
    """Return what ``nbgrader autograde`` takes for a notebook, of several in one run."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        course = Path(name)
        checks = ROOT / "tests/benchmarks/plain/plain_checks.py"
        one = notebook.autograde(venv, course, ROOT / "assignment/solution", checks)
        handed = course / "submitted"
        for number in range(1, NOTEBOOKS):
            shutil.copytree(handed / notebook.STUDENT, handed / f"student{number}")
        command = [word for word in one.command if word not in {"--student", notebook.STUDENT}]
        begin = time.perf_counter()
        with Program(command, one.folder, one.variables).started():
            pass
        return (time.perf_counter() - begin) / NOTEBOOKS


# --- the table --------------------------------------------------------------------------------------------------------


def lines(rows: Sequence[Row], jobs: int, stock: float | None) -> Iterator[str]:
    """Yield the lines of the Markdown table, and what was measured where."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{' --: |' * len(COLUMNS)}"
    for row in rows:
        pace, share = row.size / row.seconds, row.regraded / row.seconds
        yield (
            f"| {row.size} | {row.seconds:.1f} | {pace:.1f} | {row.memory / 1e6:.0f} | {row.regraded:.1f} "
            f"| {share:.0%} | {len(row.other)} of {row.sample} |"
        )
    yield ""
    if stock is not None:
        fastest = min(row.seconds / row.size for row in rows)
        yield (
            f"`nbgrader autograde` took {stock:.2f} s for a notebook with three test cells, "
            f"{stock / fastest:.0f} times what a submission of the quickest class took."
        )
    yield f"{jobs} processes on {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}."


def write(text: str) -> None:
    """Put the table into the README; exits with the repair if there is no place for it."""
    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    if not BETWEEN.search(old):
        sys.exit("README.md: no place for the table; add the lines <!-- classes:begin --> and <!-- classes:end -->")
    readme.write_text(BETWEEN.sub(lambda found: f"{found[1]}{text}\n{found[2]}", old), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.benchmarks.classes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="how large the classes are (10,100,300,1000)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many processes grade (one a core)")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--nbgrader", type=Path, metavar="VENV", help="also measure nbgrader of this environment")
    return parser.parse_args()


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def main() -> None:
    """Measure, print and, where asked for, write."""
    given = _arguments()
    rows = []
    for size in given.sizes:
        sys.stderr.write(f"a class of {size}\n")
        rows.append(measured(size, given.jobs))
        for name in rows[-1].other:
            sys.stderr.write(f"another verdict alone: {name}\n")
    stock = nbgrader_seconds(given.nbgrader) if given.nbgrader else None
    text = "\n".join(lines(rows, given.jobs, stock))
    sys.stdout.write(f"{text}\n")
    if given.write:
        write(text)


if __name__ == "__main__":
    main()
