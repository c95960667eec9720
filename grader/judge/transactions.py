"""Follows transactions on the wire: which commits changed ``products``, whether anybody could look then or not."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.values import Step

_SAVEPOINT = re.compile(
    r"\s*(SAVEPOINT|RELEASE|ROLLBACK)(?:\s+TRANSACTION)?(?:\s+TO)?(?:\s+SAVEPOINT)?\s+(?!TRANSACTION\b)([^\s;]+)",
    re.IGNORECASE,
)
_ROLLBACK = re.compile(r"\s*ROLLBACK\b", re.IGNORECASE)
_UNDOES = frozenset({"rollback", "close", "lost"})


def commits_that_changed(steps: Iterable[Step]) -> list[Step]:
    """Return the steps that committed a change of ``products``; what a savepoint took back is none."""
    transactions: defaultdict[int | None, _Transaction] = defaultdict(_Transaction)
    return [step for step in steps if step.fact and transactions[step.connection].commits_with(step)]


def changes_products(step: Step) -> bool:
    """Tell whether a statement changed rows of ``products``."""
    return step.changed > 0 and any(entry.endswith(":products") for entry in step.wrote)


@dataclass
class _Level:
    """A savepoint, or the transaction itself, and whether anything was changed since its beginning."""

    name: str
    changed: bool = False


@dataclass
class _Transaction:
    """What is open on one connection."""

    levels: list[_Level] = field(default_factory=lambda: [_Level("")])

    def commits_with(self, step: Step) -> bool:
        """Take in the next step of the connection; tell whether it committed a change."""
        self.levels[-1].changed |= changes_products(step)
        if not step.error and (savepoint := _SAVEPOINT.match(step.sql or "")):
            self._at(savepoint[1].upper(), savepoint[2].strip("\"'`[]").lower())
        if step.in_transaction or step.kind not in {"execute", "executemany", "executescript", "commit", *_UNDOES}:
            return False
        changed = any(level.changed for level in self.levels)
        self.levels = [_Level("")]
        return changed and not (step.error or step.kind in _UNDOES or _ROLLBACK.match(step.sql or ""))

    def _at(self, verb: str, name: str) -> None:
        """Begin, release or take back to a savepoint; with several of a name, the last one is meant."""
        if verb == "SAVEPOINT":
            self.levels.append(_Level(name))
            return
        place = next((n for n in range(len(self.levels) - 1, 0, -1) if self.levels[n].name == name), None)
        if place is None:
            return
        released, self.levels[place:] = self.levels[place:], []
        if verb == "RELEASE":
            self.levels[-1].changed |= any(level.changed for level in released)
        else:
            self.levels.append(_Level(name))
