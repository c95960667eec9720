"""Every golden submission gets exactly the grade that its label says.

A folder under ``tests/submissions`` is a submission as a class hands it in, with one file more: ``expected.toml``,
which :mod:`grader.proof.corpora` describes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader import flow
from grader.content import SOLUTION, STARTER, find_content
from grader.flow import Graded, judged
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.proof.corpora import differences, label_of, name_of
from grader.values import GradeReport

SUBMISSIONS = Path(__file__).parent / "submissions"
ACCEPTED = sorted((SUBMISSIONS / "accepted").iterdir())
REJECTED = sorted((SUBMISSIONS / "rejected").iterdir())
FOLDERS = [*ACCEPTED, *REJECTED]
RUBRIC = find_content().rubric()
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


@pytest.mark.parametrize(
    "folder",
    [pytest.param(folder, marks=pytest.mark.slow) if folder.name in WAITING else folder for folder in REJECTED],
    ids=name_of,
)
def test_a_rejected_submission_loses_what_its_label_says(folder: Path, walled_observer: Observer) -> None:
    """A wrong submission loses the criteria on its label and keeps every other one."""
    assert differences(grade(folder, walled_observer), label_of(folder)) == []


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


TELLING = (
    "names_in_capitals",
    "nullable_rounded_and_guessed",
    "price_cut_to_int",
    "prices_rounded_when_added",
    "returns_objects",
    "stale_price_read_too_late",
)


@pytest.mark.parametrize("name", TELLING)
def test_a_criterion_shows_no_more_than_one_hidden_input(name: str, walled_observer: Observer) -> None:
    """A verdict shows the one name or price that makes it clear, and nothing else that was drawn."""
    graded = grade(SUBMISSIONS / "rejected" / name, walled_observer)
    calls = [call for run in graded.evidence.runs for call in run.inputs["invocations"]]
    drawn = {product[key] for call in calls for product in call.get("products", []) for key in ("name", "price")}
    texts = [f"{criterion.seen} {criterion.expected}" for criterion in graded.report.criteria]
    assert max(sum(str(each) in text for each in drawn - {None}) for text in texts) <= 1


# --- the same again ---------------------------------------------------------------------------------------------------


def _encoded(report: GradeReport) -> bytes:
    return msgspec.json.encode(report)


@pytest.fixture(scope="module")
def another_observer() -> Iterator[Observer]:
    """Return an observer that has seen nothing yet."""
    with flow.observer("bubblewrap") as observer:
        yield observer


@pytest.fixture(scope="module", params=SAMPLE)
def sampled(request: pytest.FixtureRequest, walled_observer: Observer) -> tuple[Path, GradeReport]:
    """Return the sampled folders one after the other, each with its grade."""
    folder = SUBMISSIONS / request.param
    return folder, grade(folder, walled_observer).report


def test_a_submission_is_graded_alike_by_another_observer(
    sampled: tuple[Path, GradeReport], another_observer: Observer
) -> None:
    """The same submission gets the same grade, byte for byte, whatever its observer has seen before."""
    folder, report = sampled
    assert _encoded(grade(folder, another_observer).report) == _encoded(report)


def test_a_submission_is_graded_alike_on_each_level(sampled: tuple[Path, GradeReport], open_observer: Observer) -> None:
    """Both levels of isolation give the same grade, but for the name of the level."""
    folder, report = sampled
    unwalled = grade(folder, open_observer).report
    assert _encoded(msgspec.structs.replace(unwalled, grader=report.grader)) == _encoded(report)


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
def test_each_criterion_is_lost_by_two_submissions_at_least(key: str) -> None:
    """No criterion is there that no golden submission fails."""
    assert sum(key in label_of(folder).lost for folder in REJECTED) >= 2
