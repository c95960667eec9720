"""How a self-check says what it expected and what it saw."""

from __future__ import annotations

import pytest


def expect(fact: str, *, expected: object, seen: object) -> None:
    """Fail with the fact, what was expected and what was seen, unless the two are equal."""
    if seen != expected:
        raise failed(f"{fact}\n  expected: {expected}\n  seen:     {seen}")


def failed(message: str) -> BaseException:
    """Return the failure that pytest shows as this message and nothing else."""
    return pytest.fail.Exception(message, pytrace=False)
