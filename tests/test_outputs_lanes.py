"""The steps of a run, lane by lane."""

from __future__ import annotations

from typing import Any

from outputs_samples import (
    adding,
    insert,
    refused,
    step,
)

from grader.outputs.lanes import Row, rows
from grader.values import Step, Table

TIMES = "\N{MULTIPLICATION SIGN}"


def laid(*steps: Step, before: Table | None = None) -> list[tuple[list[str], list[str], list[str]]]:
    """Return the texts of the lanes, row by row."""

    def texts(row: Row) -> tuple[list[str], list[str], list[str]]:
        lanes = (row.session, row.database, row.others)
        session, database, others = ([happening.text for happening in lane] for lane in lanes)
        return session, database, others

    return [texts(row) for row in rows(adding(steps=steps, before=before))]


def execute(sql: str, line: int = 9, **more: Any) -> Step:  # noqa: ANN401  # the fields of Step
    """Return a statement that reached the database."""
    return step("execute", line, fact=True, connection=1, sql=sql, **more)


def test_a_run_is_laid_into_lanes() -> None:
    """Claims, facts and what others see then stand beside each other, in order."""
    inserted = f"INSERT INTO products {TIMES}3 ('Pen', 1.5), ('Cap', 1.5), ('Nib', 1.5)"
    new = "4 rows; new: (2, 'Pen', 1.5), (3, 'Cap', 1.5), (4, 'Nib', 1.5)"
    assert laid(*adding().steps, before=adding().before) == [
        (["call add_products()"], [], []),
        (["begin", "now pending: object 1"], [], []),
        (["commit", "flush"], ["connect shop.db", "BEGIN", inserted, "COMMIT"], [new]),
        (["add_products() returned [2, 3, 4]"], [], []),
    ]


def test_a_claim_after_a_fact_begins_a_row() -> None:
    """Within a row nothing is claimed after a fact, so that the order can be read."""
    assert [len(row[0]) for row in laid(step("flush", 9), insert(9, "Pen"), step("close", 9))] == [1, 1]


def test_a_read_stands_beside_the_select_that_it_caused() -> None:
    """The SELECT of an expired attribute comes before the claim that it was read, and belongs to it."""
    select = execute("SELECT products.id FROM products WHERE id = ?", parameters=[1])
    assert laid(select, step("read", 9, object=1, text="price")) == [
        (["reads .price of object 1"], ["SELECT … FROM products (1)"], [])
    ]


def test_a_refused_insert_is_followed_by_why() -> None:
    """A refusal, the grader's own fault behind it and the rollback stand below the INSERT."""
    assert laid(*refused().steps)[1][1] == [
        "BEGIN",
        f"INSERT INTO products {TIMES}2 ('Pen', 1.5), ('Cap', 1.5)",
        "refused: IntegrityError: UNIQUE constraint failed: products.id",
        "the grader had the database refuse this row",
        "ROLLBACK",
    ]


def test_a_rollback_of_nothing_is_folded_away() -> None:
    """What the pool rolls back although nothing is open is no event of the student's."""
    assert laid(step("rollback", 9, fact=True, connection=1)) == []


def test_a_transaction_left_open_is_told() -> None:
    """A connection that ends inside a transaction is shown, with what that means."""
    assert laid(step("lost", fact=True, connection=1, in_transaction=True)) == [
        ([], ["connection never closed with its transaction open"], [])
    ]


def test_the_other_program_is_named() -> None:
    """What is done to the row from elsewhere is not taken for the student's work."""
    update = execute("UPDATE products SET price=? WHERE id = ?", parameters=[2.5, 1], changed=1, role="elsewhere")
    assert laid(step("elsewhere", 9, text="2.50"), update) == [
        (["change_elsewhere() sets 2.50"], ["other program: UPDATE products (2.5, 1)"], [])
    ]


def test_an_error_elsewhere_is_told() -> None:
    """A change elsewhere that raises is shown as what it is."""
    assert laid(step("elsewhere", 9, text="fails"))[0][0] == ["change_elsewhere() raises"]


def test_sessions_are_numbered_where_there_are_several() -> None:
    """With two sessions each claim says whose it is."""
    assert laid(step("begin", 8, session=1), step("begin", 8, session=2))[0][0] == [
        "session 1: begin",
        "session 2: begin",
    ]


def test_a_begin_in_sql_is_not_told_twice() -> None:
    """A transaction that the student's own BEGIN opens has one BEGIN."""
    assert laid(execute("BEGIN IMMEDIATE", began=True, in_transaction=True)) == [([], ["BEGIN IMMEDIATE"], [])]


def test_a_forged_end_of_a_call_is_text() -> None:
    """A claim about a returned value that is no JSON is shown as it is."""
    assert laid(step("returned", text="add_products: [1"))[0][0] == ["add_products() returned [1"]


def test_deep_json_in_a_claim_does_no_harm() -> None:
    """A forged value of any depth is cut."""
    assert laid(step("returned", text="f: " + "[" * 900 + "]" * 900))[0][0] == ["f() returned [[[[[…]]]]]"]
    assert laid(step("returned", text="f: " + "[" * 20_000))[0][0][0].startswith("f() returned [[[")


def test_an_error_of_another_kind_is_told() -> None:
    """A fault that the timeline has no words for is shown by its name."""
    assert laid(step("fault", fact=True, text="power_cut")) == [([], ["power_cut"], [])]
