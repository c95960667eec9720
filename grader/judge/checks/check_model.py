"""The model: a table, its columns, and money that survives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.record import cents, ended, fields, given, money, read_back

if TYPE_CHECKING:
    from grader.judge.record import Record
    from grader.values import Run, Where

# What is raised when a value cannot be bound or converted: the price's fault, not the table's.
_OF_VALUES = frozenset({"InterfaceError", "StatementError", "ProgrammingError", "DataError", "InvalidOperation"})


@check("model.table")
def check_table_is_created(record: Record) -> None:
    """`Base.metadata.create_all(engine)` creates the table products with the columns id, name and price."""
    run = record.model
    expect.that(run.outcome.kind != "unimportable", f"models.py {ended(run.outcome)}", where=_where(run))
    schema = run.schema
    if schema is None or schema.kind != "table":
        expect.fail(_no_table(run), where=_where(run))
    missing = [name for name in ("id", "name", "price") if name not in {column.name for column in schema.columns}]
    expect.that(not missing, f"the table products has no column {' and no column '.join(missing)}")


def _no_table(run: Run) -> str:
    if run.outcome.kind == "unfinished":
        return f"models.py {ended(run.outcome)}"
    return f"no table products was made; models.py {ended(run.outcome)}" if run.outcome.failure else "no table products was made"


@check("model.table")
def check_id_is_the_primary_key(record: Record) -> None:
    """The column id alone is the primary key, an integer that the database gives by itself."""
    columns = record.model.schema.columns if record.model.schema else ()
    keys = [column.name for column in columns if column.primary_key]
    expect.something(columns, "there is no table products")
    expect.that(keys == ["id"], f"the primary key is {', '.join(keys) or 'missing'}")
    stored = _stored(record.model)
    kind = next(column.type for column in columns if column.name == "id")
    expect.that(stored or kind.upper() == "INTEGER", f"the database gives no id by itself: the column id has the type {kind}")


@check("model.table")
def check_products_are_built_with_keywords(record: Record) -> None:
    """`Product(name=..., price=...)` can be stored, and so can one with an id of the caller's choice."""
    run, stored = record.model, _stored(record.model)
    expect.something(run.schema, "there is no table products")
    if len(stored) < len(given(run)) and not _is_the_prices_fault(run):
        what = "a product with a given id" if len(stored) == len(given(run)) - 1 else "a product"
        expect.fail(f"storing {what} {ended(run.outcome)}", where=_where(run))
    if len(stored) == len(given(run)):
        expect.that(stored[-1] == given(run)[-1].id, f"the product given the id {given(run)[-1].id} was stored under {stored[-1]}")


@check("model.required", needs=("model.table",))
def check_database_refuses_missing_values(record: Record) -> None:
    """The database itself refuses NULL in the columns name and price."""
    refuses = record.model.schema.refuses_null if record.model.schema else {}
    expect.something(refuses.get("name") is not None and refuses.get("price") is not None, "the columns are not both there")
    accepted = [name for name in ("name", "price") if not refuses[name]]
    expect.that(not accepted, f"the database stored a product whose {' and whose '.join(accepted)} is NULL")


@check("model.money", needs=("model.table",))
def check_price_survives(record: Record) -> None:
    """A price that was stored is read back by another connection to the cent."""
    run = record.model
    if len(_stored(run)) < len(given(run)) and _is_the_prices_fault(run):
        expect.fail(f"storing a price {ended(run.outcome)}", where=_where(run))
    back = {product.id: product for product in read_back(run)}
    pairs = [(back.get(identifier), wanted) for identifier, wanted in zip(_stored(run), given(run), strict=False)]
    expect.something(pairs, "no product could be stored")
    for found, wanted in pairs:
        expect.that(found is not None, "a stored product could not be read back by another program")
        if found is not None and found.cents != wanted.cents:
            expect.fail(f"a price of {money(wanted.cents)} came back as {_as_read(run, found.id)}")


def _as_read(run: Run, identifier: int | None) -> str:
    """Write a price as it came back, type included where it is no number."""
    value: Any = next((p.get("price") for p in run.read_back or () if p.get("id") == identifier), None)
    if cents(value) is not None:
        return str(value["decimal"] if isinstance(value, dict) else value)
    return "nothing" if value is None else f"the text {value!r}" if isinstance(value, str) else f"{value}"


def _stored(run: Run) -> list[Any]:
    stored: list[Any] = fields(run.outcome.value).get("stored", [])
    return stored


def _is_the_prices_fault(run: Run) -> bool:
    failure = run.outcome.failure
    return failure is not None and (failure.type in _OF_VALUES or "price" in failure.message.lower())


def _where(run: Run) -> Where | None:
    return run.outcome.failure.where if run.outcome.failure else None
