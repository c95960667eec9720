"""How a self-check says what it expected and what it saw."""

from __future__ import annotations

import pytest


class ToDo(pytest.fail.Exception):
    """A check that waits for something that is not written yet: not green, and no mistake either."""


def expect(fact: str, *, expected: object, seen: object) -> None:
    """Fail with the fact, what was expected and what was seen, unless the two are equal."""
    if seen != expected:
        raise failed(f"{fact}\n  expected: {expected}\n  seen:     {seen}")


def failed(message: str) -> BaseException:
    """Return the failure that pytest shows as this message and nothing else."""
    return pytest.fail.Exception(message, pytrace=False)


def to_do(message: str) -> BaseException:
    """Return what pytest shows as something that is still to do."""
    return ToDo(f"to do: {message}", pytrace=False)
