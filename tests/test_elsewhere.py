"""What the other program changed, as the database saw it."""

from __future__ import annotations

import pytest
from evidence_samples import COLUMNS, fact, run, seen, table

from grader.judge.elsewhere import changes, other_changes
from grader.values import Run, Step, Table

PEN, INK = (1, "Pen", 1.2), (2, "Ink", 19.99)
PRICES = ("3.45", "6.78")


def reloading(*steps: Step, before: Table | None = None) -> Run:
    """Return a run in which the price of the pen is to be changed twice."""
    inputs = {"invocations": [{"product_id": 1, "changes": list(PRICES)}]}
    return run("reload", *steps, before=before or table(PEN, INK), inputs=inputs)


def pen(price: object) -> Step:
    """Return what others see once the pen has another price."""
    return seen((1, "Pen", price), INK)


@pytest.mark.parametrize("stored", [3.45, 345, "3.45", "345", 34500, 0.345, "3.45 EUR", "x'8003'"])
def test_a_planned_price_is_a_change_however_it_is_kept(stored: object) -> None:
    """A model may keep a price as a number, as text, in cents or in thousandths, or as only it can read."""
    step = pen(stored)
    assert changes(reloading(step)) == [step]


def test_planned_prices_come_in_their_order() -> None:
    """The second change is the second price of the plan."""
    first, second = pen(3.45), pen(6.78)
    assert changes(reloading(first, fact("commit"), second)) == [first, second]


def test_beyond_the_plan_each_price_is_a_whole_one_more() -> None:
    """Whoever has the price changed more often than planned sees the last one grow."""
    assert other_changes(reloading(pen(3.45), pen(6.78), pen(7.78), pen(8.78))) == []


WRITTEN = {
    "another price": pen(9.99),
    "a later price first": pen(6.78),
    "no price": pen(float("inf")),
    "another row": seen(PEN, (2, "Ink", 3.45)),
    "two rows": seen((1, "Pen", 3.45), (2, "Ink", 3.45)),
    "a name": seen((1, "Pen!", 3.45), INK),
    "a new row": seen(PEN, INK, (3, "Cap", 3.45)),
    "a removed row": seen(INK),
    "another id": seen((7, "Pen", 3.45), INK),
    "no table": fact("seen", None),
}


@pytest.mark.parametrize("step", WRITTEN.values(), ids=list(WRITTEN))
def test_anything_else_is_no_change_of_the_other_program(step: Step) -> None:
    """The other program sets the next price of one row and nothing else."""
    written = reloading(step)
    assert (changes(written), other_changes(written)) == ([], [step])


def test_more_changes_than_planned_are_others() -> None:
    """After all planned prices another one than the next is somebody else's doing."""
    third = pen(7.79)
    assert other_changes(reloading(pen(3.45), pen(6.78), third)) == [third]


def test_further_columns_are_the_models_own() -> None:
    """A counter of versions may change with the price."""
    columns = ("id", "version", *COLUMNS[1:])
    before, after = Table(columns, ((1, 1, "Pen", 1.2),)), Table(columns, ((1, 2, "Pen", 3.45),))
    step = fact("seen", None, table=after)
    assert changes(reloading(step, before=before)) == [step]


def test_a_table_without_the_columns_is_taken_as_it_is() -> None:
    """A model with other columns is judged elsewhere."""
    before, after = Table(("key", "cost"), ((1, 1.2),)), Table(("key", "cost"), ((1, 3.45),))
    step = fact("seen", None, table=after)
    assert changes(reloading(step, before=before)) == [step]
