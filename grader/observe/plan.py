"""Which calls are made, with which inputs: drawn anew for each submission, the same for the same one."""

from __future__ import annotations

import hmac
import json
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from grader.observe.child.request import Invocation, Product
from grader.told import fields, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.values import Part, Run, Step

STOCK = (
    "Pencil", "Eraser", "Ruler", "Notebook", "Stapler", "Compass", "Globe", "Atlas", "Lamp", "Kettle",
    "Teapot", "Saucer", "Fork", "Spoon", "Whisk", "Sieve", "Hammer", "Chisel", "Saw", "Plane",
    "Ladder", "Bucket", "Rake", "Spade", "Lantern", "Candle", "Basket", "Blanket", "Pillow", "Mirror",
)  # fmt: skip
MAKES = ("blue", "O'Hara's", "50 % wool", 'the "Big"', "n° 7", "größer", "日本", "two-piece", "old", "plain")
SHOP = "shop.db"
PRODUCTS = "products.db"
_NO_PRICE = 10**13


@dataclass(frozen=True)
class Planned:
    """A call to be made, and the state of the database in which it is made.

    ``kind`` groups calls that are judged alike. ``refuse_insert`` counts from 1: the database refuses that row and
    all later ones. ``lock_commit`` lets another program read during the first invocation. ``follows`` names the call
    whose database this one finds.
    """

    name: str
    kind: str
    target: Any
    invocations: tuple[Invocation, ...] = (Invocation(),)
    arguments: tuple[str, ...] = ()
    database: str = SHOP
    refuse_insert: int | None = None
    lock_commit: bool = False
    follows: str = "model"
    model: Part = "own"
    functions: Part = "own"


Scenario = tuple[Planned, ...]


def seed(digest: str, secret: str) -> str:
    """Return what the inputs of one submission are drawn from: it tells nothing of the secret, nor of other seeds."""
    return hmac.digest(secret.encode(), digest.encode(), "sha256").hex()


class Draw:
    """The hidden inputs of one submission, drawn from its :func:`seed`."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311  # has to be the same again, not unguessable: the secret is that
        self._names = self._fresh_names()
        self._prices: set[str] = set()

    def _fresh_names(self) -> Iterator[str]:
        names = [f"{thing}, {make}" for thing in STOCK for make in MAKES]
        self._random.shuffle(names)
        return iter(names)

    def price(self) -> str:
        """Return a new price between 0.11 and 999.99 that no rounding to tenths leaves alone.

        Every second one is like 19.99: a cent is lost where the price is made a float, multiplied and cut off.
        """
        price = self._any_price()
        while price in self._prices or (len(self._prices) % 2 and not _loses_a_cent(price)):
            price = self._any_price()
        self._prices.add(price)
        return price

    def _any_price(self) -> str:
        return f"{self._random.randint(0, 999)}.{self._random.randint(1, 9)}{self._random.randint(1, 9)}"

    def products(self, count: int, *, ids: Sequence[int] = ()) -> list[Product]:
        """Return new products, with these ids or none."""
        given: Sequence[int | None] = ids or [None] * count
        return [Product(next(self._names), self.price(), identifier) for identifier in given]

    def free_ids(self, count: int) -> list[int]:
        """Return ids that no row has, in no order."""
        return self._random.sample(range(2_000, 9_000), count)

    def one_of(self, numbers: Sequence[int]) -> int:
        """Return one of these."""
        return self._random.choice(numbers)


def _loses_a_cent(price: str) -> bool:
    return int(float(price) * 100) < round(float(price) * 100)


def model(draw: Draw) -> Planned:
    """Plan the table and the rows that every other call finds: four automatic ids, one given."""
    given = draw.one_of(range(40, 900))
    seeds = (*draw.products(4), *draw.products(1, ids=[given]))
    return Planned("model", "model", "model", (Invocation(seeds),), follows="")


def functions(draw: Draw, stored: Sequence[int]) -> list[Scenario]:
    """Plan the calls of the three functions on a database that holds products with the ids ``stored``."""
    adding, bad_rows, refusals = _adding(draw), _bad_rows(draw, stored), _refusals(draw)
    failing_commit, preview, reloading = _failing_commit(draw), _preview(draw), _reloading(draw, stored)
    # Each call has modules and a database of its own. What hangs in one of these is tried once more in the other.
    return [bad_rows + refusals, adding + preview + reloading + failing_commit]


def _adding(draw: Draw) -> Scenario:
    automatic = draw.products(4)
    automatic[2] = replace_name(automatic[2], automatic[0].name)
    return (
        Planned("add.automatic_ids", "add", "add_products", _once(automatic)),
        Planned("add.given_ids", "add", "add_products", _once(draw.products(3, ids=draw.free_ids(3)))),
        Planned("add.nothing", "add_nothing", "add_products", _once([])),
    )


def replace_name(product: Product, name: str | None) -> Product:
    """Return ``product`` under another name."""
    return Product(name, product.price, product.id)


def _bad_rows(draw: Draw, stored: Sequence[int]) -> Scenario:
    calls = []
    for position in range(3):
        taken = draw.products(3, ids=draw.free_ids(3))
        taken[position] = Product(taken[position].name, taken[position].price, draw.one_of(stored))
        unnamed, unpriced = draw.products(3), draw.products(3)
        unnamed[position] = replace_name(unnamed[position], None)
        unpriced[position] = Product(unpriced[position].name, None)
        for name, products in (("id_taken", taken), ("no_name", unnamed), ("no_price", unpriced)):
            calls.append(Planned(f"failed.{name}.{position + 1}", "failed_insert", "add_products", _once(products)))
    return tuple(calls)


def _refusals(draw: Draw) -> Scenario:
    return tuple(
        Planned(f"refused.{row}", "failed_insert", "add_products", _once(draw.products(3)), refuse_insert=row)
        for row in (1, 2, 3)
    )


def _failing_commit(draw: Draw) -> Scenario:
    lost, next_ = draw.products(2), draw.products(2)
    both = (Invocation(tuple(lost)), Invocation(tuple(next_)))
    return (Planned("failed_commit", "failed_commit", "add_products", both, lock_commit=True),)


def _preview(draw: Draw) -> Scenario:
    return (Planned("preview", "preview", "preview_ids", _once(draw.products(3))),)


def _reloading(draw: Draw, stored: Sequence[int]) -> Scenario:
    def invocation(fail_at: int) -> tuple[Invocation, ...]:
        prices = tuple(draw.price() for _ in range(4))
        return (Invocation(product_id=draw.one_of(stored), changes=prices, fail_at=fail_at),)

    return (
        Planned("reload", "reload", "show_reloading", invocation(0)),
        Planned("failed_reload.1", "failed_reload", "show_reloading", invocation(1)),
        Planned("failed_reload.2", "failed_reload", "show_reloading", invocation(2)),
    )


def program() -> Scenario:
    """Plan two runs of the script as a program: without an argument, then on the same database with its URL."""
    again = (f"sqlite:///{PRODUCTS}",)
    return (
        Planned("first_run", "first_run", "program", database=PRODUCTS, follows=""),
        Planned(
            "second_run",
            "second_run",
            "program",
            (),
            again,
            PRODUCTS,
            follows="first_run",
        ),
    )


def _once(products: Sequence[Product]) -> tuple[Invocation, ...]:
    return (Invocation(tuple(products)),)


def with_parts(scenario: Scenario, *, model: Part, functions: Part) -> Scenario:
    """Return the same calls with the reference's model or functions in place of the student's."""
    return tuple(replace(call, model=model, functions=functions) for call in scenario)


def stored_ids(run: Run) -> list[int]:
    """Return the ids that are taken, as the table has them: the child could name others, and keep these to itself."""
    keys = [column.name for column in run.schema.columns if column.primary_key] if run.schema else []
    if run.after is None or not keys:
        return []
    place = run.after.columns.index("id" if "id" in keys else keys[0])
    return [row[place] for row in run.after.rows if type(row[place]) is int]


# --- whether a second look is worth its time --------------------------------------------------------------------------
# These decide nothing about a grade: they only spare runs with the reference's parts where the student's do.


def model_serves(run: Run) -> bool:
    """Tell whether a script can be watched on this model: it stores what it is given and refuses what is missing."""
    told = listed(run.outcome.value, "reads")
    given = run.inputs["invocations"][0]["products"]
    refuses = run.schema.refuses_null if run.schema else {}
    columns = {column.name: column for column in run.schema.columns} if run.schema else {}
    return (
        run.outcome.kind == "returned"
        and {"id", "name", "price"} <= columns.keys()
        and columns["id"].not_null  # SQLAlchemy refuses to insert several rows whose key may be NULL
        and _amounts(fields(read).get("price") for read in told) == _amounts(p["price"] for p in given)
        and bool(refuses.get("name") and refuses.get("price"))
    )


def _amounts(prices: Iterable[Any]) -> list[int]:
    """Return prices in cents, sorted, as far as they are amounts: a child says them, as Decimal or float."""
    written = [price.get("decimal", "0") if isinstance(price, dict) else price for price in prices]
    return sorted(round(float(price) * 100) for price in written if _is_amount(price))


def _is_amount(price: object) -> bool:
    try:
        return isinstance(price, (str, int, float)) and abs(float(price)) < _NO_PRICE
    except (ValueError, OverflowError):
        return False


def run_is_whole(run: Run) -> bool:
    """Tell whether a run of the script did all that one is asked to do, as far as the record shows at a glance."""
    rows = set(run.after.rows) if run.after else set()
    before = set(run.before.rows) if run.before else set()
    told = {(step.kind, (step.text or "").partition(":")[0]) for step in run.steps if not step.fact}
    wanted = {("returned", "add_products"), ("raised", "add_products")}
    two_more = before <= rows and len(rows - before) == 2  # noqa: PLR2004  # the exercise's number
    return run.outcome.status == 0 and two_more and wanted <= told and _shows_reloading(run.steps)


def _shows_reloading(steps: Sequence[Step]) -> bool:
    """Tell whether others saw something change while ``show_reloading`` ran, and it returned more than one price."""
    changed = False
    for step in steps:
        name, _, value = (step.text or "").partition(": ")
        if not step.fact and name == "show_reloading":
            if step.kind == "returned" and changed and len(_prices(value)) > 1:
                return True
            changed = False
        changed |= step.fact and step.kind == "seen"
    return False


def _prices(text: str) -> set[str]:
    """Return the values of a dict as a child told of it, none where its text was cut."""
    try:
        return {json.dumps(value) for value in fields(json.loads(text)).values()}
    except (ValueError, RecursionError):
        return set()
