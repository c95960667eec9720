"""What the files for platforms share: a criterion as plain text, and the fault of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.outputs.text import visible

if TYPE_CHECKING:
    from grader.values import Criterion


class SaysTooLittle(ValueError):  # noqa: N818  # it names the fault
    """The environment does not say what a platform says in it; the message names what is missing or wrong."""


def told(criterion: Criterion) -> str:
    """Return what a student reads of a criterion, a fact a line; nothing where it is passed."""
    if criterion.outcome == "passed":
        return ""
    place = f"{criterion.where.file}, line {criterion.where.line}" if criterion.where else ""
    facts = {
        "Expected": criterion.expected,
        "Seen": criterion.seen,
        "Look at": place,
        "Hint": criterion.hint,
        "Not judged because of": criterion.cause,
    }
    return "\n".join(f"{name}: {visible(text)}" for name, text in facts.items() if text)
