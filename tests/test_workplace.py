"""What is kept of an answer and of a record: a child may say anything, evidence has its sizes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader import limits
from grader.observe.child.request import Answer, Sign, Trouble
from grader.observe.database.messages import Record
from grader.observe.plan import Planned
from grader.observe.workplace import Performed, as_run
from grader.told import fields, listed
from grader.values import Failure, Run, Step, Where

SCRIPT = "transaction_script.py"
PROCESS: Any = SimpleNamespace(printed=b"", printed_bytes=0)


def kept(*answers: Answer, steps: tuple[Step, ...] = ()) -> Run:
    """Return a call as evidence, of a submission that has one script."""
    performed = Performed(list(answers), Record(steps=steps))
    return as_run(Planned("add", "add", "add_products"), performed, PROCESS, known={SCRIPT})


def failure(**told: Any) -> Failure:  # noqa: ANN401  # the fields of Trouble
    """Return what is kept of an exception."""
    trouble = Trouble(**({"type": "ValueError", "message": "no"} | told))
    return cast("Failure", kept(Answer("raised", trouble=trouble)).outcome.failure)


def test_an_exception_is_kept_as_it_is() -> None:
    """Type, message, line and chain of an ordinary exception are evidence."""
    told = failure(file=SCRIPT, line=7, chain=("ValueError", "KeyError"))
    assert told == Failure("ValueError", "no", Where(SCRIPT, 7), ("ValueError", "KeyError"))


def test_texts_of_an_exception_are_cut() -> None:
    """Type and message are no longer than a driver makes them, its mark of a cut included."""
    told = failure(type="T" * 10_000, message="m" * 10_000)
    assert {len(told.type), len(told.message)} == {limits.TEXT_CHARACTERS + 1}


def test_a_chain_is_cut() -> None:
    """Only the first exceptions of a chain are kept, and of each as much as of any text."""
    told = failure(chain=("C" * 10_000,) * 1_000)
    assert [len(link) for link in told.chain] == [limits.TEXT_CHARACTERS + 1] * limits.CHAIN


@pytest.mark.parametrize("line", [0, None])
def test_a_file_without_a_line_is_its_first(line: int | None) -> None:
    """An exception that names a file alone points at its beginning."""
    assert failure(file=SCRIPT, line=line).where == Where(SCRIPT, 1)


PLACES = [("../../../etc/passwd", 1), ("models.py", 1), (SCRIPT, -5), (SCRIPT, 10**300), (None, 3)]


@pytest.mark.parametrize(("file", "line"), PLACES)
def test_a_line_that_the_submission_has_not_is_none(file: str | None, line: int) -> None:
    """A line is kept only of a file of the submission, and only where a file may have one."""
    assert failure(file=file, line=line).where is None


@pytest.mark.parametrize(("file", "line"), PLACES[:-1])
def test_a_step_points_only_into_the_submission(file: str, line: int) -> None:
    """The same holds for the line of a step; the step itself is kept."""
    assert kept(Answer("returned"), steps=(Step("commit", fact=True, where=Where(file, line)),)).steps == (
        Step("commit", fact=True),
    )


def test_a_step_keeps_a_line_of_the_script() -> None:
    """A step that points into the script is kept as it is."""
    step = Step("commit", fact=True, where=Where(SCRIPT, 7))
    assert kept(Answer("returned"), steps=(step,)).steps == (step,)


def test_a_sign_points_only_into_the_submission() -> None:
    """And for that of a sign, whose text is cut."""
    (sign,) = kept(Answer("returned", signs=(Sign("files", "x" * 10_000, "/etc/passwd", 1),))).signs
    assert (sign.where, len(sign.text)) == (None, limits.SIGN_CHARACTERS)


@pytest.mark.parametrize(("status", "known"), [(None, None), (0, 0), (255, 255), (256, 1), (-1, 1), (10**300, 1)])
def test_a_status_is_one_that_a_program_can_have(status: int | None, known: int | None) -> None:
    """No program ends with another status than 0 to 255: whatever is told instead is no success."""
    assert kept(Answer("exited", status=status)).outcome.status == known


ODD: list[Any] = [None, 5, [], {}, {"dict": 5}, {"dict": [5, [], ["a"], ["a", 1, 2], [["a"], 1], {"a": 1}]}]


@pytest.mark.parametrize("value", ODD)
def test_what_is_no_dict_has_no_fields(value: object) -> None:
    """A dict is a list of pairs with text keys; anything else in its place is passed over."""
    assert (fields(value), listed(value, "a")) == ({}, [])
