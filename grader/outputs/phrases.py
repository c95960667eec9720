"""Says in a few words what a step, a statement, a value or an outcome was. All of it is visible text, whoever wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from grader.outputs.losses import count
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grader.values import Outcome, Run, SqlError, Step, Table

MOST_VALUE = 40
MOST_ROWS = 3
_MOST_SQL = 60

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
_BAD_ROWS = {"id_taken": "the id of product {} is taken", "no_name": "product {} has no name", "no_price": "product {} has no price"}
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
def value(given: Any) -> str:  # noqa: ANN401  # what a student's function returned, or a value of the database
    """Write a value as the evidence holds it: an amount, a list, a dict, or the text of an object."""
    if isinstance(given, dict):
        return _tagged(given)
    if isinstance(given, list | tuple):
        return f"[{_few(given, value)}]"
    return visible(repr(given), MOST_VALUE)


def _tagged(given: dict[str, Any]) -> str:
    if isinstance(given.get("dict"), list):
        return "{" + _few(given["dict"], _pair, most=8) + "}"
    amount = given.get("decimal", given.get("float", given.get("text")))
    return visible(amount if isinstance(amount, str) else repr(given), MOST_VALUE)


def _pair(item: Any) -> str:  # noqa: ANN401  # a key and its value
    key, content = item
    return f"{visible(key, MOST_VALUE) if isinstance(key, str) else value(key)}: {value(content)}"


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
            return short.format(found.group(1))
    return visible(" ".join(statement.split()), _MOST_SQL)


def parameters(step: Step) -> list[str]:
    """Write the parameters of a statement: one set of them, or one for each row of an ``executemany``."""
    given = step.parameters
    if not given:
        return []
    sets = given if step.kind == "executemany" else [given]
    return [row(one.values() if isinstance(one, dict) else one) if isinstance(one, dict | list | tuple) else value(one) for one in sets]


# --- steps ------------------------------------------------------------------------------------------------------------
def error(found: SqlError) -> str:
    """Say that the database refused."""
    return f"refused: {visible(found.type, 60)}: {visible(found.message, 200)}"


def fault(step: Step) -> str:
    """Say what the grader did to the database."""
    return _FAULTS.get(step.text or "", visible(step.text or "a fault", 60))


def seen(table: Table | None, before: Table | None) -> str:
    """Say how many rows others see now, which of them are new, and how many are gone."""
    if table is None:
        return "no table"
    old, new = set(before.rows if before else ()), set(table.rows)
    fresh = [cells for cells in table.rows if cells not in old]
    keys = {cells[:1] for cells in new}
    gone = sum(1 for cells in old if cells[:1] not in keys)
    said = [count(len(table.rows), "row")]
    said += [f"now {_few(fresh, row, MOST_ROWS)}"] if fresh else []
    return "; ".join(said + ([f"{gone} gone"] if gone else []))


# --- runs -------------------------------------------------------------------------------------------------------------
def run(recorded: Run) -> str:
    """Say in one line what a run was and how it ended."""
    ends = ", then ".join(ending(outcome) for outcome in (recorded.outcome, *recorded.then))
    return f"{_call(recorded)}: {ends}{_stood_in(recorded)}"


def _call(recorded: Run) -> str:
    invocations = recorded.inputs.get("invocations") or [{}]
    products = len(invocations[0].get("products", ()))
    if recorded.kind not in _CALLS:
        return {"model": f"the model, storing {count(products, 'product')}"}.get(recorded.kind, "the script as a program")
    call = _CALLS[recorded.kind]
    if call != "show_reloading":
        call += f" with {count(products, 'product')}"
    if len(invocations) > 1:
        call += f", {len(invocations)} times"
    return call + _circumstances(recorded)


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
    raised = ""
    if outcome.failure is not None:
        raised = f" {visible(outcome.failure.type, 60)}: {visible(outcome.failure.message, 200)}"
    return {
        "returned": f"returned {value(outcome.value)}",
        "raised": f"raised{raised}",
        "exited": f"ended with exit status {outcome.status}" + (f" ({raised.strip()})" if raised else ""),
        "missing": "there is no such function",
        "unimportable": f"could not be imported:{raised}",
        "unfinished": f"did not end well: {visible(outcome.text or '', 200)}",
    }[outcome.kind]


def _stood_in(recorded: Run) -> str:
    parts = [name for name, part in (("model", recorded.model), ("functions", recorded.functions)) if part == "reference"]
    return f" (the reference's {' and '.join(parts)} stood in)" if parts else ""
