"""The decorator that ties a check to its criterion."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.judge.record import Record

_Check = TypeVar("_Check", bound="Callable[[Record], None]")
CRITERION = "criterion"
NEEDS = "needs"


def check(key: str, *, needs: tuple[str, ...] = ()) -> Callable[[_Check], _Check]:
    """Make a function a check of the criterion ``key``.

    ``needs`` are the criteria that may be the cause where there is nothing to judge, the likeliest first.
    """

    def mark(function: _Check) -> _Check:
        setattr(function, CRITERION, key)
        setattr(function, NEEDS, needs)
        return function

    return mark
