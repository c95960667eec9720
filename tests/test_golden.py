"""Every golden submission gets exactly the grade that its label says.

A folder under ``tests/submissions`` is a submission as a class hands it in, with one file more: ``expected.toml``,
which :mod:`grader.proof.corpora` describes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from conftest import LEVEL_NAMES, Observers
from grader import flow
from grader.content import SOLUTION, STARTER, find_content
from grader.flow import Graded, judged
from grader.judge.rubric import RubricCriterion
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.proof.corpora import differences, label_of, name_of
from grader.values import Criterion, GradeReport

SUBMISSIONS = Path(__file__).parent / "submissions"
ACCEPTED = sorted((SUBMISSIONS / "accepted").iterdir())
REJECTED = sorted((SUBMISSIONS / "rejected").iterdir())
FOLDERS = [*ACCEPTED, *REJECTED]
RUBRIC = find_content().rubric()
MOST_CHARACTERS = 200
# A line of code this short, such as change_elsewhere(), is a word that a hint may quote as well.
LONGEST_WORD = 18
STATEMENT = re.compile(r"[=;]|\b(with|return|raise)\b")
# One of each kind: styles of sessions, models and files, and failures of each concept.
SAMPLE = (
    "accepted/argparse_program",
    "accepted/german_latin1",
    "accepted/imperative_mapping",
    "accepted/scoped_session_removed",
    "accepted/text_sql",
    "rejected/commit_per_row",
    "rejected/names_in_capitals",
    "rejected/never_closed",
    "rejected/no_refresh",
    "rejected/three_products",
)


def grade(folder: Path, observer: Observer) -> Graded:
    """Return everything that grading a folder yields."""
    return judged(observer.observe(take_in(folder)))


# --- grades -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ACCEPTED, ids=name_of)
def test_an_accepted_submission_gets_everything(folder: Path, walled_observer: Observer) -> None:
    """A right submission in any style has all points and no flag, and gets the advice on its label."""
    graded = grade(folder, walled_observer)
    assert differences(graded, label_of(folder)) == []
    assert (graded.report.score, graded.report.status, graded.report.flags) == (100, "graded", ())


# Their calls are stopped when the time for one is over.
WAITING = ("adding_waits_forever", "preview_loops_forever")


def _marked(folder: Path) -> pytest.ParameterSet:
    """Return a folder as a parameter: all its tests go to one worker, so that it is graded once."""
    slow = [pytest.mark.slow] if folder.name in WAITING else []
    return pytest.param(folder, marks=[pytest.mark.xdist_group(name_of(folder)), *slow], id=name_of(folder))


@pytest.fixture(scope="module", params=[_marked(folder) for folder in REJECTED])
def rejected(request: pytest.FixtureRequest, walled_observer: Observer) -> tuple[Path, Graded]:
    """Return the rejected folders one after the other, each with what grading it yields."""
    return request.param, grade(request.param, walled_observer)


def losses(graded: Graded) -> list[Criterion]:
    """Return the criteria that did not pass."""
    return [criterion for criterion in graded.report.criteria if criterion.outcome != "passed"]


def test_a_rejected_submission_loses_what_its_label_says(rejected: tuple[Path, Graded]) -> None:
    """A wrong submission loses the criteria on its label, is told what the label says, and keeps every other one."""
    folder, graded = rejected
    assert differences(graded, label_of(folder)) == []


# A mistake is no reason to look at somebody; these end their process with os._exit, or start another, as cheats do.
FLAGGED = {"reloading_exits": ["flag.process_ended"], "starts_another_program": ["flag.processes"]}


def test_an_honest_mistake_raises_no_flag(rejected: tuple[Path, Graded]) -> None:
    """A wrong submission leaves an instructor nothing to look at, unless it is in the table."""
    folder, graded = rejected
    assert [flag.key for flag in graded.report.flags] == FLAGGED.get(folder.name, [])


def test_every_loss_is_explained_in_short(rejected: tuple[Path, Graded]) -> None:
    """Whoever loses points reads what was expected, what was seen in at most 200 characters, and where to look."""
    lost = losses(rejected[1])
    assert [c.key for c in lost if not (c.expected and c.seen and c.hint and len(c.seen) <= MOST_CHARACTERS)] == []


def test_a_verdict_shows_at_most_one_hidden_input(rejected: tuple[Path, Graded]) -> None:
    """A verdict shows the one name, price or id that makes it clear, and nothing else that was drawn."""
    drawn = drawn_inputs(rejected[1])
    shown = {c.key: [each for each in drawn if each in f"{c.seen} {c.expected}"] for c in losses(rejected[1])}
    assert {key: each for key, each in shown.items() if len(each) > 1} == {}


def drawn_inputs(graded: Graded) -> set[str]:
    """Return the names, the prices and the ids that were drawn; a small id may stand in a text by accident."""
    calls = [call for run in graded.evidence.runs for call in run.inputs["invocations"]]
    products = [product for call in calls for product in call.get("products", [])]
    texts = {str(product[key]) for product in products for key in ("name", "price") if product[key] is not None}
    ids = {str(product["id"]) for product in products if product.get("id", 0) > 1000}
    return texts | ids | {price for call in calls for price in call.get("changes", [])}


@pytest.mark.parametrize("about", RUBRIC.criteria, ids=[criterion.key for criterion in RUBRIC.criteria])
def test_a_hint_holds_no_code_that_solves_the_task(about: RubricCriterion) -> None:
    """A hint says where to look: it quotes names and calls, but no statement, and no line of the solution."""
    code = find_content().read(f"{SOLUTION}/models.py") + find_content().read(f"{SOLUTION}/transaction_script.py")
    lines = {line.strip() for line in code.splitlines() if len(line.strip()) > LONGEST_WORD}
    assert [line for line in lines if line in f"{about.hint} {about.title}"] == []
    assert [quoted for quoted in re.findall("`(.+?)`", about.hint) if STATEMENT.search(quoted)] == []


def test_the_solution_gets_everything_and_no_word(walled_observer: Observer) -> None:
    """The reference solution has all points, and neither advice nor flags."""
    report = grade(find_content().root / SOLUTION, walled_observer).report
    assert (report.score, report.advice, report.flags) == (100, (), ())


def test_the_starter_gets_nothing(walled_observer: Observer) -> None:
    """What every student starts with earns no point, and is graded without a fault."""
    report = grade(find_content().root / STARTER, walled_observer).report
    assert (report.score, report.status, report.flags) == (0, "graded", ())


def test_the_starter_is_told_what_is_not_written_yet(walled_observer: Observer) -> None:
    """Whoever hands in the starter reads of each function that it is not written yet."""
    report = grade(find_content().root / STARTER, walled_observer).report
    seen = " ".join(criterion.seen for criterion in report.criteria)
    functions = ("add_products", "preview_ids", "show_reloading")
    assert [name for name in functions if f"{name} is not written" not in seen] == []


# --- the same again ---------------------------------------------------------------------------------------------------


def _encoded(report: GradeReport) -> bytes:
    return msgspec.json.encode(report)


@pytest.fixture(scope="module")
def another_observer() -> Iterator[Observer]:
    """Return an observer that has seen nothing yet."""
    with flow.observer("bubblewrap") as observer:
        yield observer


@pytest.fixture(scope="module", params=[_marked(SUBMISSIONS / name) for name in SAMPLE])
def sampled(request: pytest.FixtureRequest, walled_observer: Observer) -> tuple[Path, GradeReport]:
    """Return the sampled folders one after the other, each with its grade."""
    return request.param, grade(request.param, walled_observer).report


def test_a_submission_is_graded_alike_by_another_observer(
    sampled: tuple[Path, GradeReport], another_observer: Observer
) -> None:
    """The same submission gets the same grade, byte for byte, whatever its observer has seen before."""
    folder, report = sampled
    assert _encoded(grade(folder, another_observer).report) == _encoded(report)


@pytest.mark.parametrize("level", [level for level in LEVEL_NAMES if level != "bubblewrap"])
def test_a_submission_is_graded_alike_on_each_level(
    sampled: tuple[Path, GradeReport], observers: Observers, level: str
) -> None:
    """Every level of isolation gives the same grade, but for its name."""
    folder, report = sampled
    other = grade(folder, observers(level)).report
    assert _encoded(msgspec.structs.replace(other, grader=report.grader)) == _encoded(report)


def test_the_place_of_a_submission_is_not_graded(tmp_path: Path, walled_observer: Observer) -> None:
    """A copy of a folder elsewhere under another name differs in the name alone."""
    folder = SUBMISSIONS / SAMPLE[0]
    shutil.copytree(folder, tmp_path / "bob", ignore=shutil.ignore_patterns("expected.toml"))
    reports = [grade(place, walled_observer).report for place in (folder, tmp_path / "bob")]
    here, there = (_encoded(msgspec.structs.replace(report, submission="")) for report in reports)
    assert here == there


# --- the folders ------------------------------------------------------------------------------------------------------

HANDED_IN = frozenset({"models.py", "transaction_script.py", "observations.toml"})
MISSING = {
    "models_missing": "models.py",
    "observations_missing": "observations.toml",
    "script_missing": "transaction_script.py",
}


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_label_says_what_the_student_did(folder: Path) -> None:
    """A label has one sentence about the student's work."""
    about = label_of(folder).about
    assert (about[:1].isupper() or about.startswith("`"), about.endswith("."), len(about) < 120) == (True, True, True)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_label_names_criteria_and_advice_that_there_are(folder: Path) -> None:
    """The keys on a label are the rubric's; a key with a dot stands in quotation marks."""
    label = label_of(folder)
    known = {criterion.key for criterion in RUBRIC.criteria} | {advice.key for advice in RUBRIC.advice}
    assert {*label.lost, *label.advice.keys} - known == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_an_accepted_submission_loses_nothing_and_a_rejected_one_something(folder: Path) -> None:
    """The label of a folder fits the place where it stands."""
    assert bool(label_of(folder).lost) == (folder in REJECTED)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_folder_holds_what_students_hand_in(folder: Path) -> None:
    """The three files are there, one of them missing only where that is the point; beside them are modules alone."""
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    missing = {MISSING[folder.name]} if folder.name in MISSING else set()
    assert {file for file in files if not file.endswith(".py")} - HANDED_IN == {"expected.toml"}
    assert HANDED_IN - files == missing


def test_no_two_submissions_are_the_same() -> None:
    """Each folder is a submission of its own: the digests of no two are equal."""
    digests = [take_in(folder).digest for folder in FOLDERS]
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize("key", [criterion.key for criterion in RUBRIC.criteria])
def test_each_criterion_is_failed_by_five_submissions_at_least(key: str) -> None:
    """No criterion is there that golden submissions do not fail in several ways."""
    assert sum(label_of(folder).lost.get(key) == "failed" for folder in REJECTED) >= 5


@pytest.mark.parametrize("folder", REJECTED, ids=name_of)
def test_a_label_wants_its_first_loss_told(folder: Path) -> None:
    """What is wanted to be said concerns lost criteria, and one of them at least."""
    label = label_of(folder)
    assert (bool(label.says), label.says.keys() - label.lost.keys()) == (True, set())
