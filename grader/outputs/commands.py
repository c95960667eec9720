"""Workflow commands, written as GitHub's runner reads them (actions/runner, ActionCommand.cs).

The student template carries this file and :mod:`grader.outputs.text`, so both need nothing but the standard library.
"""

from __future__ import annotations

MOST_ANNOTATIONS = 10
"""GitHub shows this many of a kind for a step, and drops the rest (actions/toolkit, docs/problem-matchers.md)."""


def command(name: str, properties: dict[str, str], data: str) -> str:
    """Return the line that commands ``name``; texts of a student's have to be made visible before."""
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(data)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property, which ends at a comma or at the next two colons."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
