"""Names what happened in a hidden run without its inputs: no name, no price, no id that was drawn for it.

A word of a student's process is shown only if it stands in the student's own files, or if we know it.
"""

from __future__ import annotations

import builtins
import json
import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from grader.judge.record import cents, cents_of_text
from grader.judge.trace import ids_in
from grader.outputs import phrases
from grader.outputs.guidance import count
from grader.outputs.lanes import Words, ends

if TYPE_CHECKING:
    from grader.values import Evidence, Run, SqlError, Step, Table

_FUNCTIONS = frozenset({"add_products", "preview_ids", "show_reloading", "main"})
_KNOWN = _FUNCTIONS | {
    "products", "id", "name", "price", "pending", "persistent", "transient", "detached", "deleted", "savepoint",
    "loaded", "stale", "after_expire_all", "after_refresh", "sqlite_master",
}  # fmt: skip
_OF_DATABASES = frozenset({
    "ArgumentError", "DBAPIError", "DataError", "DatabaseError", "DetachedInstanceError", "FlushError",
    "IllegalStateChangeError", "IntegrityError", "InterfaceError", "InternalError", "InvalidRequestError",
    "NoResultFound", "NotSupportedError", "ObjectDeletedError", "OperationalError", "PendingRollbackError",
    "ProgrammingError", "ResourceClosedError", "SQLAlchemyError", "StaleDataError", "StatementError",
    "UnmappedInstanceError",
})  # fmt: skip
_CLAIMS = frozenset({
    "created", "begin", "uses", "flush", "commit", "rollback", "close", "expire", "expire_all", "refresh",
})  # fmt: skip
_OF_A_TABLE = re.compile(r"(INSERT|UPDATE|DELETE|SELECT|CREATE|DROP)\b.*? (\w+)")
_VERBS = frozenset({
    "ALTER", "ANALYZE", "ATTACH", "BEGIN", "COMMIT", "CREATE", "DELETE", "DETACH", "DROP", "END", "INSERT", "PRAGMA",
    "REINDEX", "RELEASE", "REPLACE", "ROLLBACK", "SAVEPOINT", "SELECT", "UPDATE", "VACUUM", "WITH",
})  # fmt: skip
_REFUSALS = (
    (re.compile(r"UNIQUE constraint failed: products\.id"), "the id is taken"),
    (re.compile(r"NOT NULL constraint failed: products\.name"), "the name is missing"),
    (re.compile(r"NOT NULL constraint failed: products\.price"), "the price is missing"),
    (re.compile(r"database (?:table )?is locked"), "the database is locked"),
    (re.compile(r"insert refused by the database"), "the grader's doing"),
)


class WithoutValues(Words):
    """The words for a hidden run of a submission."""

    def __init__(self, evidence: Evidence, run: Run) -> None:
        texts = [source.text or "" for source in evidence.files]
        self._own = frozenset(re.findall(r"\w+", "\n".join(texts)))
        changes = (invocation.get("changes", ()) for invocation in run.inputs.get("invocations", ()))
        self._prices: list[int | None] = [None, *(cents_of_text(price) for drawn in changes for price in drawn)]

    def claim(self, step: Step) -> tuple[str, list[str]]:
        """Return what a claim says; of objects and values, only that there were some."""
        text = step.text or ""
        if step.kind in {"returned", "raised"}:
            return self._end_of_call(step), []
        said = {
            "call": f"{self._word(text, 'a function')}() is called",
            "state": f"now {self._word(text, 'in another state')}",
            "read": f"reads .{self._word(text, 'something')}",
            "elsewhere": "change_elsewhere() " + ("raises" if text == "fails" else f"sets {self._price_of(text)}"),
        }
        savepoint = " savepoint" if text == "savepoint" else ""
        return said.get(step.kind, f"{step.kind}{savepoint}" if step.kind in _CLAIMS else ""), []

    def fact(self, step: Step) -> tuple[str, list[str]]:
        """Return the verb of a statement and its table, or how something ended; connecting is not shown."""
        if step.kind == "connect":
            return "", []
        return ends(step).get(step.kind) or self._statement(step.sql or ""), []

    def refusal(self, error: SqlError) -> str:
        """Say that the database refused, and which of the reasons that we know it had."""
        why = next((why for pattern, why in _REFUSALS if pattern.search(error.message)), "")
        return f"refused: {why or self._error(error.type)}"

    def fault(self, step: Step) -> str:  # noqa: ARG002  # every step has the same: the refusal beside it says enough
        """Say nothing."""
        return ""

    def seen(self, table: Table | None, before: Table | None) -> str:
        """Say how many rows are new, other than before, or gone."""
        if table is None:
            return "no table"
        known = before.rows if before else ()
        fresh = replace(table, rows=tuple(row for row in table.rows if row not in known))
        changed = len(ids_in(fresh) & ids_in(before))
        new, gone = len(fresh.rows) - changed, sum(row not in table.rows for row in known) - changed
        said = [(new, "new row"), (changed, "changed row"), (gone, "row gone")]
        return ", ".join(_rows(number, what) for number, what in said if number) or _rows(len(table.rows), "row")

    def failure(self, name: str) -> str:
        """Return the name of an exception's class."""
        return "what change_elsewhere() raised" if name == "Elsewhere" else self._error(name)

    def shape(self, value: Any) -> str:  # noqa: ANN401  # what a student's function returned
        """Say what a returned value is: how many there are of a list, and which of the prices a price is."""
        if isinstance(value, list):
            return f"a list of {len(value)}" if value else "an empty list"
        if isinstance(value, dict) and isinstance(pairs := value.get("dict"), list):
            return ", ".join(self._pair(pair) for pair in pairs[:6] if isinstance(pair, list) and len(pair) > 1)
        if value is None or isinstance(value, bool):
            return str(value)
        return {int: "a number", float: "a number", str: "a text"}.get(type(value), "an object")

    def _pair(self, pair: list[Any]) -> str:
        key = self._word(pair[0], "another key") if isinstance(pair[0], str) else "another key"
        amount = cents(pair[1])
        return f"{key}: {'no amount' if amount is None else self._price(amount)}"

    def _end_of_call(self, step: Step) -> str:
        name, _, told = (step.text or "").partition(": ")
        called = f"{self._word(name, 'a function')}()"
        if step.kind == "raised":
            return f"{called} raises {self.failure(told)}"
        try:
            return f"{called} returns {self.shape(json.loads(told))}"
        except (ValueError, RecursionError):  # cut, or forged
            return f"{called} returns something"

    def _statement(self, sql: str) -> str:
        short = phrases.sql(sql)
        if found := _OF_A_TABLE.fullmatch(short):
            return f"{found[1]} {self._word(found[2], 'another table')}"
        verb = short.partition(" ")[0].upper()
        return verb if verb in _VERBS else "a statement"

    def _error(self, name: str) -> str:
        is_builtin = isinstance(getattr(builtins, name, None), type)
        return name if is_builtin or name in _OF_DATABASES else self._word(name, "an exception")

    def _word(self, word: str, otherwise: str) -> str:
        return word if word in _KNOWN or word in self._own else otherwise

    def _price_of(self, text: str) -> str:
        return self._price(cents_of_text(text))

    def _price(self, amount: int | None) -> str:
        """Return a number for a price: 1 is the one that was there first, each change brings the next."""
        if amount in self._prices[1:]:
            return f"price {self._prices.index(amount, 1) + 1}"
        if self._prices[0] in {None, amount}:
            self._prices[0] = amount
            return "price 1"
        return "another price"


class OwnValues(WithoutValues):
    """The words for a run of the student's own script: its values are theirs."""

    def fact(self, step: Step) -> tuple[str, list[str]]:
        """Return the same, with the values that came with a statement."""
        return super().fact(step)[0], phrases.parameters(step)

    def shape(self, value: Any) -> str:  # noqa: ANN401  # as above
        """Write a returned value."""
        return phrases.value(value)


def _rows(number: int, what: str) -> str:
    return count(number, what, what.replace("row", "rows"))
