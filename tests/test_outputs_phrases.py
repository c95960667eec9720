"""Steps, statements, values and outcomes in a few words."""

from __future__ import annotations

from typing import Any

import pytest
from outputs_samples import (
    adding,
    refused,
    table,
)

from grader.outputs import phrases
from grader.values import Failure, Outcome, Step, Table


@pytest.mark.parametrize(
    ("statement", "short"),
    [
        ('INSERT OR IGNORE INTO "products" (id) VALUES (?)', "INSERT INTO products"),
        ("REPLACE INTO main.products VALUES (1)", "INSERT INTO products"),
        ("-- a note\n UPDATE products SET price = 1", "UPDATE products"),
        ("/* a note */ delete from products", "DELETE FROM products"),
        ("SELECT a,\n b \nFROM products\nWHERE 1", "SELECT … FROM products"),
        ("CREATE TABLE IF NOT EXISTS products (id)", "CREATE TABLE products"),
        ("DROP TABLE products", "DROP TABLE products"),
        ("SAVEPOINT sa_savepoint_1", "SAVEPOINT sa_savepoint_1"),
        ("VACUUM   \n now", "VACUUM now"),
    ],
)
def test_a_statement_is_shortened(statement: str, short: str) -> None:
    """Of a statement the verb and the table are shown."""
    assert phrases.sql(statement) == short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, 2], "[1, 2]"),
        ({"decimal": "1.20"}, "1.20"),
        ({"dict": [["stale", {"decimal": "1.20"}], [1, None]]}, "{stale: 1.20, 1: None}"),
        ({"object": "Thing", "text": "<Thing>"}, "<Thing>"),
        ({"dict": [["odd"]]}, "{'dict': [['odd']]}"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, …]"),
        ("a\nb", r"'a\nb'"),
    ],
)
def test_a_value_is_written(value: object, text: str) -> None:
    """What a function returned reads as Python would write it."""
    assert phrases.value(value) == text


def test_parameters_by_name_are_written() -> None:
    """Of named parameters the values are shown."""
    assert phrases.parameters(Step("execute", parameters={"name": "Pen", "price": 1})) == ["('Pen', 1)"]


def test_only_rows_that_the_database_got_to_are_written() -> None:
    """An executemany that was refused at its second row shows two."""
    many = Step("executemany", parameters=[["a"], ["b"], ["c"]], many=2)
    assert phrases.parameters(many) == ["('a')", "('b')"]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (table((1, "a", 1)), table((1, "a", 2)), "1 row; changed: (1, 'a', 2)"),
        (table((1, "a", 1)), table(), "0 rows; 1 gone"),
        (table(), None, "no table"),
        (None, table((1, "a", 1)), "1 row; new: (1, 'a', 1)"),
        (None, Table(("other",), ((1,), (2,))), "2 rows; new: (1), (2)"),
    ],
)
def test_what_others_see_is_told_as_a_change(before: Table | None, after: Table | None, text: str) -> None:
    """New, changed and missing rows are told apart."""
    assert phrases.seen(after, before) == text


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Outcome("missing"), "there is no such function"),
        (Outcome("unfinished", text="out of time"), "did not end well: out of time"),
        (Outcome("exited", status=0), "ended with exit status 0"),
        (Outcome("exited", status=1, failure=Failure("E", "why")), "ended with exit status 1 (E: why)"),
        (Outcome("unimportable", failure=Failure("E", "")), "could not be imported: E"),
    ],
)
def test_an_outcome_is_told(outcome: Outcome, text: str) -> None:
    """How a run ended is said in words."""
    assert phrases.ending(outcome) == text


@pytest.mark.parametrize(
    ("about", "text"),
    [
        (
            {"name": "failed.id_taken.2", "kind": "failed_insert"},
            "add_products with 3 products, the id of product 2 is taken:",
        ),
        ({"name": "failed_reload.1", "kind": "failed_reload"}, "show_reloading, change_elsewhere raises:"),
        ({"name": "model", "kind": "model"}, "the model, storing 3 products:"),
        ({"name": "first_run", "kind": "first_run"}, "the script, run as a program:"),
        (
            {"inputs": {"invocations": [{}, {}], "lock_commit": True}},
            "add_products with 0 products, 2 times, the database is locked",
        ),
        ({"inputs": {}}, "add_products with 0 products:"),
    ],
)
def test_a_run_is_introduced(about: dict[str, Any], text: str) -> None:
    """One line says what was called, with what, and under which circumstances."""
    assert phrases.run(adding(**about)).startswith(text)


def test_an_error_is_told_by_its_first_line() -> None:
    """The statement that SQLAlchemy adds to a message is not repeated."""
    assert phrases.run(refused("no")).endswith(": raised IntegrityError: no")


def test_what_stood_in_is_named() -> None:
    """A run with parts of the reference says so."""
    assert phrases.run(adding(model="reference", functions="reference")).endswith(
        "(the reference's model and functions stood in)"
    )


def test_a_call_is_named_without_its_values() -> None:
    """What was called, with how many products and in which circumstances, is said without how it ended."""
    assert phrases.call(refused()) == "add_products with 2 products, the database refuses row 2"


def test_the_second_run_of_the_script_is_named_as_such() -> None:
    """The two runs of a script have different names."""
    named = [phrases.call(adding(kind=kind)) for kind in ("first_run", "second_run")]
    assert named == ["the script, run as a program", "the script, run as a program, a second time"]
