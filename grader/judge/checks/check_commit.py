"""Commit: everything arrives, at once, and the ids come back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.record import Product, counted, given, kind_of, money, read_back, shortened, told
from grader.judge.trace import arrivals, fact_before, ids_in, inserts, line_of, rows_that_changed, rows_that_went
from grader.judge.transactions import commits_that_changed

if TYPE_CHECKING:
    from grader.judge.record import Record
    from grader.values import Run, Where


_ENDS = frozenset({"returned", "raised"})


@check("commit.stored", needs=("model.table", "model.money"))
def check_another_connection_reads_every_product(record: Record) -> None:
    """After `add_products`, another connection reads every product as it was given."""
    runs = record.runs("add")
    expect.something(runs, "add_products could not be tried without a table")
    for run in runs:
        expect.that(run.outcome.kind in _ENDS, told("add_products", run.outcome), where=run.outcome.where)
        readable = run.read_back is not None or not (run.after and run.after.rows)
        expect.something(readable, "the products could not be read back through the model")
        lost = _as_amounts(given(run)) - _as_amounts(_new_products(record, run))
        expect.that(not lost, _what_is_missing(record, run, lost), where=run.outcome.where or _writer(run))
        moved = [p.id for p in given(run) if p.id is not None and p not in _new_products(record, run)]
        text = f"{counted(len(moved), 'product')} did not get the given id"
        expect.that(not moved, text, where=_writer(run))


@check("commit.stored", needs=("model.table", "model.money"))
def check_nothing_else_has_changed(record: Record) -> None:
    """`add_products` leaves everything alone that was there before, and stores nothing else."""
    for run in _done(record):
        gone = rows_that_went(run)
        text = f"{counted(len(gone), 'product')} from before came to be changed or removed"
        expect.that(not gone, text, where=_writer(run))
        new, wanted = _new_products(record, run), given(run)
        text = f"{counted(len(new), 'product')} came to be stored where {len(wanted)} were given"
        expect.that(len(new) <= len(wanted), text, where=_writer(run))
        expect.that(_is_the_table(run, new), "the model reads other products than those in the table products")


def _as_amounts(products: list[Product]) -> Counter[tuple[str | None, int | None]]:
    return Counter((product.name, product.cents) for product in products)


def _is_the_table(run: Run, new: list[Product]) -> bool:
    """Tell whether the products that the model reads anew have the ids of the rows that are new in the table."""
    return run.read_back is None or {product.id for product in new} == ids_in(run.after) - ids_in(run.before)


def _new_products(record: Record, run: Run) -> list[Product]:
    return [product for product in read_back(run) if product.id not in record.stock]


def _what_is_missing(record: Record, run: Run, lost: Counter[tuple[str | None, int | None]]) -> str:
    """Say what another connection saw instead of all products."""
    new, count = _new_products(record, run), len(given(run))
    if run.outcome.kind == "raised" and len(new) < count:
        return told("add_products", run.outcome)
    if not new:
        why = "the INSERT was sent, but never committed" if inserts(run.steps) else "no INSERT reached the database"
        return f"another connection sees none of the {count} products: {why}"
    if len(new) < count:
        return f"another connection sees {len(new)} of the {count} products"
    name, amount = next(iter(lost), (None, None))
    return _what_was_spoiled(name, amount, new, given(run))


def _what_was_spoiled(name: str | None, amount: int | None, new: list[Product], wanted: list[Product]) -> str:
    """Say what became of a product; what had been given for another one is hidden and stays so."""
    if name in {product.name for product in new}:
        prices = {p.cents for p in new if p.name == name} - {p.cents for p in wanted}
        nearest = min(prices, key=lambda cents: abs((cents or 0) - (amount or 0)), default=None)
        return f"a price of {money(amount)} was stored as {money(nearest) if prices else 'another one'}"
    names = {p.name for p in new if p.cents == amount} - {p.name for p in wanted}
    return f"the name {name!r} was stored as {shortened(repr(names.pop())) if names else 'another one'}"


def _done(record: Record) -> list[Run]:
    """Return the calls that returned, and those that raised although they had stored something."""
    runs = [run for run in record.runs("add") if run.outcome.kind == "returned" or rows_that_changed(run)]
    expect.something(runs, "add_products never returned")
    return runs


def _writer(run: Run) -> Where | None:
    """Return the line of the last INSERT, or of what committed."""
    steps = [*inserts(run.steps), *arrivals(run.steps, run.before)]
    return next((step.where for step in reversed(steps) if step.where), None)


@check("commit.one_transaction", needs=("commit.stored",))
def check_all_arrive_at_once(record: Record) -> None:
    """All products arrive in one commit: no other connection ever sees a part of them."""
    runs = [run for run in record.runs("add") if arrivals(run.steps, run.before)]
    expect.something(runs, "no product arrived, so nothing can be said about how many commits it takes")
    for run in runs:
        seen, commits = arrivals(run.steps, run.before), commits_that_changed(run.steps)
        expect.that(len(seen) == 1, _what_was_seen(run), where=_committer(run))
        text = f"{len(commits)} commits stored the products, while nobody else could look"
        expect.that(len(commits) <= 1, text, where=commits[0].where if commits else None)
        expect.that(seen[0].table == run.after, "other connections saw a part of the products first")


@check("commit.one_transaction", needs=("commit.stored",))
def check_nothing_shows_before_all_of_it_does(record: Record) -> None:
    """Nothing of a call that fails is ever visible to another connection, not even for a moment."""
    expect.something(record.runs("add"), "add_products could not be tried")
    for run in record.runs("failed_insert"):
        stayed = rows_that_changed(run) or rows_that_went(run)  # that is the rollback's matter
        seen, commits = arrivals(run.steps, run.before), commits_that_changed(run.steps)
        text = "other connections saw products of a failing call, which were removed later"
        expect.that(stayed or not seen, text, where=_committer(run) if seen else None)
        expect.that(stayed or len(commits) <= 1, "products of a failing call were committed, and removed later")


def _what_was_seen(run: Run) -> str:
    """Say how many products others saw at each moment, and what made the parts visible."""
    before = len(run.before.rows) if run.before else 0
    tables = [step.table for step in arrivals(run.steps, run.before)]
    counts = [str(len(table.rows) - before) if table else "none" for table in tables]
    return f"other connections saw {', then '.join(counts)} of the {len(given(run))} products: {_what_stored(run)}"


def _what_stored(run: Run) -> str:
    """Say what made the parts visible."""
    seen = arrivals(run.steps, run.before)
    cause = fact_before(run.steps, seen[0])
    if cause and (cause.sql or "").upper().startswith("RELEASE"):
        return "with SQLite, a savepoint outside of a transaction is one, and its release commits"
    if cause and inserts([cause]):
        return "each INSERT was kept at once, outside of any transaction"
    return f"{len(seen)} commits"


def _committer(run: Run) -> Where | None:
    """Return the line of the student's code whose commit made the first arrival visible."""
    return line_of(run.steps, arrivals(run.steps, run.before)[0])


@check("commit.ids", needs=("commit.stored",))
def check_ids_come_back(record: Record) -> None:
    """`add_products` returns the ids of the products, as a list, in the order of the products."""
    for run in _done(record):
        expect.that(run.outcome.kind == "returned", told("add_products", run.outcome), where=run.outcome.where)
        value, wanted = run.outcome.value, given(run)
        numbers = isinstance(value, list) and all(type(item) is int for item in value)
        expect.that(numbers, f"add_products returned {kind_of(value)}")
        expect.that(len(value) == len(wanted), f"{counted(len(value), 'id')} came back for {len(wanted)} products")
        expect.that(_are_the_ids(run, value), _what_is_wrong_with(run, value))


def _are_the_ids(run: Run, ids: list[int]) -> bool:
    """Tell whether each id is that of its product, as stored or, where nothing was stored, as the database gave it."""
    back = {product.id: product for product in read_back(run)}
    automatic = [identifier for identifier, _ in zip(run.next_ids, given(run), strict=False)]
    as_given = [product.id for product in given(run) if product.id is not None] or automatic
    own = all(i in back and back[i].resembles(p) for i, p in zip(ids, given(run), strict=True))
    distinct = len(set(ids)) == len(ids) or len(rows_that_changed(run)) < len(ids)
    return ids == as_given or (own and distinct)


def _what_is_wrong_with(run: Run, ids: list[int]) -> str:
    """Say how ids that came back differ from those of the products."""
    if len(set(ids)) < len(ids):
        return "the same id came back more than once"
    stored = {other.id for other in read_back(run) if any(other.resembles(product) for product in given(run))}
    in_other_order = set(ids) <= stored
    return "the ids came back in another order than the products" if in_other_order else "the products have other ids"


@check("commit.ids", needs=("commit.stored",))
def check_empty_list_gives_an_empty_list(record: Record) -> None:
    """`add_products` of an empty list stores nothing and returns an empty list."""
    expect.something(_done(record), "add_products never returned")
    run = expect.present(record.run("add_nothing"), "add_products was not tried with an empty list")
    text = told("given an empty list, add_products", run.outcome)
    expect.that(run.outcome.kind == "returned", text, where=run.outcome.where)
    expect.that(run.outcome.value == [], f"an empty list gave back {kind_of(run.outcome.value)}")
    expect.that(not rows_that_changed(run), "an empty list stored something")
