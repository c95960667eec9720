"""Which commits changed something, as the wire shows it."""

from __future__ import annotations

import pytest
from evidence_samples import INSERT, REFUSED, claim, fact, sent

from grader.judge.transactions import commits_that_changed
from grader.values import SqlError, Step

STORED = sent(in_transaction=True)
COMMIT = fact("commit")


def said(sql: str, *, open_: bool = True) -> Step:
    """Return a statement that writes nothing, and leaves a transaction open or not."""
    return sent(sql, in_transaction=open_)


BEGIN, END = said("BEGIN"), said("COMMIT", open_=False)
SAVE, BACK, RELEASE = said("SAVEPOINT one"), said("ROLLBACK TO SAVEPOINT one"), said("RELEASE SAVEPOINT one")


@pytest.mark.parametrize(
    "steps",
    [
        (STORED, COMMIT),
        (BEGIN, STORED, STORED, END),
        (sent(),),
        (SAVE, STORED, said("release one", open_=False)),
        (BEGIN, SAVE, STORED, RELEASE, COMMIT),
        (BEGIN, SAVE, STORED, BACK, STORED, COMMIT),
        (BEGIN, STORED, SAVE, STORED, BACK, COMMIT),
        (BEGIN, SAVE, STORED, RELEASE, SAVE, BACK, COMMIT),
        (BEGIN, said('SAVEPOINT "One"'), STORED, said("ROLLBACK TO one"), said("RELEASE one"), STORED, COMMIT),
        (COMMIT, STORED, COMMIT, COMMIT),
        (STORED, fact("commit", in_transaction=True, error=SqlError("OperationalError", "locked")), COMMIT),
        (STORED, said("ROLLBACK TO nothing"), COMMIT),
        (STORED, fact("rollback"), STORED, COMMIT),
    ],
)
def test_a_commit_of_a_change_counts(steps: tuple[Step, ...]) -> None:
    """However a transaction begins and ends, it is one change that is committed, and empty ones are none."""
    assert len(commits_that_changed(steps)) == 1


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (BEGIN, END),
        (STORED, fact("rollback")),
        (STORED, said("ROLLBACK", open_=False)),
        (STORED, fact("lost", in_transaction=True)),
        (BEGIN, SAVE, STORED, BACK, COMMIT),
        (BEGIN, SAVE, STORED, said("ROLLBACK TRANSACTION TO one"), RELEASE, COMMIT),
        (BEGIN, SAVE, said("SAVEPOINT two"), STORED, said("RELEASE two"), BACK, COMMIT),
        (sent(error=REFUSED),),
        (STORED, sent(error=REFUSED)),
        (sent(INSERT, wrote=("insert:notes",), in_transaction=True), COMMIT),
        (sent(changed=0, in_transaction=True), COMMIT),
        (claim("execute", sql=INSERT, wrote=("insert:products",), changed=1),),
    ],
)
def test_what_is_taken_back_or_changes_nothing_does_not_count(steps: tuple[Step, ...]) -> None:
    """A rollback, also to a savepoint, an error, another table and a claim commit no change."""
    assert commits_that_changed(steps) == []


def test_each_connection_has_transactions_of_its_own() -> None:
    """The commit of one connection says nothing of what another has open."""
    other = fact("commit", connection=2)
    assert commits_that_changed([STORED, other]) == []


def test_each_commit_of_a_change_is_told() -> None:
    """Two commits with a change each are two."""
    assert commits_that_changed([STORED, COMMIT, STORED, END]) == [COMMIT, END]
