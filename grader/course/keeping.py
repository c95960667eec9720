"""How evidence and reports lie in the gradebook: evidence compressed, a report as the JSON that programs read."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import msgspec

from grader.course.faults import WrongUse
from grader.values import Evidence, GradeReport

if TYPE_CHECKING:
    from grader.course.tables import EvidenceRow

ENCODING = "json+zlib"
"""The evidence of a submission shrinks to a twentieth; better codecs gain a little, and need a library to be read."""


class EvidenceUnreadable(WrongUse):
    """Stored evidence is of a kind that this version of the grader does not know."""


def packed(evidence: Evidence) -> bytes:
    """Return evidence as it is stored: without a name, as all who handed in the same files share it."""
    return zlib.compress(msgspec.json.encode(msgspec.structs.replace(evidence, submission="")))


def unpacked(row: EvidenceRow, student: str) -> Evidence:
    """Return stored evidence as that of a student; EvidenceUnreadable where it is of another format."""
    if row.encoding != ENCODING:
        raise EvidenceUnreadable(f"evidence is stored as {row.encoding!r}. Update: pip install -U session-grader")
    try:
        return of_packed(row.content, student)
    except (zlib.error, msgspec.DecodeError) as error:
        raise EvidenceUnreadable(f"the evidence of {row.digest} cannot be read: {error}. Grade it again.") from error


def of_packed(content: bytes, student: str) -> Evidence:
    """Return what :func:`packed` was given, as evidence about a student."""
    evidence = msgspec.json.decode(zlib.decompress(content), type=Evidence)
    return msgspec.structs.replace(evidence, submission=student)


def report_text(report: GradeReport, student: str) -> str:
    """Return a report on a student as JSON."""
    return msgspec.json.encode(msgspec.structs.replace(report, submission=student)).decode()


def report_of(text: str) -> GradeReport:
    """Return a stored report."""
    return msgspec.json.decode(text, type=GradeReport)
