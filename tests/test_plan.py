"""Which calls are made with which inputs: drawn from the digest and the secret, and telling at every position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from grader.observe import plan
from grader.observe.child.request import Product
from grader.observe.plan import Draw, Planned, Scenario
from grader.values import Column, Outcome, Run, Schema, Step, Table

STORED = (1, 2, 3, 4, 77)
SECRETS = ("local", "autumn", "")
SECRET = SECRETS[0]
DIGESTS = tuple(f"sha256:{number:064x}" for number in range(20))


def scenarios(digest: str = DIGESTS[0], secret: str = SECRET) -> list[Scenario]:
    """Return everything that is planned for a submission whose model stored five products."""
    draw = Draw(plan.seed(digest, secret))
    return [(plan.model(draw),), plan.program(), *plan.functions(draw, STORED)]


def calls(digest: str = DIGESTS[0], secret: str = SECRET) -> list[Planned]:
    """Return the planned calls."""
    return [call for scenario in scenarios(digest, secret) for call in scenario]


def named(name: str, digest: str = DIGESTS[0]) -> Planned:
    """Return the call of this name."""
    return next(call for call in calls(digest) if call.name == name)


def products(call: Planned) -> Iterator[Product]:
    """Yield the products of all invocations of a call."""
    for invocation in call.invocations:
        yield from invocation.products


def every_digest(name: str) -> list[Planned]:
    """Return the call of this name as several submissions get it."""
    return [named(name, digest) for digest in DIGESTS]


# --- drawing ----------------------------------------------------------------------------------------------------------


def test_same_digest_and_secret_give_the_same_plan() -> None:
    """The plan of a submission can be made again, call by call."""
    assert scenarios() == scenarios()


@pytest.mark.parametrize("secret", SECRETS[1:])
def test_other_secret_gives_other_inputs(secret: str) -> None:
    """Without the secret, the inputs cannot be told from the submission."""
    known, hidden = calls(), calls(secret=secret)
    same = {one.name for one, two in zip(known, hidden, strict=True) if one.invocations == two.invocations}
    assert same == {"add.nothing", "first_run", "second_run"}


def test_other_digest_gives_other_inputs() -> None:
    """No two submissions are given the same products."""
    drawn = {tuple(products(named("add.automatic_ids", digest))) for digest in DIGESTS}
    assert len(drawn) == len(DIGESTS)


@pytest.mark.parametrize("digest", DIGESTS)
def test_every_price_is_another(digest: str) -> None:
    """No price is drawn twice, so that a price tells which product or which change it is."""
    prices = [p.price for call in calls(digest) for p in products(call)]
    prices += [price for call in calls(digest) for i in call.invocations for price in i.changes]
    counted = Counter(price for price in prices if price is not None)
    assert max(counted.values()) == 1


@pytest.mark.parametrize("digest", DIGESTS)
def test_prices_need_their_cents(digest: str) -> None:
    """Every price is one to a thousand euros with two decimals, the last of which is not zero."""
    for product in (p for call in calls(digest) for p in products(call) if p.price is not None):
        euros, _, cents = str(product.price).partition(".")
        assert 0 <= int(euros) <= 999
        assert len(cents) == 2
        assert "0" not in cents


@pytest.mark.parametrize("digest", DIGESTS)
def test_some_prices_of_every_kind_of_call_lose_a_cent_when_cut_off(digest: str) -> None:
    """The model and the adding get a price like 19.99, which a float multiplied by a hundred falls short of."""
    for name in ("model", "add.automatic_ids", "add.given_ids"):
        prices = [str(product.price) for product in products(named(name, digest))]
        assert [price for price in prices if int(float(price) * 100) < int(price.replace(".", ""))]


@pytest.mark.parametrize("digest", DIGESTS)
def test_every_name_is_another_but_one(digest: str) -> None:
    """Names are drawn once, but for the two equal ones that a single call stores."""
    counted = Counter(p.name for call in calls(digest) for p in products(call) if p.name is not None)
    assert sorted(counted.values())[-2:] == [1, 2]


def test_names_run_out_late() -> None:
    """The longest plan, with the reference's model after the student's, still finds names."""
    draw = Draw("seed")
    for _ in range(2):
        plan.model(draw)
        plan.functions(draw, STORED)
    assert draw.products(1)[0].name


# --- the calls --------------------------------------------------------------------------------------------------------


def test_names_of_calls_are_unique() -> None:
    """Each call has a name of its own, which evidence and timeline use."""
    names = [call.name for call in calls()]
    assert len(set(names)) == len(names)


def test_calls_find_the_database_of_an_earlier_one() -> None:
    """A call finds the database of the model, of the first run, or none."""
    found = {call.name: call.follows for call in calls()}
    assert {name: follows for name, follows in found.items() if follows != "model"} == {
        "model": "",
        "first_run": "",
        "second_run": "first_run",
    }


def test_model_stores_automatic_and_given_ids() -> None:
    """The model is given four products without an id, then one with."""
    for call in every_digest("model"):
        ids = [product.id for product in products(call)]
        assert ids[:4] == [None] * 4
        assert ids[4] in range(40, 900)


def test_equal_names_are_stored_at_once() -> None:
    """Of the products that get their ids from the database, two have the same name."""
    for call in every_digest("add.automatic_ids"):
        names = [product.name for product in products(call)]
        assert (names[0] == names[2], len(set(names))) == (True, 3)


def test_given_ids_are_free_and_in_no_order() -> None:
    """Given ids are none of the stored ones; in some submissions they do not go up."""
    drawn = [[product.id or 0 for product in products(call)] for call in every_digest("add.given_ids")]
    assert all(len(set(ids)) == 3 and not set(ids) & set(STORED) and min(ids) > max(STORED) + 100 for ids in drawn)
    assert any(ids != sorted(ids) for ids in drawn)


def test_nothing_is_one_call_without_products() -> None:
    """The empty list is handed over once."""
    (invocation,) = named("add.nothing").invocations
    assert invocation.products == ()


@pytest.mark.parametrize("position", [0, 1, 2])
def test_taken_id_stands_at_its_position_alone(position: int) -> None:
    """At each position once, the id is one of the stored ones, and the other two are free."""
    for call in every_digest(f"failed.id_taken.{position + 1}"):
        assert [product.id in STORED for product in products(call)] == [n == position for n in range(3)]
        assert all(product.name and product.price for product in products(call))


def test_any_stored_id_may_be_the_taken_one() -> None:
    """Over several submissions, every stored id is taken at some time."""
    taken = {next(products(call)).id for call in every_digest("failed.id_taken.1")}
    assert taken == set(STORED)


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(("kind", "field"), [("no_name", "name"), ("no_price", "price")])
def test_missing_value_stands_at_its_position_alone(kind: str, field: str, position: int) -> None:
    """At each position once, the name or the price is missing, and nothing else is."""
    (*bad,) = products(named(f"failed.{kind}.{position + 1}"))
    other = "price" if field == "name" else "name"
    assert [getattr(product, field) is None for product in bad] == [n == position for n in range(3)]
    assert all(getattr(product, other) is not None and product.id is None for product in bad)


@pytest.mark.parametrize("row", [1, 2, 3])
def test_database_refuses_good_rows_at_each_position(row: int) -> None:
    """The products of a refused call are sound: it is the database that says no, from this row on."""
    call = named(f"refused.{row}")
    assert call.refuse_insert == row
    assert all(product.name and product.price and product.id is None for product in products(call))


def test_only_refused_calls_are_refused() -> None:
    """Nothing else meets a database that refuses; only the failing commit meets a locked one."""
    assert [call.name for call in calls() if call.refuse_insert] == ["refused.1", "refused.2", "refused.3"]
    assert [call.name for call in calls() if call.lock_commit] == ["failed_commit"]


def test_failing_commit_is_followed_by_another_call() -> None:
    """After the commit that fails, the same engine is given two other products."""
    lost, next_ = named("failed_commit").invocations
    assert (len(lost.products), len(next_.products)) == (2, 2)
    assert not set(lost.products) & set(next_.products)


def test_reloading_has_prices_to_spare() -> None:
    """The price is changed elsewhere to four others, though twice is what is asked for, on a stored product."""
    for call in every_digest("reload"):
        (invocation,) = call.invocations
        assert invocation.product_id in STORED
        assert (len(invocation.changes), invocation.fail_at) == (4, 0)


def test_change_elsewhere_fails_first_and_second() -> None:
    """The change elsewhere fails once at each of its two calls."""
    assert [named(f"failed_reload.{n}").invocations[0].fail_at for n in (1, 2)] == [1, 2]


def test_programs_run_on_one_database() -> None:
    """The second run of the script finds what the first has left, and is told the database by its URL."""
    first, second = plan.program()
    assert (first.follows, second.follows, first.arguments) == ("", first.name, ())
    assert second.arguments == (f"sqlite:///{first.database}",)


def test_reference_parts_change_nothing_else() -> None:
    """With the reference's parts, the same calls are made with the same inputs."""
    scenario = plan.program()
    replaced = plan.with_parts(scenario, model="reference", functions="own")
    assert {call.model for call in replaced} == {"reference"}
    assert plan.with_parts(replaced, model="own", functions="own") == scenario


# --- whether a second look is worth its time --------------------------------------------------------------------------


def table_of(*names: str, key_not_null: bool = True) -> Schema:
    """Return a table with these columns, of which the first is the key."""
    columns = (
        Column(name, "", not_null=name != names[0] or key_not_null, primary_key=name == names[0]) for name in names
    )
    return Schema("table", "", tuple(columns), {"name": True, "price": True})


SOUND = Run(
    name="model",
    kind="model",
    inputs={"invocations": [{"products": [{"name": "Pen", "price": "1.25"}, {"name": "Ink", "price": "19.99"}]}]},
    outcome=Outcome(
        "returned",
        value={
            "dict": [
                ["reads", [{"dict": [["price", {"decimal": "19.99"}]]}, {"dict": [["id", 1], ["price", 1.25]]}]],
                ["stored", [1, 2]],
            ]
        },
    ),
    schema=table_of("id", "name", "price"),
)


_ODD_READS: tuple[Any, ...] = (5, "price", {}, [1, None], [{"dict": [[["price"], 1]]}], [{"dict": []}])
ODD_ANSWERS: tuple[Any, ...] = (
    *(None, 5, [], {}, {"decimal": "1"}, {"dict": []}),
    *({"dict": [["reads", odd]]} for odd in _ODD_READS),
)


def answering(value: Any) -> Run:  # noqa: ANN401  # whatever a child says
    """Return the sound run of a model with another answer."""
    return msgspec.structs.replace(SOUND, outcome=Outcome("returned", value=value))


def guarded(refuses: dict[str, bool | None]) -> Run:
    """Return the sound run of a model whose table refuses NULL in other columns."""
    return of(msgspec.structs.replace(table_of("id", "name", "price"), refuses_null=refuses))


def of(schema: Schema) -> Run:
    """Return the sound run of a model with another table."""
    return msgspec.structs.replace(SOUND, schema=schema)


def reading(*prices: object) -> Run:
    """Return the sound run of a model, with other prices read back."""
    reads = [{"dict": [["price", price]]} for price in prices]
    return answering({"dict": [["reads", reads]]})


def test_sound_model_serves() -> None:
    """A model that gives every price back and refuses NULL serves, in whatever order and type it answers."""
    assert plan.model_serves(SOUND)
    assert plan.model_serves(reading(1.25, {"decimal": "19.990"}))
    assert plan.model_serves(reading("1.25", "19.99"))


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(reading(1, 20), id="rounded"),
        pytest.param(reading(1.25), id="one lost"),
        pytest.param(reading(1.25, None), id="price lost"),
        pytest.param(reading(1.25, "a lot"), id="words"),
        pytest.param(reading(1.25, {"float": "nan"}), id="not a number"),
        pytest.param(reading(1.25, {"object": "Money", "text": "19.99"}), id="object"),
        pytest.param(reading(1.25, [19.99]), id="list"),
        pytest.param(reading(1.25, "1e999"), id="infinite"),
        pytest.param(reading(1.25, 1.7e308), id="huge"),
        pytest.param(reading(1.25, 10**400), id="too large for a float"),
        pytest.param(reading(1.25, {"decimal": [19.99]}), id="list as a decimal"),
        pytest.param(answering({"dict": 5}), id="no pairs"),
        pytest.param(msgspec.structs.replace(SOUND, schema=None), id="no table"),
        pytest.param(guarded({"name": True}), id="price not asked"),
        pytest.param(guarded({"name": True, "price": None}), id="price not known"),
        pytest.param(guarded({"name": False, "price": True}), id="name may be NULL"),
        pytest.param(of(table_of("number", "name", "price")), id="no id"),
        pytest.param(of(table_of("id", "title", "price")), id="no name"),
        pytest.param(of(table_of("id", "name", "price", key_not_null=False)), id="id may be NULL"),
        pytest.param(msgspec.structs.replace(SOUND, outcome=Outcome("raised", value=SOUND.outcome.value)), id="raised"),
        *(pytest.param(answering(value), id=repr(value)) for value in ODD_ANSWERS),
    ],
)
def test_other_models_do_not_serve(run: Run) -> None:
    """A model that loses or bends a price, stores NULL, or answers with something else does not serve."""
    assert not plan.model_serves(run)


PAIRS_TOLD = (("returned", "add_products: [1, 2]"), ("raised", "add_products: IntegrityError"))
PRICES_TOLD = '{"dict": [["loaded", {"decimal": "1.00"}], ["after_refresh", {"decimal": "3.00"}]]}'


def shown(prices: str = PRICES_TOLD, between: str = "seen") -> tuple[Step, ...]:
    """Return the steps of a call of show_reloading that returned these prices, with one fact between."""
    call, returned = Step("call", text="show_reloading"), Step("returned", text=f"show_reloading: {prices}")
    return (call, Step(between, fact=True), returned)


def program_run(
    rows: int = 2,
    status: int = 0,
    told: Sequence[tuple[str, str]] = PAIRS_TOLD,
    reloading: tuple[Step, ...] = shown(),
) -> Run:
    """Return a first run that left so many rows, told these events, and showed reloading."""
    steps = (*(Step(kind, text=text) for kind, text in told), *reloading)
    table = Table(("id",), tuple((n,) for n in range(rows)))
    return Run("first_run", "first_run", {}, Outcome("exited", status=status), after=table, steps=steps)


def test_run_that_did_everything_is_whole() -> None:
    """Two more products, status 0, a pair added, a pair that failed and reloading shown make a run whole."""
    assert plan.run_is_whole(program_run())


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(program_run(rows=3), id="three products"),
        pytest.param(program_run(status=1), id="status 1"),
        pytest.param(program_run(told=()), id="nothing added"),
        pytest.param(program_run(told=PAIRS_TOLD[:1]), id="no pair that failed"),
        pytest.param(program_run(reloading=()), id="no reloading"),
        pytest.param(program_run(reloading=shown(between="execute")), id="nothing changed"),
        pytest.param(program_run(reloading=shown("{}")), id="no price"),
        pytest.param(program_run(reloading=shown(PRICES_TOLD.replace("3.00", "1.00"))), id="one price"),
        pytest.param(program_run(reloading=shown(PRICES_TOLD[:40])), id="a text that was cut"),
        pytest.param(program_run(reloading=(*shown()[::2], shown()[1])), id="changed too late"),
        pytest.param(
            msgspec.structs.replace(program_run(), outcome=Outcome("unfinished", text="late")), id="unfinished"
        ),
        pytest.param(msgspec.structs.replace(program_run(), after=None), id="no table"),
    ],
)
def test_run_that_left_something_out_is_not_whole(run: Run) -> None:
    """A run that lacks any of it is looked at again with the reference's functions."""
    assert not plan.run_is_whole(run)
