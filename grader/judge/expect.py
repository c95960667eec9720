"""What a check may say: that it expected something else, or that there is nothing to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from grader.values import Where

_Found = TypeVar("_Found")


class Verdict(Exception):  # noqa: N818  # not an error: it is what a check found out
    """A check ended early. Any other exception that leaves a check is the grader's own fault."""

    def __init__(self, seen: str, *, expected: str = "", where: Where | None = None, share: float = 0.0) -> None:
        super().__init__(seen)
        self.seen = seen
        self.expected = expected
        self.where = where
        self.share = share


class Failed(Verdict):
    """The evidence shows something else than what the criterion asks for."""


class Unseen(Verdict):
    """The evidence holds nothing to judge: blocked by the criterion that is the cause, failed where there is none."""


def fail(seen: str, *, expected: str = "", where: Where | None = None, share: float = 0.0) -> NoReturn:
    """Say what was seen instead; ``share`` of the points is kept."""
    raise Failed(seen, expected=expected, where=where, share=share)


def that(holds: object, seen: str, *, expected: str = "", where: Where | None = None) -> None:
    """Fail unless ``holds``."""
    if not holds:
        fail(seen, expected=expected, where=where)


def present(found: _Found | None, seen: str) -> _Found:
    """Return what was found, or say that there is nothing to judge."""
    if found is None:
        raise Unseen(seen)
    return found


def something(found: object, seen: str, *, where: Where | None = None) -> None:
    """Say that there is nothing to judge unless ``found``: a vacuous pass is no pass."""
    if not found:
        raise Unseen(seen, where=where)
