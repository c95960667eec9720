"""Which run is shown for a lost criterion."""

from __future__ import annotations

import pytest
from outputs_samples import SCRIPT, adding, criterion, evidence, insert, step, table

from grader.outputs.telling import run_behind
from grader.values import Run, Where


def failing(name: str, line: int = 9) -> Run:
    """Return a run in which an insert at ``line`` was to fail."""
    return adding(name=name, kind="failed_insert", steps=(insert(line, "Pen"),))


def chosen(key: str, seen: str, *runs: Run, line: int | None = None) -> str | None:
    """Return the name of the run behind a criterion of which this was seen, at a line of the script."""
    where = None if line is None else Where(SCRIPT, line)
    run = run_behind(criterion(key, "failed", seen=seen, where=where), evidence(*runs))
    return run.name if run else None


def test_the_run_that_a_verdict_speaks_of_is_chosen() -> None:
    """Where the text names a situation, the run of that situation is shown."""
    runs = [failing("failed.id_taken.1"), failing("failed.no_name.2"), failing("refused.3")]
    seen = "when the second product had no name, 1 of the 3 products stayed in the database"
    assert chosen("rollback.nothing_kept", seen, *runs) == "failed.no_name.2"


def test_the_function_that_a_verdict_speaks_of_is_chosen() -> None:
    """Where the text names a function, a run of that function is shown."""
    runs = [adding(), adding(name="preview", kind="preview"), adding(name="reload", kind="reload")]
    assert chosen("scope.closed_after_success", "show_reloading left a session open", *runs) == "reload"


def test_the_run_that_came_to_the_line_is_chosen() -> None:
    """Where the text names nothing, a run that came to the line of the verdict is shown."""
    runs = [failing("refused.1", line=8), failing("refused.2", line=9)]
    assert chosen("rollback.nothing_kept", "something stayed", *runs, line=9) == "refused.2"


def test_what_came_in_parts_is_shown_for_one_transaction() -> None:
    """For the one commit, a run is shown in which others saw more than one state."""
    parts = tuple(step("seen", fact=True, table=table(*[(n, "Pen", 1) for n in range(size)])) for size in (2, 3))
    in_parts = adding(name="add.given_ids", steps=(insert(9, "Pen"), *parts))
    assert chosen("commit.one_transaction", "2 commits", adding(), in_parts) == "add.given_ids"


def test_a_run_of_the_references_functions_is_not_shown() -> None:
    """What the reference's functions did explains no loss of the student's."""
    assert chosen("flush.ids", "", adding(name="preview", kind="preview", functions="reference")) is None


@pytest.mark.parametrize("key", ["model.required", "observations.agree", "tea.hot"])
def test_what_no_session_did_has_no_run(key: str) -> None:
    """A criterion that rests on no session's doing has no run to show."""
    assert chosen(key, "", adding()) is None
