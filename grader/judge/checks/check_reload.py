"""Reload: stale, expired, refreshed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.elsewhere import changes, other_changes, planned_price
from grader.judge.observations import PRICES
from grader.judge.record import cents, counted, kind_of, money, shortened, told
from grader.judge.trace import line_of, own_connections, writes
from grader.told import fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.judge.record import Record
    from grader.values import Run, Step


@check("reload.stale", needs=("commit.stored", "model.table"))
def check_four_prices_come_back(record: Record) -> None:
    """`show_reloading` returns a dict with the keys loaded, stale, after_expire_all and after_refresh."""
    run = _reload(record)
    expect.something(
        run.outcome.kind != "unimportable",
        told("transaction_script.py", run.outcome),
        where=run.outcome.where,
    )
    expect.that(run.outcome.kind == "returned", told("show_reloading", run.outcome), where=run.outcome.where)
    prices = fields(run.outcome.value)
    expect.that(set(PRICES) <= set(prices), _which_keys(run.outcome.value))
    no_prices = [f"{key} is {kind_of(prices[key])}" for key in PRICES if cents(prices[key]) is None]
    expect.that(not no_prices, f"in the dict that came back {' and '.join(no_prices[:2])}, and no number")


def _which_keys(value: object) -> str:
    """Say which keys were missing in what came back, and which were there instead."""
    if isinstance(value, list):
        return f"show_reloading returned {counted(len(value), 'value')} in a row, and no dict"
    if not isinstance(value, dict) or "dict" not in value:
        return f"show_reloading returned {kind_of(value)}, and no dict"
    missing = [key for key in PRICES if key not in fields(value)]
    others = [key for key in fields(value) if key not in PRICES]
    instead = f", but {shortened(' and '.join(others))}" if others else ""
    return f"the dict that came back has no {' and no '.join(missing)}{instead}"


@check("reload.stale", needs=("commit.stored", "model.table"))
def check_stale_price_is_read_again(record: Record) -> None:
    """After the change elsewhere the object is read again, before any reloading: it still shows the old price."""
    run = _reload(record)
    values, old, between = fields(run.outcome.value), _old_price(record, run), _between(run, 1)
    expect.that(between or run.outcome.kind != "returned", "change_elsewhere() was not called")
    reloads = [n for n, step in enumerate(between) if step.kind in {"expire_all", "expire", "refresh"}]
    for key, culprits in (("loaded", ()), ("stale", between[reloads[0] :] if reloads else between)):
        shown = cents(values.get(key))
        expect.that(shown in {None, old}, _not_the_old_price(run, key, shown, old), where=_line(culprits))
    read = _is_read(run, between[: reloads[0] if reloads else None]) or not _objects(run) or _reads_unseen(record)
    expect.that(read, "the object was not read between the change and the reloading", where=_line(between))


def _not_the_old_price(run: Run, key: str, shown: int | None, old: int | None) -> str:
    """Say which price came back in place of the old one: one of the two is shown, as both are hidden inputs."""
    if shown is not None and shown == planned_price(run, 0):
        return f"{key} is {money(shown)}, the new price already"
    return f"{key} is {money(shown)}, and the old price was {money(old)}"


@check("reload.expire_all", needs=("reload.stale", "model.money"))
def check_expire_all_brings_the_new_price(record: Record) -> None:
    """`session.expire_all()` is called, and the next read of the same object brings the new price from the database."""
    run = _reload(record)
    between = _between(run, 1)
    expired = [n for n, step in enumerate(between) if step.kind == "expire_all" and step.session in _sessions(run)]
    _expect_called(run, expired, _instead_of_expire_all(run), between)
    after, where = between[expired[-1] :], between[expired[-1]].where
    expect.that(_selected(run, after), "after expire_all() nothing was read from the database", where=where)
    expect.that(_is_read(run, after), "after expire_all() the object itself was not read", where=where)
    _expect_price(run, "after_expire_all", 1)


@check("reload.refresh", needs=("reload.stale", "model.money"))
def check_refresh_brings_the_newest_price(record: Record) -> None:
    """`session.refresh(product)` is called on the same object after the second change, and brings the newest price."""
    run = _reload(record)
    between = _between(run, 2)
    refreshed = [n for n, step in enumerate(between) if step.kind == "refresh" and step.object in _objects(run)]
    _expect_called(run, refreshed, _instead_of_refresh(run), between)
    after = between[refreshed[-1] :]
    expect.that(_selected(run, after), "refresh() did not reach the database", where=after[0].where)
    _expect_price(run, "after_refresh", 2)


@check("reload.refresh", needs=("reload.stale", "model.money"))
def check_reloading_writes_nothing(record: Record) -> None:
    """`show_reloading` only reads: its session sends no INSERT, UPDATE or DELETE."""
    run = _reload(record)
    own = own_connections(run.steps)
    written = [step for step in run.steps if writes(step) and step.connection in own] or other_changes(run)
    where = line_of(run.steps, written[0]) if written else None
    expect.that(not written, "show_reloading wrote to the database itself", where=where)


def _instead_of_expire_all(run: Run) -> str:
    """Say what was called after the first change where expire_all() was wanted."""
    first, kinds = _first_change(run), _claimed(_between(run, 1))
    if first is None:
        return "change_elsewhere() was not called"
    if not _objects(run):
        return "the price of the object was not read before the first change"
    if "expire_all" in kinds:
        return "expire_all() was called on another session than that of the object"
    if other := next((kind for kind in ("expire", "refresh", "commit", "rollback") if kind in kinds), None):
        return f"{other}() was called after the first change, and not expire_all()"
    too_early = "expire_all" in _claimed(run.steps[:first])
    return "expire_all() was called before the first change, and not after it" if too_early else _never("expire_all", 1)


def _instead_of_refresh(run: Run) -> str:
    """Say what was called after the second change where refresh() was wanted."""
    between = _between(run, 2)
    kinds = _claimed(between)
    if not between:
        return "change_elsewhere() was not called a second time"
    if not _objects(run):
        return "the price of the object was not read before the first change"
    if "refresh" in kinds:
        return "refresh() was called on another object than the one that was loaded"
    if other := next((kind for kind in ("expire_all", "expire", "commit") if kind in kinds), None):
        return f"{other}() was called after the second change, and not refresh()"
    if "refresh" in _claimed(_between(run, 1)):
        return "refresh() was called before the second change, and not after it"
    queried = ": the price was queried anew" if _selected(run, between) else ""
    return _never("refresh", 2) + queried


def _never(method: str, change: int) -> str:
    return f"{method}() was not called after the {'second' if change > 1 else 'first'} change"


def _claimed(steps: Sequence[Step]) -> set[str]:
    return {step.kind for step in steps if not step.fact}


def _first_change(run: Run) -> int | None:
    return next((n for n, step in enumerate(run.steps) if step.kind == "elsewhere"), None)


def _reload(record: Record) -> Run:
    return expect.present(record.run("reload"), "show_reloading could not be tried without a table")


def _between(run: Run, change: int) -> Sequence[Step]:
    """Return the steps after the ``change``-th change elsewhere, as the database saw it, up to the next one."""
    seen = changes(run)[change - 1 : change]
    after = run.steps[run.steps.index(seen[0]) :] if seen else ()
    done = next((n for n, step in enumerate(after) if step.kind == "elsewhere_done"), len(after))
    following = (n for n, step in enumerate(after) if step.kind == "elsewhere" and n > done)
    return after[done : next(following, None)]


def _objects(run: Run) -> set[int | None]:
    """Return the objects that were loaded or read before the first change; none where no recorder sees either."""
    before = run.steps[: _first_change(run)]
    return {step.object for step in before if step.kind == "read" or (step.kind, step.text) == ("state", "persistent")}


def _reads_unseen(record: Record) -> bool:
    """Tell whether the sources read objects as no recorder sees it: ``product.__dict__`` or ``vars(product)``."""
    return any(finding.kind == "instance_dict" for finding in record.evidence.findings)


def _is_read(run: Run, steps: Sequence[Step]) -> bool:
    """Tell whether an object from before the first change is read in these steps."""
    return any(step.kind == "read" and step.object in _objects(run) for step in steps)


def _sessions(run: Run) -> set[int | None]:
    """Return the sessions that hold the objects from before the first change."""
    return {step.session for step in run.steps if step.kind == "state" and step.object in _objects(run)}


def _selected(run: Run, steps: Sequence[Step]) -> bool:
    """Tell whether the student's own connection asked the database for something."""
    own = own_connections(run.steps)
    return any(step.fact and step.sql and step.connection in own and "SELECT" in step.sql.upper() for step in steps)


def _expect_called(run: Run, calls: list[int], text: str, steps: Sequence[Step]) -> None:
    """Fail unless there was a call; where the function never came so far, there is nothing to judge."""
    if not calls and run.outcome.kind != "returned":
        expect.something(None, told("show_reloading", run.outcome))
    expect.that(calls, text, where=_line(steps))


def _expect_price(run: Run, key: str, change: int) -> None:
    """Fail if the returned price is not what the ``change``-th change had set; the trace judges a missing one."""
    shown = cents(fields(run.outcome.value).get(key))
    if shown is not None and len(changes(run)) >= change:
        wanted = planned_price(run, change - 1)
        expect.that(shown == wanted, f"{key} is {money(shown)}, and the database held another price by then")


def _old_price(record: Record, run: Run) -> int | None:
    product = record.stock.get(run.inputs["invocations"][0]["product_id"])
    return product.cents if product else None


def _line(steps: Sequence[Step]) -> Any:  # noqa: ANN401  # a Where or None
    return next((step.where for step in steps if step.where), None)
