"""A grading in three steps, each as it would be in a job of its own: what one hands on, and what the next refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from grader import flow, limits
from grader.cli import app
from grader.content import SOLUTION, find_content
from grader.github import seam
from grader.github.seam import StepRefused, TakenIn
from grader.observe import plan
from grader.observe.observer import Observer
from grader.outputs.document import evidence_json
from grader.values import Evidence, Finding, Where

SECRET = "a secret of the course's"  # noqa: S105  # the tests' own
Builder = Callable[..., Path]


@pytest.fixture(scope="module")
def taken() -> TakenIn:
    """Return the solution as it was taken in, under a student's name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(flow.SECRET_VARIABLE, SECRET)
        return seam.take_in(find_content().root / SOLUTION, "ada")


@pytest.fixture(scope="module")
def evidence(taken: TakenIn, walled_observer: Observer) -> Evidence:
    """Return the evidence of it, taken without the secret."""
    return walled_observer.observe(taken.submission, seed=taken.seed)


def run(*arguments: str | Path) -> Result:
    """Run the command line."""
    return CliRunner().invoke(app, list(map(str, arguments)))


# --- what is handed on ------------------------------------------------------------------------------------------------


def test_seed_is_that_of_the_submission_alone(taken: TakenIn) -> None:
    """What is handed to the job that runs student code is a seed of these files, neither secret nor another seed."""
    assert taken.seed == plan.seed(taken.submission.digest, SECRET)
    assert taken.seed != plan.seed("sha256:another", SECRET)
    assert SECRET.encode() not in seam.as_json(taken)


def test_same_calls_are_made_with_the_seed_as_with_the_secret(
    taken: TakenIn, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In steps, or in one process that has the secret, a submission meets the same inputs."""
    monkeypatch.setenv(flow.SECRET_VARIABLE, SECRET)
    with flow.observer("process") as observer:
        whole = observer.observe(taken.submission)
    assert [run.inputs for run in whole.runs] == [run.inputs for run in evidence.runs]


def test_taken_in_comes_back_the_same(taken: TakenIn, tmp_path: Path) -> None:
    """What was taken in is written in ASCII, and read as the same value."""
    (tmp_path / "ada.json").write_bytes(seam.as_json(taken))
    assert seam.read_taken_in(tmp_path / "ada.json") == taken


def test_folder_is_named_where_no_student_is(submission: Builder) -> None:
    """Without a student's key, the folder gives its name, even where that is no text."""
    folder = submission("alice")
    assert seam.take_in(folder).submission.name == "alice"
    assert seam.take_in(folder.rename(folder.parent / "\udcff")).submission.name == "?"


# --- what is refused --------------------------------------------------------------------------------------------------


def test_own_evidence_is_taken(evidence: Evidence, taken: TakenIn) -> None:
    """Evidence of just these files and calls is taken, also when it was stored."""
    seam.check(evidence, taken)
    seam.check(msgspec.json.decode(evidence_json(evidence), type=Evidence), taken)


@pytest.mark.parametrize(
    "submission_of", ["rejected/commit_per_row", "rejected/models_missing", "accepted/mapped_as_dataclass"]
)
def test_evidence_of_many_a_submission_is_taken(submission_of: str, walled_observer: Observer) -> None:
    """Calls are planned again as they were made, where models do not serve as well."""
    taken = seam.take_in(Path(__file__).parent / "submissions" / submission_of)
    seam.check(walled_observer.observe(taken.submission, seed=taken.seed), taken)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("submission", "bob"),
        ("digest", "sha256:0"),
        ("files", ()),
        ("findings", (Finding("bare_except", Where("models.py", 1)),)),
        ("observations", "rows_after_first_run = 2"),
        ("observations_problem", "it is no TOML"),
    ],
)
def test_evidence_of_another_submission_is_refused(
    evidence: Evidence, taken: TakenIn, part: str, value: object
) -> None:
    """Whatever evidence says of the submission has to be what was taken in."""
    with pytest.raises(StepRefused, match=f"another submission .* its {part.replace('_', ' ')} differs"):
        seam.check(msgspec.structs.replace(evidence, **{part: value}), taken)


def test_evidence_of_an_older_plan_is_refused(
    evidence: Evidence, taken: TakenIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where other calls are planned today, older evidence has to be taken anew."""
    monkeypatch.setattr(plan, "MAKES", plan.MAKES[::-1])
    with pytest.raises(StepRefused, match=r"other calls than .* \(add\.automatic_ids, .*…\): .* observe again"):
        seam.check(evidence, taken)


def test_evidence_with_another_secret_is_refused(evidence: Evidence, taken: TakenIn) -> None:
    """Inputs drawn with another secret, which somebody could know, are not taken for those of the course."""
    with pytest.raises(StepRefused, match="other calls"):
        seam.check(evidence, msgspec.structs.replace(taken, seed=plan.seed(taken.submission.digest, "guessed")))


@pytest.mark.parametrize("name", ["model", "add.automatic_ids", "first_run", "second_run"])
def test_evidence_with_a_call_left_out_is_refused(evidence: Evidence, taken: TakenIn, name: str) -> None:
    """Every planned call has to be there."""
    fewer = tuple(run for run in evidence.runs if run.name != name)
    with pytest.raises(StepRefused, match="other calls than those"):
        seam.check(msgspec.structs.replace(evidence, runs=fewer), taken)


def test_evidence_with_a_call_more_is_refused(evidence: Evidence, taken: TakenIn) -> None:
    """A call that nobody planned is not judged."""
    more = (*evidence.runs, msgspec.structs.replace(evidence.runs[0], name="bonus"))
    with pytest.raises(StepRefused, match=r"other calls .*bonus"):
        seam.check(msgspec.structs.replace(evidence, runs=more), taken)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not what this grader writes"),
        (b"[" * 100_000, "is not what this grader writes"),
        (b'{"format": 1}', "is not what this grader writes: Object missing required field"),
        (b'{"format": 99}', r"has format 99, and this grader reads 1; make it anew: grader observe"),
        (b'{"format": "1"}', "is not what this grader writes"),
        (b'{"format": 1, "submission": "\xff"}', "is not what this grader writes"),
    ],
)
def test_what_is_no_evidence_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """Any bytes may come from a job that student code ran in: size, form and format are looked at first."""
    (tmp_path / "evidence.json").write_bytes(content)
    with pytest.raises(StepRefused, match=reason):
        seam.read_evidence(tmp_path / "evidence.json")


def test_evidence_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read than any submission can need."""
    monkeypatch.setattr(limits, "EVIDENCE_BYTES", limits.MIB)
    (tmp_path / "evidence.json").write_bytes(b" " * (limits.MIB + 1))
    with pytest.raises(StepRefused, match="is larger than 1 MiB"):
        seam.read_evidence(tmp_path / "evidence.json")


def test_file_that_is_not_there_is_told_with_its_maker(tmp_path: Path) -> None:
    """Where the step before was left out, the message says which one."""
    with pytest.raises(StepRefused, match="make it: grader take-in SUBMISSION --out"):
        seam.read_taken_in(tmp_path / "ada.json")


# --- the commands -----------------------------------------------------------------------------------------------------


def test_three_commands_make_a_grade(submission: Builder, tmp_path: Path) -> None:
    """Taken in, observed and judged one after the other, the solution gets everything, and the student all reports."""
    first, second, reports = tmp_path / "handed" / "ada.json", tmp_path / "seen" / "evidence.json", tmp_path / "out"
    assert run("take-in", submission("clone"), "--student", "ada", "--out", first).exit_code == 0
    assert run("observe", first, "--out", second, "--isolation", "process").exit_code == 0
    done = run("judge", second, "--of", first, "--out", reports)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("ada: 100 of 100 points\n")
    assert {file.name for file in reports.iterdir()} == {"report.json", "report.md", "report.html"}
    assert json.loads((reports / "report.json").read_text())["grade"]["submission"] == "ada"


def test_folder_can_be_observed_and_judged_at_once(submission: Builder, tmp_path: Path) -> None:
    """On one machine a folder will do, and evidence is judged as it is."""
    second = tmp_path / "evidence.json"
    assert run("observe", submission("alice"), "--out", second, "--isolation", "process").exit_code == 0
    done = run("judge", second, "--out", tmp_path / "out")
    assert done.output.startswith("alice: 100 of 100 points\n")


def test_fault_of_the_judges_withholds_the_grade(
    evidence: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the judge itself fails, the status is 3, the fault is told, and the report says that there is no grade."""
    (tmp_path / "evidence.json").write_bytes(evidence_json(evidence))
    whole = flow.judged(evidence)
    withheld = flow.Graded(
        msgspec.structs.replace(whole.report, status="withheld"), evidence, whole.document, ("a fault of ours",)
    )
    monkeypatch.setattr(flow, "judged", lambda _: withheld)
    done = run("judge", tmp_path / "evidence.json", "--out", tmp_path / "out")
    assert (done.exit_code, "a fault of ours" in done.output) == (3, True)
    assert json.loads((tmp_path / "out" / "report.json").read_text())["grade"]["status"] == "withheld"
