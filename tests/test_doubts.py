"""Where a record is not enough to pass: it was cut, or what recorded it was changed."""

from __future__ import annotations

import pytest
from evidence_samples import COLUMNS, PEN, evidence, fact, run, seen, table

from grader.judge.doubts import CHANGED, doubt
from grader.judge.suite import judge
from grader.values import Evidence, Outcome, Run, Sign, Table

TAMPERING = (Sign("tampering", "replaces something"),)
CUT = Table(COLUMNS, (PEN,), more=7)


@pytest.mark.parametrize(
    "honest",
    [
        run(),
        run("add.automatic_ids", seen(PEN), after=table(PEN), steps_dropped=3),
        run(signs=(Sign("files", "opens something"), Sign("tracing", "traces"))),
    ],
)
def test_an_ordinary_record_is_enough(honest: Run) -> None:
    """Claims that were left out, and signs of other kinds, are no reason to doubt."""
    assert doubt(honest, "commit.ids") is None


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (run(facts_dropped=2), "2 steps of the database went unrecorded"),
        (run(after=CUT), "7 rows more than are looked at"),
        (run(before=CUT), "7 rows more than are looked at"),
        (run("add.automatic_ids", fact("seen", None, table=CUT)), "7 rows more than are looked at"),
    ],
)
def test_a_record_that_was_cut_passes_nothing(cut: Run, words: str) -> None:
    """Facts that were left out may be those that matter."""
    assert words in (doubt(cut, "commit.stored") or "")


def test_claims_of_a_process_that_was_tampered_with_are_not_believed() -> None:
    """What only the process can tell is not believed where its recorder was changed."""
    assert doubt(run(signs=TAMPERING), "scope.closed_after_success") == CHANGED


@pytest.mark.parametrize(
    "text", ["replaces Session.close", "hears of all events of this process with sys.addaudithook"]
)
def test_a_wrapper_round_sqlalchemy_and_an_ear_are_no_reason_to_doubt(text: str) -> None:
    """What a program that logs its sessions does as well is left to a person to look at."""
    assert doubt(run(signs=(Sign("tampering", text),)), "scope.closed_after_success") is None


def test_facts_are_believed_whatever_the_process_did() -> None:
    """What the database shows cannot be changed from inside the process."""
    assert doubt(run(signs=TAMPERING), "commit.stored") is None


def preview(*signs: Sign, value: object = (1, 2)) -> Evidence:
    """Return evidence of a preview that returned the ids that were to be given."""
    inputs = {"invocations": [{"products": [{"name": "a", "price": "1"}, {"name": "b", "price": "2"}]}]}
    outcome = Outcome("returned", value=list(value) if isinstance(value, tuple) else value)
    return evidence(run("model"), run("preview", next_ids=(1, 2, 3), inputs=inputs, outcome=outcome, signs=signs))


def verdict(about: Evidence) -> tuple[str, str]:
    """Return what the judge says of the previewed ids."""
    (result,) = [result for result in judge(about).results if result.key == "flush.ids"]
    return result.outcome, result.seen


def test_without_a_doubt_a_check_passes() -> None:
    """The ids that were to be given are right."""
    assert verdict(preview()) == ("passed", "")


def test_a_check_that_would_pass_fails_on_a_doubt() -> None:
    """The same ids are not believed from a process that was tampered with."""
    assert verdict(preview(*TAMPERING)) == ("failed", CHANGED)


def test_what_fails_anyway_says_so_itself() -> None:
    """A doubt takes no place of what a check found."""
    outcome, words = verdict(preview(*TAMPERING, value=(2, 1)))
    assert (outcome, CHANGED in words) == ("failed", False)


def test_a_doubt_is_about_the_runs_that_a_check_looked_at() -> None:
    """Another run in doubt changes nothing for this one."""
    clean = preview()
    other = evidence(*clean.runs, run("reload", signs=TAMPERING))
    assert verdict(other) == ("passed", "")
