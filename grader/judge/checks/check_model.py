"""The model: a table, its columns, and money that survives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.record import as_read, given, money, read_back, told
from grader.judge.trace import ids_in
from grader.told import listed

if TYPE_CHECKING:
    from grader.judge.record import Record
    from grader.values import Column, Run

# What is raised when a value cannot be bound or converted: the price's fault, not the table's.
_OF_VALUES = frozenset({"InterfaceError", "StatementError", "ProgrammingError", "DataError", "InvalidOperation"})
# What SQLAlchemy says where the rows of one INSERT cannot be told apart by their new ids: the key may be NULL.
_OPTIONAL_KEY = "has been marked as a sentinel column with no default"
_CREATES = re.compile(r"\s*CREATE TABLE (?:IF NOT EXISTS )?\W?(\w+)", re.IGNORECASE)


@check("model.table")
def check_table_is_created(record: Record) -> None:
    """`Base.metadata.create_all(engine)` creates the table products with the columns id, name and price."""
    run = record.model
    expect.that(run.outcome.kind != "unimportable", told("models.py", run.outcome), where=run.outcome.where)
    expect.that(run.schema and run.schema.kind == "table", _no_table(run), where=run.outcome.where)
    missing = [name for name in ("id", "name", "price") if name not in {column.name for column in _columns(record)}]
    expect.that(not missing, f"the table products has no column {' and no column '.join(missing)}")


def _no_table(run: Run) -> str:
    """Say why there is no table products: what stopped it, or which table was made instead."""
    if run.outcome.kind != "returned":
        return f"no table products was made: {told('models.py', run.outcome)}"
    others = [match[1] for step in run.steps if step.fact and (match := _CREATES.match(step.sql or ""))]
    return f"no table products was made, but one called {others[0][:60]}" if others else "no table products was made"


@check("model.table")
def check_id_is_the_primary_key(record: Record) -> None:
    """The column id alone is the primary key, an integer that the database gives by itself."""
    columns = {column.name: column for column in _columns(record)}
    expect.something("id" in columns, "there is no column id")
    keys = [column.name for column in columns.values() if column.primary_key]
    expect.that(keys == ["id"], f"the primary key is {' and '.join(keys) or 'missing'}")
    kind = columns["id"].type
    automatic = any(_as_given(record.model)) or kind.upper() == "INTEGER"
    expect.that(automatic, f"the database gives no id by itself: the column id has the type {kind}")


@check("model.table")
def check_products_are_built_with_keywords(record: Record) -> None:
    """`Product(name=..., price=...)` can be stored, and so can one with an id of the caller's choice."""
    run = record.model
    expect.something(run.schema, "there is no table products")
    if not _all_as_given(run) and not _is_the_prices_fault(run):
        expect.fail(told(f"storing {_which_product(run)}", run.outcome), where=run.outcome.where)
    kept = not _all_as_given(run) or given(run)[-1].id in ids_in(run.after)
    kinds = [column.type for column in _columns(record) if column.name == "id" and column.type.upper() != "INTEGER"]
    why = f": the column id has the type {kinds[0][:40]}" if kinds else ""
    expect.that(kept, "a product with a given id was stored under another one" + why)


@check("model.table")
def check_several_products_are_inserted_together(record: Record) -> None:
    """Several products without an id can be inserted together, and the database gives each its id."""
    # Not asked through the record: what the script did with its process is no matter here.
    adding = [run.outcome for run in record.evidence.runs if run.kind == "add" and run.model == "own"]
    refused = [each for each in adding if each.failure and _OPTIONAL_KEY in each.failure.message]
    text = "SQLAlchemy refuses to insert several products at once, as the column id is declared to be optional"
    expect.that(not refused, text)


@check("model.table")
def check_the_model_reads_this_table(record: Record) -> None:
    """What the model reads are the rows of the table products, all of them and no others."""
    run = record.model
    same = run.read_back is None or {product.id for product in read_back(run)} == ids_in(run.after)
    expect.that(same, "the model reads other products than those in the table products")


@check("model.required", needs=("model.table",))
def check_database_refuses_missing_values(record: Record) -> None:
    """The database itself refuses NULL in the columns name and price."""
    refuses = record.model.schema.refuses_null if record.model.schema else {}
    known = [refuses.get(name) is not None for name in ("name", "price")]
    expect.something(all(known), "the columns name and price are not both there")
    accepted = [name for name in ("name", "price") if not refuses[name]]
    expect.that(not accepted, f"the database accepted NULL as the {' and as the '.join(accepted)}")


@check("model.money", needs=("model.table",))
def check_price_can_be_stored(record: Record) -> None:
    """A price that is a `Decimal` can be stored."""
    run = record.model
    refused = not _all_as_given(run) and _is_the_prices_fault(run)
    expect.that(not refused, told("storing a price", run.outcome), where=run.outcome.where)


@check("model.money", needs=("model.table",))
def check_price_survives(record: Record) -> None:
    """A price that was stored is read back by another connection to the cent."""
    run = record.model
    pairs = [(identifier, p) for identifier, p in zip(_stored(run), given(run), strict=False) if identifier is not None]
    expect.something(pairs, "no product could be stored")
    back = read_back(run)
    for identifier, wanted in pairs:
        namesakes = [p for p in back if p.name == wanted.name]
        found = next((p for p in back if p.id == identifier), namesakes[0] if namesakes else None)
        expect.that(found, "a stored product could not be read back by another program")
        same = found is not None and found.cents == wanted.cents
        expect.that(same, f"a price of {money(wanted.cents)} came back as {as_read(run, found)}")


def _which_product(run: Run) -> str:
    """Say which product could not be stored: the last one brings its id, the others do not."""
    *others, last = _as_given(run) or [False]
    if others and all(others):
        return "a product with a given id"
    return "a product without an id" if last and not any(others) else "a product"


def _columns(record: Record) -> tuple[Column, ...]:
    return record.model.schema.columns if record.model.schema else ()


def _stored(run: Run) -> list[Any]:
    """Return the ids under which the products were stored, as far as that went."""
    return listed(run.outcome.value, "stored")


def _as_given(run: Run) -> list[bool]:
    """Return, for each product, whether it was stored as it was asked for."""
    return [item is True for item in listed(run.outcome.value, "as_given")]


def _all_as_given(run: Run) -> bool:
    return bool(_as_given(run)) and all(_as_given(run))


def _is_the_prices_fault(run: Run) -> bool:
    failure = run.outcome.failure
    if failure is None or failure.type == "IntegrityError":
        return False
    return failure.type in _OF_VALUES or "price" in failure.message.partition("\n")[0].lower()
