"""Says in a few words what a step, a statement, a value or an outcome was: visible text, whoever wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from grader.outputs.guidance import count
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grader.values import Failure, Outcome, Run, SqlError, Step, Table

MOST_VALUE = 40
MOST_ROWS = 3
_MOST_SQL = 60
_MOST_DEPTH = 4

_NAME = r"[\"`\[]?(?:main[\"`\]]?\.[\"`\[]?)?(\w+)[\"`\]]?"
_SHORTER = (
    (re.compile(rf"(?:INSERT|REPLACE)\b[^(]*?\bINTO\s+{_NAME}", re.IGNORECASE), "INSERT INTO {}"),
    (re.compile(rf"UPDATE\s+(?:OR\s+\w+\s+)?{_NAME}", re.IGNORECASE), "UPDATE {}"),
    (re.compile(rf"DELETE\s+FROM\s+{_NAME}", re.IGNORECASE), "DELETE FROM {}"),
    (re.compile(rf"SELECT\b.*?\bFROM\s+{_NAME}", re.IGNORECASE | re.DOTALL), "SELECT … FROM {}"),
    (re.compile(rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}", re.IGNORECASE), "CREATE TABLE {}"),
    (re.compile(rf"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_NAME}", re.IGNORECASE), "DROP TABLE {}"),
)
_FAULTS = {
    "lock_commit": "the grader kept the database locked here",
    "refuse_insert": "the grader had the database refuse this row",
}
_BAD_ROWS = {
    "id_taken": "the id of product {} is taken",
    "no_name": "product {} has no name",
    "no_price": "product {} has no price",
}
_CALLS = {
    "add": "add_products",
    "add_nothing": "add_products",
    "failed_insert": "add_products",
    "failed_commit": "add_products",
    "preview": "preview_ids",
    "reload": "show_reloading",
    "failed_reload": "show_reloading",
}


# --- values and statements --------------------------------------------------------------------------------------------
def value(given: Any, depth: int = 0) -> str:  # noqa: ANN401  # what a student's function returned, or a value of the database
    """Write a value as the evidence holds it: an amount, a list, a dict, or the text of an object."""
    if depth > _MOST_DEPTH:
        return "…"
    if isinstance(given, dict):
        return _tagged(given, depth)
    if isinstance(given, list | tuple):
        return f"[{_few(given, lambda item: value(item, depth + 1))}]"
    return visible(repr(given), MOST_VALUE)


def _tagged(given: dict[str, Any], depth: int) -> str:
    """Write what was no plain value: a dict as its pairs, the rest as the text that stands for it."""
    pairs = given.get("dict")
    if isinstance(pairs, list) and all(isinstance(pair, list) and len(pair) == len(("key", "value")) for pair in pairs):
        return "{" + _few(pairs, lambda pair: f"{_key(pair[0])}: {value(pair[1], depth + 1)}") + "}"
    text = given.get("decimal", given.get("float", given.get("text")))
    return visible(text if isinstance(text, str) else repr(given), MOST_VALUE)


def _key(key: Any) -> str:  # noqa: ANN401  # any key of a student's dict
    return visible(key, MOST_VALUE) if isinstance(key, str) else value(key)


def _few(items: Sequence[Any], write: Callable[[Any], str], most: int = 6) -> str:
    return ", ".join([*(write(item) for item in items[:most]), *(["…"] if len(items) > most else [])])


def row(cells: Iterable[Any]) -> str:
    """Write a row of a table, or the parameters of a statement."""
    return "(" + ", ".join(map(value, cells)) + ")"


def sql(statement: str) -> str:
    """Shorten a statement to its verb and its table; what is not known is cut."""
    statement = re.sub(r"^(\s|--[^\n]*\n|/\*.*?\*/)+", "", statement, flags=re.DOTALL)
    for pattern, short in _SHORTER:
        if found := pattern.match(statement):
            return short.format(visible(found.group(1), MOST_VALUE))
    return visible(" ".join(statement.split()), _MOST_SQL)


def parameters(step: Step) -> list[str]:
    """Write the parameters of a statement: one set of them, or one for each row of an ``executemany``."""
    given = step.parameters
    if not given:
        return []
    sets = given[: step.many] if step.kind == "executemany" else [given]  # those that the database got to
    return [row(one.values() if isinstance(one, dict) else one) for one in sets]


# --- steps ------------------------------------------------------------------------------------------------------------
def error(found: SqlError) -> str:
    """Say that the database refused."""
    return f"refused: {visible(found.type, 60)}: {visible(found.message, 200)}"


def fault(step: Step) -> str:
    """Say what the grader did to the database."""
    return _FAULTS.get(step.text or "", visible(step.text or "a fault", 60))


def seen(table: Table | None, before: Table | None) -> str:
    """Say how many rows others see now, which of them are new or other than before, and how many are gone."""
    if table is None:
        return "no table"
    old, new = _by_id(before), _by_id(table)
    fresh = [cells for key, cells in new.items() if key not in old]
    changed = [cells for key, cells in new.items() if key in old and old[key] != cells]
    said = [count(len(table.rows), "row")]
    said += [f"new: {_few(fresh, row, MOST_ROWS)}"] if fresh else []
    said += [f"changed: {_few(changed, row, MOST_ROWS)}"] if changed else []
    return "; ".join([*said, *([f"{len(old.keys() - new.keys())} gone"] if old.keys() - new.keys() else [])])


def _by_id(table: Table | None) -> dict[Any, tuple[Any, ...]]:
    """Return the rows by their id; without such a column each row is its own."""
    if table is None:
        return {}
    place = table.columns.index("id") if "id" in table.columns else None
    return {cells if place is None else cells[place]: cells for cells in table.rows}


# --- runs -------------------------------------------------------------------------------------------------------------
def run(recorded: Run) -> str:
    """Say in one line what a run was and how it ended."""
    ends = ", then ".join(ending(outcome) for outcome in (recorded.outcome, *recorded.then))
    return f"{_call(recorded)}: {ends}{_stood_in(recorded)}"


def call(recorded: Run) -> str:
    """Say in one line what was called, without the values that it was called with."""
    return _call(recorded) + _stood_in(recorded)


def _call(recorded: Run) -> str:
    invocations = recorded.inputs.get("invocations") or [{}]
    products = len(invocations[0].get("products", ()))
    if recorded.kind not in _CALLS:
        again = ", a second time" if recorded.kind == "second_run" else ""
        storing = f"the model, storing {count(products, 'product')}"
        return storing if recorded.kind == "model" else f"the script, run as a program{again}"
    called = _CALLS[recorded.kind]
    if called != "show_reloading":
        called += f" with {count(products, 'product')}"
    if len(invocations) > 1:
        called += f", {len(invocations)} times"
    return called + _circumstances(recorded)


def _circumstances(recorded: Run) -> str:
    if (refused := recorded.inputs.get("refuse_insert")) is not None:
        return f", the database refuses row {refused}"
    if recorded.inputs.get("lock_commit"):
        return ", the database is locked when the first one commits"
    if recorded.kind == "failed_reload":
        return ", change_elsewhere raises"
    _, what, number = (*recorded.name.split("."), "", "")[:3]
    return ", " + _BAD_ROWS[what].format(number) if what in _BAD_ROWS else ""


def ending(outcome: Outcome) -> str:
    """Say how a call ended."""
    failure = "" if outcome.failure is None else _failure(outcome.failure)
    return {
        "returned": f"returned {value(outcome.value)}",
        "raised": f"raised {failure}",
        "exited": f"ended with exit status {outcome.status}" + (f" ({failure})" if failure else ""),
        "missing": "there is no such function",
        "unimportable": f"could not be imported: {failure}",
        "unfinished": f"did not end well: {visible(outcome.text or '', 200)}",
    }[outcome.kind]


def _failure(failure: Failure) -> str:
    """Write an exception; of its message the first line, as SQLAlchemy adds the statement below."""
    message = failure.message.partition("\n")[0]
    return f"{visible(failure.type, 60)}: {visible(message, 200)}" if message else visible(failure.type, 60)


def _stood_in(recorded: Run) -> str:
    parts = [name for name in ("model", "functions") if getattr(recorded, name) == "reference"]
    return f" (the reference's {' and '.join(parts)} stood in)" if parts else ""
