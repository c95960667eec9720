"""Why what was recorded of a run may not be enough to pass a criterion.

No honest submission comes here: its record is never cut, and it leaves alone what records it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.judge.record import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.values import Run, Table

CHANGED = "the record of this process was changed by the code in it"
# What the database itself shows. All other criteria need something that only the student's process can tell.
_SHOWN_BY_FACTS = frozenset({
    "model.required", "commit.stored", "commit.one_transaction", "rollback.nothing_kept", "rollback.commit_failure",
    "flush.nothing_stored", "script.second_run",
})  # fmt: skip
# Whoever wraps a method of SQLAlchemy's, for a log say, or listens to Python's audit events, changes no record.
_LEAVES_IT_ALONE = ("replaces Session.", "replaces InstrumentedAttribute.", "hears of all events ")


def doubt(run: Run, criterion: str) -> str | None:
    """Return why a run cannot show that a criterion is met, None where it can."""
    if run.facts_dropped:
        return f"so much happened that {counted(run.facts_dropped, 'step')} of the database went unrecorded"
    if unread := max((table.more for table in _tables(run)), default=0):
        return f"the table holds {counted(unread, 'row')} more than are looked at"
    return CHANGED if is_changed(run) and criterion not in _SHOWN_BY_FACTS else None


def is_changed(run: Run) -> bool:
    """Tell whether code of the student's reached into what records its run."""
    return any(sign.kind == "tampering" and not sign.text.startswith(_LEAVES_IT_ALONE) for sign in run.signs)


def _tables(run: Run) -> Iterator[Table]:
    for table in (run.before, run.after, *(step.table for step in run.steps if step.fact)):
        if table is not None:
            yield table
