"""A shop: your modules beside a database in a file, and what other programs would see in it."""

from __future__ import annotations

import importlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import ModuleType

from sqlalchemy import Engine, NullPool, QueuePool, create_engine, event, inspect, select
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import Session

from .expect import failed, to_do
from .your_lines import your_lines

SCRIPT = Path(__file__).resolve().parents[1] / "transaction_script.py"
SECONDS = 60  # to start Python takes long on a busy computer
broken: set[str] = set()


class Shop:
    """Your modules are imported, and the table is made, when a check first asks for them."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.url = f"sqlite:///{database.as_posix()}"
        # No pool: whoever looks from outside leaves nothing open behind.
        self.outside = create_engine(self.url, poolclass=NullPool)

    @cached_property
    def models(self) -> ModuleType:
        """Your module models, once its Product is mapped to a table."""
        models = imported("models")
        try:
            inspect(getattr(models, "Product", None))
        except NoInspectionAvailable:
            raise to_do("TODO 1: make Product in models.py a mapped class") from None
        return models

    @cached_property
    def script(self) -> ModuleType:
        """Your module transaction_script; it needs your models."""
        assert self.models
        return imported("transaction_script")

    @cached_property
    def engine(self) -> Engine:
        """The engine that your functions get, with the table made; it waits a tenth of a second for a lock."""
        metadata = self.models.Base.metadata
        engine = create_engine(self.url, poolclass=QueuePool, connect_args={"timeout": 0.1})
        metadata.create_all(engine)
        return engine

    def close(self) -> None:
        """Give back every connection: Windows does not delete a file that is still open."""
        if "engine" in vars(self):
            self.engine.dispose()

    def stored(self) -> list[tuple[int, str, Decimal]]:
        """Return what another connection reads: id, name and price of each product, in the order of the ids."""
        product = self.models.Product
        with Session(self.outside) as session:
            rows = session.scalars(select(product).order_by(product.id))
            return [(row.id, row.name, cents(row.price)) for row in rows]

    def store(self, **values: object) -> None:
        """Store one product without the help of your script."""
        with Session(self.engine) as session:
            session.add(self.models.Product(**values))
            session.commit()

    def change_price(self, product_id: int, price: Decimal) -> None:
        """Change a price through another connection, as another program would."""
        with Session(self.outside) as session:
            session.get_one(self.models.Product, product_id).price = price
            session.commit()

    @contextmanager
    def somebody_reading(self) -> Iterator[None]:
        """Keep open a transaction that reads, of another connection: SQLite lets you insert meanwhile, not commit."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM products").fetchall()
            yield

    def connections_lent(self) -> int:
        """Return how many connections the pool of the engine has not got back."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout()

    def others_can_write(self) -> bool:
        """Say whether another connection can begin to write, or finds the database locked."""
        with closing(sqlite3.connect(self.database, isolation_level=None, timeout=0.1)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            return True

    @contextmanager
    def others_looking(self) -> Iterator[list[int]]:
        """Note how many products another connection sees before each statement on the engine, and at the end."""
        seen: list[int] = []

        def look(*_: object) -> None:
            with closing(sqlite3.connect(self.database)) as other:
                (count,) = other.execute("SELECT count(*) FROM products").fetchone()
            seen.append(count)

        event.listen(self.engine, "before_cursor_execute", look)
        yield seen
        event.remove(self.engine, "before_cursor_execute", look)
        look()

    def run_script(self) -> None:
        """Run `python transaction_script.py` in the folder of the database; fail with its last words."""
        # With UTF-8 every name of a product can be printed, which the encoding of a pipe on Windows does not promise.
        command = [sys.executable, "-X", "utf8", str(SCRIPT)]
        try:
            subprocess.run(  # noqa: S603 - the program is your own
                command, cwd=self.database.parent, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                errors="replace", timeout=SECONDS, check=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise failed(f"`python transaction_script.py` did not end within {SECONDS} seconds.") from None
        except subprocess.CalledProcessError as run:
            last_words = (run.stderr.strip().splitlines() or ["no message"])[-1]
            raise failed(f"The script ended with exit status {run.returncode}: {last_words}") from None


def imported(name: str) -> ModuleType:
    """Import a module of yours; say once why it cannot be imported, and at which line of yours."""
    if name in broken:
        raise to_do(f"waits until {name}.py can be imported")
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever your module raises is what you need to read
        broken.add(name)
        line = your_lines(error).strip()
        why = f"{name}.py cannot be imported: {type(error).__name__}: {error}"
        raise failed(f"{why}\n  {line}" if line else why) from None


def cents(price: object) -> Decimal:
    """Return a price as a Decimal with two places, whatever type the model gives it."""
    return Decimal(str(price)).quantize(Decimal("0.01"))
