"""The other program's changes of a price, as the database saw them: nobody else knows the prices that it sets."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from grader.judge.record import cents_of_text
from grader.judge.trace import arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.values import Run, Step, Table

# A model may keep a price in cents, say, or in thousandths: as the price times a power of ten.
_UNITS = tuple(Decimal(10) ** power for power in range(-4, 7))


def planned_price(run: Run, number: int) -> int | None:
    """Return the price that the other program sets in a call, counted from 0, in cents; None if it sets none."""
    prices = [cents_of_text(price) for price in run.inputs["invocations"][0].get("changes", [])]
    if not prices or prices[-1] is None:
        return None
    return prices[number] if number < len(prices) else prices[-1] + 100 * (number - len(prices) + 1)


def changes(run: Run) -> list[Step]:
    """Return the steps at which a planned price came to be seen, in the order of the plan."""
    return [step for step, planned in _arrivals(run) if planned]


def other_changes(run: Run) -> list[Step]:
    """Return the steps at which something else came to be seen than the next planned price."""
    return [step for step, planned in _arrivals(run) if not planned]


def _arrivals(run: Run) -> Iterator[tuple[Step, bool]]:
    """Yield each step at which others saw another table, and whether only the next planned price was new in it."""
    number, before = 0, run.before
    for step in arrivals(run.steps, run.before):
        planned = _is_planned(run, number, before, step.table)
        number, before = number + planned, step.table
        yield step, planned


def _is_planned(run: Run, number: int, before: Table | None, after: Table | None) -> bool:
    if before is None or after is None:
        return False
    if not {"id", "name", "price"} <= set(after.columns):
        return True  # the model's fault, and no matter here
    old = [_without_extras(row, after) for row in before.rows if row not in after.rows]
    new = [_without_extras(row, after) for row in after.rows if row not in before.rows]
    wanted = run.inputs["invocations"][0].get("product_id")
    same_row = [row[:2] for row in old] == [row[:2] for row in new] and [row[0] for row in new] == [wanted]
    return same_row and _may_be(new[0][2], planned_price(run, number))


def _without_extras(row: tuple[Any, ...], table: Table) -> tuple[Any, ...]:
    """Return id, name and price of a row; further columns are the model's own affair."""
    return tuple(row[table.columns.index(name)] for name in ("id", "name", "price"))


def _may_be(stored: object, amount: int | None) -> bool:
    """Tell whether a stored value can stand for an amount; one that is no number may be anything."""
    try:
        number = Decimal(str(stored))
    except InvalidOperation:
        return True
    if amount is None or not number.is_finite():
        return False
    return any(abs(number * unit - amount) < Decimal("0.5") for unit in _UNITS)
