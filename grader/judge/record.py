"""The evidence as checks look at it: the student's own runs, or those in which the reference stood in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from grader.judge.trace import after_import

if TYPE_CHECKING:
    from grader.values import Evidence, Failure, Outcome, Run

# A message with the words around it stays within what is read at a glance: two hundred characters.
_LONGEST = 105
# No number from here on is the price of anything: none larger is computed with.
_NO_PRICE = 10**13
# SQLAlchemy names the driver's class before its message: the same name that stands before it already.
_DRIVER = re.compile(r"^\(sqlite3\.\w+\) ")


_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Product:
    """A product; ``cents`` is None where the price is no amount."""

    id: int | None
    name: str | None
    cents: int | None

    def resembles(self, other: Product) -> bool:
        """Tell whether the name or the price is the same: a model that spoils one still shows which it is."""
        return self.name == other.name or self.cents == other.cents


@dataclass(frozen=True)
class Record:
    """One view on the evidence. ``followed`` prefers the runs in which the reference's model or functions stood in."""

    evidence: Evidence
    followed: bool
    looked_at: list[Run] = field(default_factory=list, init=False, compare=False)
    """The runs that were asked for: what a check says rests on these."""

    def anew(self) -> Record:
        """Return this view for another check: it knows nothing of what was looked at before."""
        another = Record(self.evidence, self.followed)
        vars(another)["_visible"] = self._visible  # found once for all checks
        return another

    @cached_property
    def _visible(self) -> dict[str, Run]:
        """The runs of this view by name: the student's own, or where the view wants it, those with a stand-in."""
        chosen: dict[str, Run] = {}
        for run in self.evidence.runs:
            stood_in = "reference" in (run.model, run.functions)
            if stood_in == (self.followed and self._stand_in_exists(run.name)):
                chosen[run.name] = replace(run, steps=after_import(run.steps))
        return chosen

    def _stand_in_exists(self, name: str) -> bool:
        return any(run.name == name and "reference" in (run.model, run.functions) for run in self.evidence.runs)

    @property
    def model(self) -> Run:
        """The run that created the table and stored the first products."""
        return self._looking_at([self._visible["model"]])[0]

    def runs(self, *kinds: str) -> list[Run]:
        """Return the runs of these kinds, in the order of the plan."""
        return self._looking_at([run for run in self._visible.values() if run.kind in kinds])

    def _looking_at(self, runs: list[Run]) -> list[Run]:
        self.looked_at.extend(runs)
        return runs

    def run(self, kind: str) -> Run | None:
        """Return the one run of this kind, None if it was not made."""
        return next(iter(self.runs(kind)), None)

    @cached_property
    def stock(self) -> dict[int | None, Product]:
        """The products that are there before each call, by id, as the model reads them."""
        return {product.id: product for product in read_back(self.model)}


def has_followed(evidence: Evidence) -> bool:
    """Tell whether anything of the reference stood in anywhere."""
    return any("reference" in (run.model, run.functions) for run in evidence.runs)


# What Python and SQLAlchemy say of a name that a script wants from its own models.py, and the reference's has not.
_WANTED = re.compile(r"from 'models'|module 'models' has no|'Product' (object )?has no|keyword argument for Product\b")


def wants_more(run: Run) -> bool:
    """Tell whether a script could not work on the reference's model, as its own one has more than it has to have."""
    failure = run.outcome.failure
    return run.model == "reference" and failure is not None and bool(_WANTED.search(failure.message))


def given(run: Run, invocation: int = 0) -> list[Product]:
    """Return the products that an invocation was called with."""
    products = run.inputs["invocations"][invocation].get("products", [])
    return [Product(p.get("id"), p.get("name"), cents_of_text(p.get("price"))) for p in products]


def drawn_inputs(evidence: Evidence) -> set[str]:
    """Return the names and prices that were drawn for the calls, as they are written."""
    calls = [call for run in evidence.runs for call in run.inputs["invocations"]]
    products = [product for call in calls for product in call.get("products", [])]
    drawn = {product[key] for product in products for key in ("name", "price")}
    return {each for each in drawn.union(*(call.get("changes", []) for call in calls)) if each}


def read_back(run: Run) -> list[Product]:
    """Return the products that another process read afterwards, in the order of their ids."""
    products = [
        Product(_of_type(int, p.get("id")), _of_type(str, p.get("name")), cents(p.get("price")))
        for p in run.read_back or ()
    ]
    return sorted(products, key=lambda product: (product.id is None, product.id or 0))


def _of_type(kind: type[_Kind], value: Any) -> _Kind | None:  # noqa: ANN401  # what a student's model gives as an attribute
    """Return a value that is exactly of this type; others are no id and no name."""
    return value if type(value) is kind else None


def cents(value: Any) -> int | None:  # noqa: ANN401  # as above
    """Return a price in cents, whether it came as Decimal, float or int; None for anything else."""
    if isinstance(value, dict) and set(value) == {"decimal"}:
        return cents_of_text(value["decimal"]) if isinstance(value["decimal"], str) else None
    if type(value) is int:
        return cents_of_text(str(max(-_NO_PRICE, min(value, _NO_PRICE))))
    return cents_of_text(repr(value)) if type(value) is float else None


def cents_of_text(text: str | None) -> int | None:
    """Return a number written out, in cents, rounded to the nearest one; from a certain size on all are the same."""
    try:
        amount = Decimal(str(text))
    except InvalidOperation:
        return None
    if not amount.is_finite():
        return None
    if -_NO_PRICE < amount < _NO_PRICE:
        return round(amount * 100)
    return -_NO_PRICE * 100 if amount < 0 else _NO_PRICE * 100


def money(amount: int | None) -> str:
    """Write cents as an amount."""
    if amount is None:
        return "no amount"
    whole, rest = divmod(abs(amount), 100)
    return f"{'-' * (amount < 0)}{whole}.{rest:02}"


def counted(number: int, what: str) -> str:
    """Write how many there are of something."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def as_read(run: Run, product: Product | None) -> str:
    """Write the price of a product as it came back, whatever it is."""
    wanted = product.id if product else None
    value: Any = next((p.get("price") for p in run.read_back or () if p.get("id") == wanted), None)
    if isinstance(value, dict):
        return shortened(str(value.get("decimal") or value.get("text") or value.get("float")))
    return "nothing" if value is None else shortened(f"the text {value!r}" if isinstance(value, str) else str(value))


_KINDS = {bool: "truth values", int: "numbers", float: "floats", str: "texts", list: "lists", type(None): "None"}


def kind_of(value: Any) -> str:  # noqa: ANN401  # what a student's function returned
    """Say in a few words what a function returned."""
    if isinstance(value, dict):
        return "a dict" if "dict" in value else shortened(f"an object of type {value.get('object', 'Decimal')}")
    if not isinstance(value, list) or not value:
        # As in `told`: further lines of an error's text may hold hidden inputs.
        return shortened(repr(value.partition("\n")[0] if isinstance(value, str) else value))
    kinds = {_KINDS.get(type(item)) or f"{item.get('object', 'dict')} objects" for item in value}
    return shortened(f"a list of {' and '.join(sorted(kinds))}")


def shortened(text: str) -> str:
    """Return the beginning of a text that may be long: a student's own message, say."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


_ORDINALS = {"1": "first", "2": "second", "3": "third"}


def situation(run: Run) -> str:
    """Say what went wrong in a run in which something had to fail."""
    kind, _, position = run.name.rpartition(".")
    ordinal = _ORDINALS.get(position, "")
    return {
        "failed.id_taken": f"the id of the {ordinal} product was taken",
        "failed.no_name": f"the {ordinal} product had no name",
        "failed.no_price": f"the {ordinal} product had no price",
        "refused": f"the database refused the {ordinal} product",
        "failed_reload": f"the {ordinal} change_elsewhere() failed",
    }.get(kind, "the commit failed")


def _cause(failure: Failure) -> str:
    """Name an exception by its type and message, as far as the message may be shown."""
    # The first line alone: SQLAlchemy's further ones hold the statement with its parameters, which are hidden inputs.
    message = shortened(_DRIVER.sub("", failure.message.partition("\n")[0]))
    return f"{shortened(failure.type)}: {message}" if message else shortened(failure.type)


def told(who: str, outcome: Outcome) -> str:
    """Say how a call of ``who`` ended, for the text of a verdict."""
    failure = outcome.failure
    what = _cause(failure) if failure else ""
    if outcome.kind == "unimportable":
        module = "models" if who == "models.py" else "transaction_script"
        gone = what == f"ModuleNotFoundError: No module named '{module}'"
        return f"{module}.py is not there" if gone else f"{module}.py cannot be imported: {what}"
    if failure is not None and failure.type == "NotImplementedError":
        ran = outcome.kind == "exited"
        return f"{who} came to something that is not written yet" if ran else f"{who} is not written yet"
    said_already = f"SystemExit: {outcome.status}"
    ends = {
        "returned": "returned normally",
        "raised": f"raised {what}",
        "exited": f"ended with exit status {outcome.status}" + f" ({what})" * (what not in {"", said_already}),
        "missing": "is not there",
        "unfinished": f"did not end well: {outcome.text}",
    }
    return f"{who} {ends[outcome.kind]}"
