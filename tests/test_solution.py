"""The reference solution meets the contract, run natively on databases in files."""

from __future__ import annotations

import importlib
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine, QueuePool, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from grader.content import SOLUTION, find_content

PEN = {"name": "Pen", "price": Decimal("1.20")}
INK = {"name": "Ink", "price": Decimal("19.99")}


class Solution:
    """The two modules of the solution, an engine on a database in a file, and the file as others see it."""

    def __init__(self, models: ModuleType, script: ModuleType, database: Path) -> None:
        self.models, self.script, self.database = models, script, database
        self.engine = create_engine(f"sqlite:///{database}", poolclass=QueuePool, connect_args={"timeout": 0.05})
        self.sent: list[str] = []
        event.listen(self.engine, "commit", lambda _: self.sent.append("COMMIT"))
        event.listen(self.engine, "before_cursor_execute", lambda *call: self.sent.append(call[2].split()[0]))

    def connections_lent(self) -> int:
        """Return how many connections the pool has not got back."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout()

    def rows(self) -> list[tuple[Any, ...]]:
        """Return what a connection of nobody's finds committed."""
        with closing(sqlite3.connect(self.database)) as other:
            return other.execute("SELECT id, name, round(price, 2) FROM products ORDER BY id").fetchall()


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ModuleType, ModuleType]]:
    """Import a copy of the solution as a student's folder would be, by plain names."""
    folder = tmp_path_factory.mktemp("solution")
    shutil.copytree(find_content().root / SOLUTION, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        for name in ("models", "transaction_script"):
            patch.delitem(sys.modules, name, raising=False)
        yield importlib.import_module("models"), importlib.import_module("transaction_script")
        for name in ("models", "transaction_script"):
            del sys.modules[name]


@pytest.fixture
def solution(modules: tuple[ModuleType, ModuleType], tmp_path: Path) -> Iterator[Solution]:
    """Return the solution beside an empty table."""
    solution = Solution(*modules, tmp_path / "products.db")
    solution.models.Base.metadata.create_all(solution.engine)
    solution.sent.clear()
    yield solution
    solution.engine.dispose()


@pytest.fixture
def observations() -> dict[str, Any]:
    """Return the observations of the solution."""
    return tomllib.loads(find_content().read(f"{SOLUTION}/observations.toml"))


def test_table_is_the_one_of_the_contract(solution: Solution) -> None:
    """The table products has three required columns, and id is its integer primary key."""
    with closing(sqlite3.connect(solution.database)) as other:
        columns = other.execute("SELECT name, type, \"notnull\", pk FROM pragma_table_info('products')").fetchall()
    assert columns == [("id", "INTEGER", 1, 1), ("name", "VARCHAR(100)", 1, 0), ("price", "NUMERIC(10, 2)", 1, 0)]


@pytest.mark.parametrize("price", ["19.99", "0.10", "0.29", "1234567.89"])
def test_price_comes_back_to_the_cent(solution: Solution, price: str) -> None:
    """A price is the same Decimal when another session reads it."""
    (product_id,) = solution.script.add_products(solution.engine, [{"name": "Pen", "price": Decimal(price)}])
    with Session(solution.engine) as session:
        assert session.get_one(solution.models.Product, product_id).price == Decimal(price)


def test_product_shows_what_it_holds(solution: Solution) -> None:
    """The repr of a product names its three values."""
    assert repr(solution.models.Product(id=1, **PEN)) == "Product(id=1, name='Pen', price=Decimal('1.20'))"


def test_add_products_stores_all_in_one_commit(solution: Solution) -> None:
    """All products are stored as given, the ids come back in order, and one commit is sent."""
    ids = solution.script.add_products(solution.engine, [INK, {"id": 7, **PEN}, PEN])
    assert (ids, solution.sent.count("COMMIT")) == ([1, 7, 8], 1)
    assert solution.rows() == [(1, "Ink", 19.99), (7, "Pen", 1.2), (8, "Pen", 1.2)]


def test_nobody_sees_a_part(solution: Solution) -> None:
    """Until the commit another connection finds the table empty."""
    seen: list[int] = []
    event.listen(solution.engine, "commit", lambda _: seen.append(len(solution.rows())))
    solution.script.add_products(solution.engine, [PEN, INK])
    assert seen == [0]


def test_empty_list_stores_nothing(solution: Solution) -> None:
    """An empty list gives an empty list."""
    assert (solution.script.add_products(solution.engine, []), solution.rows()) == ([], [])


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("bad", [{"id": 5, **PEN}, {**PEN, "name": None}, {**PEN, "price": None}])
def test_failed_insert_leaves_nothing(solution: Solution, bad: dict[str, Any], position: int) -> None:
    """Wherever the bad product stands, the caller gets the error and the table is as it was."""
    solution.script.add_products(solution.engine, [{"id": 5, **INK}])
    products = [PEN, INK]
    products.insert(position, bad)
    with pytest.raises(IntegrityError):
        solution.script.add_products(solution.engine, products)
    assert solution.rows() == [(5, "Ink", 19.99)]


def test_failed_insert_returns_its_connection(solution: Solution) -> None:
    """While the error is still at hand, no connection is out of the pool."""
    with pytest.raises(IntegrityError) as caught:
        solution.script.add_products(solution.engine, [{**PEN, "name": None}])
    assert (solution.connections_lent(), caught.type) == (0, IntegrityError)


def test_failed_commit_leaves_nothing_for_the_next_one(solution: Solution) -> None:
    """When a reader makes the COMMIT fail, the caller gets the error and the next commit brings only its own."""
    with closing(sqlite3.connect(solution.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM products").fetchall()
        with pytest.raises(OperationalError, match="database is locked"):
            solution.script.add_products(solution.engine, [PEN])
    solution.script.add_products(solution.engine, [INK])
    assert solution.rows() == [(1, "Ink", 19.99)]


def test_preview_tells_the_ids_and_stores_nothing(solution: Solution) -> None:
    """The previewed ids are those that the same products then get; no commit is sent for the preview."""
    previewed = solution.script.preview_ids(solution.engine, [PEN, INK])
    assert (solution.rows(), solution.sent, solution.connections_lent()) == ([], ["INSERT", "INSERT"], 0)
    assert solution.script.add_products(solution.engine, [PEN, INK]) == previewed


def price_rises(solution: Solution, *prices: str) -> Any:  # noqa: ANN401 - any callable
    """Return a function that sets the price of product 1 from outside, to one price after the other."""
    remaining = iter(prices)

    def change() -> None:
        with closing(sqlite3.connect(solution.database)) as other, other:
            other.execute("UPDATE products SET price = ? WHERE id = 1", [next(remaining)])

    return change


def test_reloading_shows_four_prices(solution: Solution) -> None:
    """The price stays old until the session is told to read again."""
    solution.script.add_products(solution.engine, [PEN])
    seen = solution.script.show_reloading(solution.engine, 1, price_rises(solution, "2.50", "3.75"))
    assert seen == {
        "loaded": Decimal("1.20"),
        "stale": Decimal("1.20"),
        "after_expire_all": Decimal("2.50"),
        "after_refresh": Decimal("3.75"),
    }


def test_reloading_only_reads(solution: Solution) -> None:
    """Three SELECTs are all that show_reloading sends."""
    solution.script.add_products(solution.engine, [PEN])
    solution.sent.clear()
    solution.script.show_reloading(solution.engine, 1, price_rises(solution, "2.50", "3.75"))
    assert solution.sent == ["SELECT"] * 3


def test_reloading_closes_its_session_when_the_change_fails(solution: Solution) -> None:
    """An error in change_elsewhere reaches the caller, and no connection is out of the pool."""
    solution.script.add_products(solution.engine, [PEN])
    with pytest.raises(StopIteration) as caught:
        solution.script.show_reloading(solution.engine, 1, price_rises(solution))
    assert (solution.connections_lent(), caught.type) == (0, StopIteration)


def run(solution: Solution) -> str:
    """Run the solution as a program on its database, and return what it printed."""
    script = str(solution.script.__file__)
    url = f"sqlite:///{solution.database}"
    return subprocess.run([sys.executable, script, url], capture_output=True, text=True, check=True).stdout


def test_two_runs_leave_two_products_each(solution: Solution) -> None:
    """Each run adds two, and the second leaves the first two as they were."""
    run(solution)
    first = solution.rows()
    run(solution)
    assert (len(first), len(solution.rows()), solution.rows()[:2]) == (2, 4, first)


def test_a_run_prints_the_four_moments(solution: Solution) -> None:
    """A run tells of the failed pair and of the four prices."""
    printed = run(solution)
    assert all(word in printed for word in ("rolled back", "loaded", "stale", "after_expire_all", "after_refresh"))


def eraser_ids(solution: Solution) -> list[int]:
    """Run main twice, and return the ids that the rolled-back eraser was given."""
    given = []

    def note(_: object, cursor: sqlite3.Cursor, __: str, parameters: tuple[object, ...], *___: object) -> None:
        if "Eraser" in parameters:
            given.append(cursor.lastrowid)

    event.listen(Engine, "after_cursor_execute", note)
    run_main(solution)
    run_main(solution)
    event.remove(Engine, "after_cursor_execute", note)
    return [product_id for product_id in given if product_id]


def run_main(solution: Solution) -> list[tuple[Any, ...]]:
    """Run main on the database, and return the rows afterwards."""
    solution.script.main(f"sqlite:///{solution.database}")
    return solution.rows()


def test_observed_numbers_are_true(solution: Solution, observations: dict[str, Any]) -> None:
    """Two runs leave as many rows as the observations say, and none of the failed pair."""
    first, second = run_main(solution), run_main(solution)
    kept = [name for _, name, _ in second if name in {"Eraser", "Ruler"}]
    assert [len(first), len(second), len(kept)] == [
        observations["rows_after_first_run"],
        observations["rows_after_second_run"],
        observations["rows_kept_of_failed_pair"],
    ]


def test_observed_prices_are_true(
    solution: Solution, observations: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prices that main shows are old, new and newest as the observations say."""
    price: dict[str, Decimal] = {}
    show = solution.script.show_reloading

    def keep(*given: object) -> dict[str, Decimal]:
        price.update(show(*given))
        return price

    monkeypatch.setattr(solution.script, "show_reloading", keep)
    run_main(solution)
    assert observations["stale_price_was_old"] is (price["stale"] == price["loaded"])
    assert observations["expire_all_showed_new"] is (price["after_expire_all"] != price["loaded"])
    assert observations["refresh_showed_new"] is (price["after_refresh"] != price["after_expire_all"])


def test_observed_reuse_of_an_id_is_true(solution: Solution, observations: dict[str, Any]) -> None:
    """A product of the second run has the id that the first run's eraser lost."""
    first_lost, _ = eraser_ids(solution)
    ids = [product_id for product_id, _, _ in solution.rows()]
    assert observations["failed_id_was_reused"] is (first_lost in ids)
