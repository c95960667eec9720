"""Commit: everything arrives, at once, and the ids come back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.record import Product, ended, given, money, read_back
from grader.judge.trace import arrivals, inserts, rows_that_changed, rows_that_went

if TYPE_CHECKING:
    from grader.judge.record import Record
    from grader.values import Run, Where


@check("commit.stored", needs=("model.table", "model.money"))
def check_function_returns(record: Record) -> None:
    """`add_products` takes a list of products and returns."""
    runs = record.runs("add")
    expect.something(runs, "add_products could not be tried without a table")
    for run in runs:
        failure = run.outcome.failure
        expect.that(
            run.outcome.kind == "returned",
            f"add_products {ended(run.outcome)}" if run.outcome.kind != "unimportable" else f"transaction_script.py {ended(run.outcome)}",
            where=failure.where if failure else None,
        )


@check("commit.stored", needs=("model.table", "model.money"))
def check_another_connection_reads_every_product(record: Record) -> None:
    """After `add_products`, another connection reads every product as it was given, and nothing else has changed."""
    for run in _returned(record):
        expect.that(not rows_that_went(run), "products that were there before were changed or removed", where=_writer(run))
        expect.something(run.read_back is not None or not run.after, "the products could not be read back through the model")
        new = [product for product in read_back(run) if product.id not in record.stock]
        lost = Counter((p.name, p.cents) for p in given(run)) - Counter((p.name, p.cents) for p in new)
        if lost:
            expect.fail(_what_is_missing(run, new, lost), where=_writer(run))
        expect.that(len(new) == len(given(run)), f"{len(new)} products were stored where {len(given(run))} were given", where=_writer(run))
        wrong = [p.id for p in given(run) if p.id is not None and p not in new]
        expect.that(not wrong, f"the products with the given ids {wrong} were stored under other ids", where=_writer(run))


def _what_is_missing(run: Run, new: list[Product], lost: Counter[tuple[str | None, int | None]]) -> str:
    count = len(given(run))
    if not new:
        sent = len(inserts(run.steps))
        sent_text = f"the INSERT was sent, but never committed ({sent} seen)" if sent else "no INSERT reached the database"
        return f"another connection sees none of the {count} products: {sent_text}"
    if len(new) < count:
        return f"another connection sees {len(new)} of the {count} products"
    name, amount = next(iter(lost))
    return f"the product {name!r} for {money(amount)} is stored as something else"


def _returned(record: Record) -> list[Run]:
    runs = [run for run in record.runs("add") if run.outcome.kind == "returned"]
    expect.something(runs, "add_products never returned")
    return runs


def _writer(run: Run) -> Where | None:
    """Return the line of the last INSERT, or of what committed."""
    steps = [*inserts(run.steps), *arrivals(run.steps, run.before)]
    return next((step.where for step in reversed(steps) if step.where), None)


@check("commit.one_transaction", needs=("commit.stored",))
def check_all_arrive_at_once(record: Record) -> None:
    """All products arrive in one commit: no other connection ever sees a part of them."""
    for run in record.runs("add"):
        seen = arrivals(run.steps, run.before)
        expect.something(seen, "nothing arrived, so nothing can be said about how")
        if len(seen) > 1:
            rows = [len(step.table.rows) if step.table else 0 for step in seen]
            new = [count - (len(run.before.rows) if run.before else 0) for count in rows]
            text = f"other connections saw {', then '.join(map(str, new))} of the {len(given(run))} products: {len(seen)} commits"
            expect.fail(text, where=_committer(run, 0))


@check("commit.one_transaction", needs=("commit.stored",))
def check_nothing_shows_before_all_of_it_does(record: Record) -> None:
    """Nothing of a call that fails is ever visible to another connection, not even for a moment."""
    expect.something(record.runs("add"), "add_products could not be tried")
    for run in record.runs("failed_insert"):
        seen = arrivals(run.steps, run.before)
        gone = not rows_that_changed(run) and not rows_that_went(run)
        if seen and gone:
            expect.fail("other connections saw products of a failing call, which were removed later", where=_committer(run, 0))


def _committer(run: Run, number: int) -> Where | None:
    """Return the line of the student's code whose commit made an arrival visible."""
    arrival = arrivals(run.steps, run.before)[number]
    before = run.steps[: run.steps.index(arrival)]
    return arrival.where or next((step.where for step in reversed(before) if step.fact and step.where), None)


@check("commit.ids", needs=("commit.stored",))
def check_ids_come_back(record: Record) -> None:
    """`add_products` returns the ids of the products, as a list, in the order of the products."""
    for run in _returned(record):
        value = run.outcome.value
        numbers = isinstance(value, list) and all(type(item) is int for item in value)
        expect.that(numbers, f"it returned {_short(value)}")
        expect.that(len(value) == len(given(run)), f"{len(value)} ids came back for {len(given(run))} products")
        expect.that(_are_the_ids(run, value), "the ids that came back are not those of the products, or not in their order")


def _are_the_ids(run: Run, ids: list[int]) -> bool:
    """Tell whether each id is that of its product, as stored; where nothing is stored, whether it is the id that was given to it."""
    back = {product.id: product for product in read_back(run)}
    wanted = [product.id or run.next_ids[n] for n, product in enumerate(given(run)) if product.id or n < len(run.next_ids)]
    return ids == wanted or all(
        i in back and back[i].resembles(p) for i, p in zip(ids, given(run), strict=True)
    )


@check("commit.ids", needs=("commit.stored",))
def check_empty_list_gives_an_empty_list(record: Record) -> None:
    """`add_products` of an empty list stores nothing and returns an empty list."""
    run = record.run("add_nothing")
    expect.something(run is not None and _returned(record), "add_products never returned")
    if run is not None:
        expect.that(run.outcome.kind == "returned", f"add_products of an empty list {ended(run.outcome)}", where=run.outcome.failure and run.outcome.failure.where)
        expect.that(run.outcome.value == [], f"an empty list gave back {_short(run.outcome.value)}")
        expect.that(not rows_that_changed(run), "an empty list stored something")


def _short(value: object) -> str:
    """Write a returned value, for a text."""
    if value is None:
        return "None"
    if isinstance(value, dict):
        return f"an object of type {value['object']}" if "object" in value else "a dict" if "dict" in value else "a number"
    if isinstance(value, list) and any(isinstance(item, dict) and "object" in item for item in value):
        return "a list of " + next(item["object"] for item in value if isinstance(item, dict)) + " objects"
    return repr(value)
