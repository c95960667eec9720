"""The golden submissions: folders as students hand them in, each with the verdict that it deserves."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.flow import Graded
    from grader.values import Criterion

ACCEPTED = "tests/submissions/accepted"
REJECTED = "tests/submissions/rejected"
LABEL = "expected.toml"

Loss = Literal["failed", "blocked", "lost"] | int


class Advised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The advice that has to be given, whatever else is."""

    keys: tuple[str, ...] = ()


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``expected.toml`` says: who handed this in, what it loses, and what advice it gets.

    ``lost`` names each criterion that costs points: ``"failed"``, ``"blocked"``, ``"lost"`` (either of the two) or the
    number of points that are kept. Every other criterion passes. ``says`` holds, for some of the lost criteria, a
    fragment that the feedback must contain: what this student, and nobody else, did.
    """

    about: str
    lost: dict[str, Loss]
    advice: Advised = Advised()
    says: dict[str, str] = {}


class CorpusMissing(ValueError):  # noqa: N818  # it names the fault
    """The golden submissions are not here; the message names the repair."""


def folders(root: Path, corpus: str) -> list[Path]:
    """Return the folders of ``ACCEPTED`` or ``REJECTED``, sorted; CorpusMissing where only the package is installed."""
    if not (root / corpus).is_dir():
        raise CorpusMissing(f"{root / corpus} is not there: clone the whole repository, and run the command in it")
    return sorted(folder for folder in (root / corpus).iterdir() if folder.is_dir())


def label_of(folder: Path) -> Label:
    """Return the label of a folder; an error of msgspec's, of TOML or of the file system says what is wrong with it."""
    return msgspec.convert(tomllib.loads((folder / LABEL).read_text(encoding="utf-8")), Label)


def name_of(folder: Path) -> str:
    """Return how a folder is called in a report: ``accepted/begin_block``."""
    return f"{folder.parent.name}/{folder.name}"


def differences(graded: Graded, label: Label) -> list[str]:
    """Return what the grade has otherwise than the label, criterion by criterion, and the grader's own faults."""
    lines = [line for criterion in graded.report.criteria for line in _difference(criterion, label)]
    lines += [line for criterion in graded.report.criteria for line in _silence(criterion, label)]
    missing = set(label.advice.keys) - {advice.key for advice in graded.report.advice}
    return [*lines, *(f"{key}: not given" for key in sorted(missing)), *graded.faults]


def _silence(criterion: Criterion, label: Label) -> Iterator[str]:
    """Yield a line if the feedback on a criterion does not contain what the label wants said."""
    fragment = label.says.get(criterion.key, "")
    if fragment.casefold() not in f"{criterion.seen}\n{criterion.hint}".casefold():
        yield f"{criterion.key}: wanted to be told {fragment!r}, was told: {criterion.seen}"


def _difference(criterion: Criterion, label: Label) -> Iterator[str]:
    """Yield a line if a criterion is not as the label says: what was wanted, what was seen, and where."""
    wanted = label.lost.get(criterion.key, "passed")
    outcomes = {"lost": ("failed", "blocked")}.get(str(wanted), (wanted,))
    got = criterion.points if isinstance(wanted, int) else criterion.outcome
    if got not in outcomes:
        where = f" at {criterion.where.file}:{criterion.where.line}" if criterion.where else ""
        cause = f" because of {criterion.cause}" if criterion.cause else ""
        yield f"{criterion.key}: wanted {wanted}, got {got}{cause}: {criterion.seen}{where}"
