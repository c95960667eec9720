"""No hostile submission gains a point, reads or changes what is not its own, or leaves anything behind.

A folder under ``tests/submissions/hostile`` is a submission that tries to, with one file more: ``expected.toml`` says
what its honest part deserves. Each is graded on every level that walls strangers in. Around the walls lies what it may
be after: a canary in a file and one in a variable, and two doors that nobody may knock at.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import secrets
import select
import shutil
import socket
import time
import tomllib
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import pytest

from grader import flow, limits
from grader.content import SOLUTION, find_content
from grader.flow import Graded, judged
from grader.observe.observer import Observer
from grader.observe.sandbox.levels import LEVELS
from grader.observe.submission import take_in
from grader.outputs import document, markdown
from grader.values import Evidence

HOSTILE = Path(__file__).parent / "submissions" / "hostile"
FOLDERS = sorted(folder for folder in HOSTILE.iterdir() if folder.is_dir())
SAFE = [level.name for level in LEVELS if level.safe]
CATALOGUE = range(1, 83)
CANARY = Path("/tmp/grader-canary")  # noqa: S108  # the submissions have to know where it is
AGAIN = 8
"""On the levels after the first, the solution is graded after so many hostile submissions; on the first after each."""

# One of each kind, and quick: an end, settings, shadows, results that lie, an answer by hand, right solutions.
SAMPLE = (
    "always_equal_objects",
    "exits_at_import",
    "forges_answer_frame",
    "forging_conftest_and_settings",
    "patches_pytest_reports",
    "reads_prices_from_the_call",
    "right_that_patches_json",
    "right_with_noisy_output",
    "shadow_modules",
)

# Cases of the catalogue that no folder of a student's can stand for, and what answers them.
NOT_A_SUBMISSION = {
    41: "intake reads the files of a folder and no git data; whoever clones does so with hooks and filters off",
    42: "dates of commits take no part in a grade",
    60: "hidden checks are never handed out, encrypted or not: nothing of them is in the template",
    61: "a workflow in a student's repository has no secret to give away: courses grade from their own",
    78: "links, pipes and names that are no text cannot be kept in a repository: other tests make them for intake",
}

pytestmark = pytest.mark.xdist_group("hostile")  # the canary has one place, so one worker at a time

_PR_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h

# What shows that a submission has run into a limit: a text in how its calls ended, in its output or in a refusal.
_NOT_ALLOWED = (
    r"Operation not permitted|Permission denied|Function not implemented|Errno (1|13|38)\b|errno[=: ]+(1|13|38)\b"
)
_NO_MEMORY = r"MemoryError|Cannot allocate memory|Errno 12\b"
FATES = {
    "WALL_SECONDS": rf"ran longer than {limits.WALL_SECONDS:g} seconds",
    # Where the machine is busy, the clock may come first.
    "CPU_SECONDS": rf"more than {limits.CPU_SECONDS} seconds of processor time|ran longer than",
    "ADDRESS_SPACE": rf"{_NO_MEMORY}|crashed the interpreter",
    "FILE_BYTES": r"File too large|Errno 27\b|signal 25\b",
    "OPEN_FILES": r"Too many open files|Errno 24\b|unable to open database file",
    "SCRATCH_BYTES": rf"No space left|Errno 28\b|File too large|wrote more files|{_NOT_ALLOWED}",
    "SCRATCH_FILES": rf"No space left|Errno 28\b|wrote more files|{_NOT_ALLOWED}",
    "ANSWER_BYTES": r"answered with more, or with something else|ran longer than",
    "STATEMENT_SECONDS": r"interrupted",
    "DATABASE_CPU_SECONDS": r"its database was lost",
    "DATABASE_FILE_BYTES": r"disk is full|disk I/O error|its database was lost",
    "DATABASE_HEAP_BYTES": r"out of memory|its database was lost",
    "VALUE_BYTES": r"too big|too large",
    "SQL_BYTES": r"too big|too large|query string",
    "CONNECTIONS": r"too many (connections|databases)|Too many open files|can't start new thread|no more sockets",
    "BUSY_SECONDS": r"database is locked",
    "SOURCE_BYTES": r"is larger than",
}
WALLS = {"fork", "network", "files", "signals", "memory", "syscalls"}
"""What else may end an attempt: that the walls have held is seen from outside, in the score and around the canary."""
COUNTED_FATES = {"OUTPUT_BYTES", "LOG_STEPS", "LOG_BYTES", "TABLE_ROWS"}
"""Limits that cut a record short and leave the call alone: counters show them."""


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``expected.toml`` says: the trick, the cases it stands for, and what the honest work in it deserves."""

    about: str
    catalogue: tuple[int, ...]
    honest: int
    exact: bool = False
    flags: tuple[str, ...] = ()
    fate: str | None = None


def label_of(folder: Path) -> Label:
    """Return the label of a folder; what is wrong with it fails the test that asks."""
    return msgspec.convert(tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8")), Label)


# --- around the walls -------------------------------------------------------------------------------------------------


class Trap:
    """What attacks are after: a file that anyone may write to, a variable of the grader's, two doors."""

    def __init__(self, stack: ExitStack) -> None:
        lock = stack.enter_context(CANARY.with_suffix(".lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)  # one run of these tests at a time: the place is known to all submissions
        shutil.rmtree(CANARY, ignore_errors=True)
        CANARY.mkdir()
        stack.callback(shutil.rmtree, CANARY)
        self.word, self.secret = (f"CANARY-{secrets.token_hex(8)}" for _ in range(2))
        self._doors = [stack.enter_context(socket.socket(family)) for family in (socket.AF_INET, socket.AF_UNIX)]
        self._doors[0].bind(("127.0.0.1", 0))
        self._doors[1].bind(str(CANARY / "door.sock"))
        for door in self._doors:
            door.listen()
        (CANARY / "port.txt").write_text(str(self._doors[0].getsockname()[1]))
        (CANARY / "secret.txt").write_text(self.word)
        for path in (CANARY, *CANARY.iterdir()):
            path.chmod(0o777)  # nothing but the walls is in the way
        self._found = self._look()

    def _look(self) -> dict[str, object]:
        """Return all there is to see of the place: names, kinds, times and texts."""
        files = {path.name: path.lstat() for path in CANARY.rglob("*")}
        seen: dict[str, object] = {name: (s.st_mode, s.st_uid, s.st_size, s.st_mtime_ns) for name, s in files.items()}
        return seen | {"the word": (CANARY / "secret.txt").read_text() if "secret.txt" in files else None}

    def changes(self) -> list[str]:
        """Return what is not as it was when this was last asked."""
        before, self._found = self._found, self._look()
        return sorted(name for name in before.keys() | self._found.keys() if before.get(name) != self._found.get(name))

    def knocks(self) -> int:
        """Return how many connections have arrived at the doors since this was last asked."""
        arrived = 0
        while ready := select.select(self._doors, [], [], 0)[0]:
            for door in ready:
                door.accept()[0].close()
                arrived += 1
        return arrived


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    """Return what lies around the walls, as long as these tests last."""
    with ExitStack() as stack:
        yield Trap(stack)


Observers = Callable[[str], Observer]


@pytest.fixture(scope="module")
def hostile_observers(trap: Trap, foster_parent: None) -> Iterator[Observers]:  # noqa: ARG001  # it is there before them
    """Return one observer for each level, made by a grader whose secret is a canary; each starts when it is needed."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as environment:
        environment.setenv(flow.SECRET_VARIABLE, trap.secret)
        yield cache(lambda level: awake(stack.enter_context(flow.observer(level))))


def awake(observer: Observer) -> Observer:
    """Return an observer once it has graded: all processes are there that it keeps."""
    assert score_of_solution(observer) == 100
    return observer


def score_of_solution(observer: Observer) -> int:
    """Return what the solution gets now."""
    return judged(observer.observe(take_in(find_content().root / SOLUTION))).report.score


# --- processes --------------------------------------------------------------------------------------------------------


def processes() -> dict[int, int]:
    """Return the parent of each process of this machine, as ``/proc`` has them now."""
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    return parents


@pytest.fixture(scope="module")
def foster_parent() -> Iterator[None]:
    """Let processes whose parent is gone become this one's children, so that none gets out of sight."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def started_here() -> set[int]:
    """Return the processes below this one."""
    parents = processes()
    found: set[int] = set()
    below = {os.getpid()}
    while below:
        below = {pid for pid, parent in parents.items() if parent in below}
        found |= below
    return found


def _command(pid: int) -> bytes:
    with suppress(OSError):  # it has just ended
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def still_there(pids: Iterable[int]) -> list[str]:
    """Return the processes that do not end by themselves, as whoever was killed does at once."""
    left = []
    for pid in pids:
        with suppress(ProcessLookupError):
            watch = os.pidfd_open(pid)
            if not select.select([watch], [], [], limits.STOP_SECONDS)[0]:
                left.append(f"{pid}: {_command(pid)[-100:]!r}")
            os.close(watch)
    return left


# --- a submission and what it did -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """What came of grading one submission; ``again`` is the score of the solution after it, if that was graded."""

    label: Label
    graded: Graded | None
    fault: str
    seconds: float
    changes: list[str]
    knocks: int
    left: list[str]
    again: int | None


def do(folder: Path, observer: Observer, trap: Trap, *, again: bool) -> Deed:
    """Grade a folder, and look round afterwards."""
    before, start = started_here(), time.monotonic()
    graded, fault = None, ""
    try:
        graded = judged(observer.observe(take_in(folder)))
    except Exception:  # noqa: BLE001  # whatever makes the grader fail is what this looks for: it becomes a problem
        fault = traceback.format_exc()
    seconds = time.monotonic() - start
    left = still_there(started_here() - before)
    score = score_of_solution(observer) if again else None
    return Deed(label_of(folder), graded, fault, seconds, trap.changes(), trap.knocks(), left, score)


def problems(deed: Deed, trap: Trap) -> list[str]:
    """Return everything that a hostile submission must not bring about, in words."""
    found = [*_around(deed)]
    if deed.graded is None:
        return [f"the grader failed: {deed.fault}", *found]
    return [*_of_grade(deed.label, deed.graded), *_told(deed.label, deed.graded, trap), *_of_time(deed), *found]


def _of_grade(label: Label, graded: Graded) -> Iterator[str]:
    report = graded.report
    if report.status != "graded":
        yield f"the grade is withheld: {graded.faults}"
    if report.score > label.honest or (label.exact and report.score != label.honest):
        lost = [criterion.key for criterion in report.criteria if criterion.points < criterion.max_points]
        yield f"{report.score} points where {label.honest} are deserved; lost: {', '.join(lost)}"
    if missing := set(label.flags) - {flag.key for flag in report.flags}:
        yield f"not raised: {', '.join(sorted(missing))}"
    if label.fate is not None and label.fate not in WALLS and not met(label.fate, graded.evidence):
        yield f"nothing shows that it ran into {label.fate}"


def _told(label: Label, graded: Graded, trap: Trap) -> Iterator[str]:
    """Look for the canaries in all that is written, and in what is shown for what no terminal should get."""
    shown = markdown.render(graded.report, graded.evidence)
    written = shown.encode() + document.evidence_json(graded.evidence)
    written += document.report_json(graded.document, graded.report)
    for word in (trap.word, trap.secret):
        if word.encode() in written:
            yield f"a canary was read: {label.about}"
    if odd := {char for char in shown if not char.isprintable()} - {"\n"}:
        yield f"report.md holds {sorted(odd)}"


def _of_time(deed: Deed) -> Iterator[str]:
    """Say if it took longer than all its calls may take together."""
    calls = len(deed.graded.evidence.runs) if deed.graded else 0
    if deed.seconds > calls * limits.WALL_SECONDS:
        yield f"it took {deed.seconds:.0f} seconds for {calls} calls"


def _around(deed: Deed) -> Iterator[str]:
    if deed.changes:
        yield f"changed outside: {', '.join(deed.changes)}"
    if deed.knocks:
        yield f"{deed.knocks} connections arrived"
    if deed.left:
        yield f"processes are left: {', '.join(deed.left)}"
    if deed.again not in {None, 100}:
        yield f"the solution gets {deed.again} points after it"


def met(fate: str, evidence: Evidence) -> bool:
    """Tell whether anything in the evidence shows that a limit was run into."""
    if fate == "OUTPUT_BYTES":
        return any(run.output_bytes > limits.OUTPUT_BYTES for run in evidence.runs)
    if fate in COUNTED_FATES:
        return any(run.steps_dropped for run in evidence.runs) or _fullest_table(evidence) >= limits.TABLE_ROWS
    return re.search(FATES[fate], "\n".join(_texts(evidence))) is not None


def _texts(evidence: Evidence) -> Iterator[str]:
    yield from (source.problem or "" for source in evidence.files)
    for run in evidence.runs:
        yield run.output
        yield from (f"{step.error.type}: {step.error.message}" for step in run.steps if step.error)
        for outcome in (run.outcome, *run.then):
            yield outcome.text or ""
            if outcome.failure is not None:
                yield f"{outcome.failure.type}: {outcome.failure.message}"


def _fullest_table(evidence: Evidence) -> int:
    return max((len(run.after.rows) for run in evidence.runs if run.after), default=0)


# --- tests ------------------------------------------------------------------------------------------------------------


def _cases() -> Iterator[object]:
    for level in SAFE:
        for folder in FOLDERS:
            quick = level == SAFE[0] and folder.name in SAMPLE
            yield pytest.param(level, folder, marks=() if quick else pytest.mark.slow, id=f"{level}-{folder.name}")


@pytest.mark.parametrize(("level", "folder"), list(_cases()))
def test_a_hostile_submission_gains_nothing_and_harms_nobody(
    level: str, folder: Path, hostile_observers: Observers, trap: Trap
) -> None:
    """It is graded, with no point more than is deserved; it reads, changes, reaches and leaves nothing."""
    again = level == SAFE[0] or FOLDERS.index(folder) % AGAIN == 0
    found = problems(do(folder, hostile_observers(level), trap, again=again), trap)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_label_is_well_formed(folder: Path) -> None:
    """A label has a sentence, cases and a score that there are, and a fate that can be recognised."""
    label = label_of(folder)
    assert label.about.endswith(".")
    assert set(label.catalogue) <= set(CATALOGUE)
    assert label.honest in range(101)
    assert label.fate is None or label.fate in FATES.keys() | COUNTED_FATES | WALLS
    assert all(re.fullmatch(r"flag\.\w+", flag) for flag in label.flags)


def test_a_trick_round_a_right_solution_takes_no_point() -> None:
    """There are a dozen tricks at least whose submission keeps exactly all points."""
    labels = [label_of(folder) for folder in FOLDERS]
    assert sum(label.exact and label.honest == 100 for label in labels) >= 12


def test_every_case_of_the_catalogue_has_an_answer() -> None:
    """Each case has a submission, or a reason why it can have none, and never both."""
    stood_for = {case for folder in FOLDERS for case in label_of(folder).catalogue}
    assert set(CATALOGUE) - stood_for - NOT_A_SUBMISSION.keys() == set()
    assert stood_for & NOT_A_SUBMISSION.keys() == set()


@pytest.mark.parametrize("name", SAMPLE)
def test_the_sample_is_there(name: str) -> None:
    """Each folder of the quick sample exists."""
    assert HOSTILE / name in FOLDERS
