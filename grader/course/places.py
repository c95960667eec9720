"""Where things lie in the folder of a class."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from grader.course.opening import FILE

if TYPE_CHECKING:
    from pathlib import Path

GRADES = "grades.csv"
PAGE = "class.html"
_TAKEN = frozenset({GRADES, PAGE, FILE})
_PLAIN = re.compile(r"[\w@+][\w.@+ -]*")
_LONGEST = 200
"""Bytes of a name; file systems take 255."""


def folder_of(student: str) -> str:
    """Return the name of the folder in which a student's reports lie: the key, where that can be one.

    A key is the registrar's or the student's own, and may be ``../..``; every key has a name of its own.
    """
    name = student if _PLAIN.fullmatch(student) and student not in _TAKEN else _quoted(student)
    if len(name.encode()) <= _LONGEST:
        return name
    return f"%{hashlib.sha256(student.encode()).hexdigest()}"


def reports_of(out: Path, student: str) -> Path:
    """Return that folder."""
    return out / folder_of(student)


def _quoted(student: str) -> str:
    """Return a key in the way of URLs; what would be a name of another meaning begins with an escape as well."""
    quoted = quote(student, safe="@+ ")
    first = student.encode()[:1]
    return quoted if quoted.startswith("%") else f"%{first.hex().upper()}{quoted[1:]}"
