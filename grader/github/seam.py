"""The seams of the flow: what one step writes for the next one, where each step is a job of its own.

``take_in`` reads what was handed in and knows the course's secret. ``observe`` runs student code and knows no secret:
only the seed of this one submission. ``judge`` runs nothing, and takes no evidence but that of what was taken in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from grader import flow, limits
from grader.observe import plan, submission
from grader.observe.workplace import inputs
from grader.outputs.text import visible
from grader.values import EVIDENCE_FORMAT, Evidence, Submission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.observe.plan import Planned
    from grader.values import Run

# 1: the first published layout.
TAKEN_IN_FORMAT = 1
_OF_THE_SUBMISSION = {
    "submission": "name",
    "digest": "digest",
    "files": "sources",
    "findings": "findings",
    "observations": "observations",
    "observations_problem": "observations_problem",
}
"""What evidence repeats of a submission, by its name there and here."""

_LONGEST = 100

_Document = TypeVar("_Document", bound=Struct)
_Key = tuple[str, str, str]


class TakenIn(Struct, frozen=True):
    """A submission and the seed of its hidden inputs: whoever observes it needs no folder and no secret."""

    submission: Submission
    seed: str
    format: int = TAKEN_IN_FORMAT


class StepRefused(ValueError):  # noqa: N818  # it names what happened
    """What was handed to a step is not what belongs there; the message names the repair."""


class _Format(Struct):
    format: int


def as_json(taken: TakenIn) -> bytes:
    """Return a document as JSON in ASCII: who looks at it with ``cat`` is not commanded by a text in it."""
    return json.dumps(msgspec.to_builtins(taken)).encode("ascii")


def take_in(folder: Path, student: str | None = None) -> TakenIn:
    """Read what was handed in, under the name of a ``student`` or else of the folder; raises SubmissionUnreadable."""
    taken = submission.take_in(folder)
    name = (student or taken.name).encode("utf-8", "replace").decode()  # a folder's name may be no text at all
    return TakenIn(msgspec.structs.replace(taken, name=name), plan.seed(taken.digest, flow.secret()))


def read_taken_in(path: Path) -> TakenIn:
    """Return what ``grader take-in`` has written; raises :class:`StepRefused`."""
    return _read(path, TakenIn, TAKEN_IN_FORMAT, limits.TAKEN_IN_BYTES, "grader take-in SUBMISSION --out")


def read_evidence(path: Path) -> Evidence:
    """Return what ``grader observe`` has written; raises :class:`StepRefused`."""
    return _read(path, Evidence, EVIDENCE_FORMAT, limits.EVIDENCE_BYTES, "grader observe SUBMISSION --out")


def _read(path: Path, kind: type[_Document], number: int, most: int, maker: str) -> _Document:
    """Decode a document that a job wrote in which student code ran: any bytes may stand there."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise StepRefused(f"{path} cannot be read: {error.strerror}; make it: {maker} {path}") from error
    if len(content) > most:
        raise StepRefused(f"{path} is larger than {most // limits.MIB} MiB, as nothing is that this grader writes")
    try:
        found = msgspec.json.decode(content, type=_Format).format
        if found != number:
            raise StepRefused(
                f"{path} has format {found}, and this grader reads {number}; make it anew: {maker} {path}"
            )
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StepRefused(f"{path} is not what this grader writes: {error}; make it anew: {maker} {path}") from error


def check(evidence: Evidence, taken: TakenIn) -> None:
    """Make sure that evidence tells of this submission, and of the calls that are planned for it today.

    Raises :class:`StepRefused`. Nobody who cannot write evidence as a whole gets through with another's, or an old one.
    """
    for there, here in _OF_THE_SUBMISSION.items():
        if getattr(evidence, there) != getattr(taken.submission, here):
            raise StepRefused(
                f"the evidence is of another submission than {taken.submission.name} with {taken.submission.digest}: "
                f"its {there.replace('_', ' ')} differs; observe this one: grader observe"
            )
    made = {_key(run): run.inputs for run in evidence.runs}
    planned = {_key(call): inputs(call) for call in _planned(evidence, taken.seed)}
    programs = {call.name for call in plan.program()}
    wrong = {name for name, *_ in _differing(made, planned) if name not in programs}
    wrong |= {"model", *programs} - {run.name for run in evidence.runs}
    if wrong:
        shown = visible(", ".join(sorted(wrong)), _LONGEST)
        raise StepRefused(
            f"the evidence is of other calls than those that are planned ({shown}): it was taken by another version of "
            "the grader or with another secret; observe again: grader observe"
        )


def _differing(made: dict[_Key, Any], planned: dict[_Key, Any]) -> Iterator[_Key]:
    return (key for key in made.keys() | planned.keys() if made.get(key) != planned.get(key))


def _planned(evidence: Evidence, seed: str) -> Iterator[Planned]:
    """Yield the calls of models and functions that are planned where the models have stored what is told of them."""
    draw = plan.Draw(seed)
    for run in (run for run in evidence.runs if run.name == "model"):
        stored = plan.stored_ids(run)
        scenarios = [(plan.model(draw),), *(plan.functions(draw, stored) if stored else [])]
        for scenario in scenarios:
            yield from plan.with_parts(scenario, model=run.model, functions="own")


def _key(made: Planned | Run) -> _Key:
    return made.name, made.model, made.functions
