"""No hostile submission gains a point, reads or changes what is not its own, or leaves anything behind.

A folder under ``tests/submissions/hostile`` is a submission that tries to, with one file more: ``expected.toml`` says
what its honest part deserves. Each is graded on every level that walls strangers in. Around the walls lies what it may
be after: a canary in a file and one in a variable, and two doors that nobody may knock at.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from company import AGAIN, SIDE_BY_SIDE, Company, Deed, foster_parent
from trap import Trap

from grader import flow, limits
from grader.flow import Graded, judged
from grader.observe.sandbox.levels import LEVELS
from grader.outputs import document, markdown
from grader.values import Evidence

HOSTILE = Path(__file__).parent / "submissions" / "hostile"
FOLDERS = sorted(folder for folder in HOSTILE.iterdir() if folder.is_dir())
SAFE = [level.name for level in LEVELS if level.safe]
CATALOGUE = range(1, 83)

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


# --- what came of it --------------------------------------------------------------------------------------------------


def problems(deed: Deed, label: Label, trap: Trap) -> list[str]:
    """Return everything that a hostile submission must not bring about, in words."""
    found = [*_around(deed)]
    if deed.evidence is None:
        return [f"the grader failed: {deed.fault}", *found]
    graded = judged(deed.evidence)
    return [*_of_grade(label, graded), *_told(label, graded, trap), *_of_time(deed, deed.evidence), *found]


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


def _of_time(deed: Deed, evidence: Evidence) -> Iterator[str]:
    """Say if it took longer than all its calls may take together."""
    calls = len(evidence.runs)
    if deed.seconds > calls * limits.WALL_SECONDS:
        yield f"it took {deed.seconds:.0f} seconds for {calls} calls"


def _around(deed: Deed) -> Iterator[str]:
    if deed.changes:
        yield f"changed outside, by this one or one beside it: {', '.join(deed.changes)}"
    if deed.knocks:
        yield f"{deed.knocks} connections arrived, from this one or one beside it"
    if deed.left:
        yield f"processes are left: {', '.join(deed.left)}"
    if deed.after is not None and (score := judged(deed.after).report.score) != 100:
        yield f"the solution gets {score} points after it, or after one of the {AGAIN - 1} before it"


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


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    """Return what lies around the walls, as long as these tests last."""
    with ExitStack() as stack:
        yield Trap(stack)


Case = tuple[str, Path]


@pytest.fixture(scope="module")
def company(request: pytest.FixtureRequest, trap: Trap) -> Iterator[Company]:
    """Return who grades, with a secret that is a canary, on the levels that this run has chosen."""
    levels = [level for level, _ in chosen(request.session, "company")]
    number = min(SIDE_BY_SIDE, len(levels))
    with ExitStack() as stack, pytest.MonkeyPatch.context() as environment:
        environment.setenv(flow.SECRET_VARIABLE, trap.secret)
        stack.enter_context(foster_parent())
        yield Company(stack, dict.fromkeys(levels), number, trap)


@pytest.fixture(scope="module")
def deeds(request: pytest.FixtureRequest, company: Company) -> dict[Case, Future[Deed]]:
    """Return what comes of every case that this run has chosen; all of them are waiting for their turn."""
    return {case: company.send_in(*case) for case in chosen(request.session, "deeds")}


def chosen(session: pytest.Session, fixture: str) -> list[Case]:
    """Return the level and the folder of each test of this run that uses a fixture; one without a folder has none."""
    items = [item for item in session.items if isinstance(item, pytest.Function) and fixture in item.fixturenames]
    parameters: list[dict[str, Any]] = [item.callspec.params for item in items]
    return [(each["level"], each.get("folder", HOSTILE)) for each in parameters]


def _cases() -> Iterator[object]:
    for level in SAFE:
        for folder in FOLDERS:
            quick = level == SAFE[0] and folder.name in SAMPLE
            yield pytest.param(level, folder, marks=() if quick else pytest.mark.slow, id=f"{level}-{folder.name}")


@pytest.mark.parametrize(("level", "folder"), list(_cases()))
def test_a_hostile_submission_gains_nothing_and_harms_nobody(
    level: str, folder: Path, deeds: dict[Case, Future[Deed]], trap: Trap
) -> None:
    """It is graded, with no point more than is deserved; it reads, changes, reaches and leaves nothing."""
    deed = deeds.pop((level, folder)).result()
    found = problems(deed, label_of(folder), trap)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("level", [SAFE[0], *(pytest.param(level, marks=pytest.mark.slow) for level in SAFE[1:])])
def test_the_solution_has_all_points_in_the_end(level: str, company: Company) -> None:
    """Whatever its observer has met before, the solution gets 100."""
    assert {judged(evidence).report.score for evidence in company.in_the_end(level)} == {100}


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
