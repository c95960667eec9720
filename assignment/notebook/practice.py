"""What the notebook practises with: a shop with a database of its own, and a picture of what sessions do in it.

Nothing here is graded. The grade makes its own calls, with other products.
"""

from __future__ import annotations

import io
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from IPython.display import display
from sqlalchemy import Engine, NullPool, QueuePool, create_engine, event, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from session_trace import LANES, Row, Screen, Trace

_CELL = "text-align: left; vertical-align: top; padding: 2px 8px; white-space: pre-wrap; font-family: monospace"


class Shop:
    """A new, empty database with your table in it. ``engine`` is for your functions; the rest looks from outside."""

    def __init__(self, base: Any, product: Any) -> None:  # noqa: ANN401  # mapped in whatever way
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # Windows: a file may still be open
        self.database = Path(self._folder.name) / "shop.db"
        self.url = f"sqlite:///{self.database.as_posix()}"
        self.product = product
        # It waits a tenth of a second for a lock, so that nobody waits for long.
        self.engine: Engine = create_engine(self.url, poolclass=QueuePool, connect_args={"timeout": 0.1})
        self._outside = create_engine(self.url, poolclass=NullPool)
        base.metadata.create_all(self._outside)

    def store(self, **values: object) -> None:
        """Store one product, without the help of your functions."""
        with Session(self._outside) as session, session.begin():
            session.add(self.product(**values))

    def refuses(self, **values: object) -> bool:
        """Say whether the database refuses such a product."""
        try:
            self.store(**values)
        except DBAPIError:
            return True
        return False

    def stored(self) -> list[tuple[int, str, Decimal]]:
        """Return what another connection reads: id, name and price of each product, in the order of the ids."""
        with Session(self._outside) as session:
            rows = session.scalars(select(self.product).order_by(self.product.id))
            return [(row.id, row.name, cents(row.price)) for row in rows]

    def names(self) -> list[str]:
        """Return the names of what is stored, in the order of the ids."""
        return [name for _, name, _ in self.stored()]

    def change_price(self, product_id: int, price: Decimal) -> None:
        """Change a price through another connection, as another program would."""
        with Session(self._outside) as session, session.begin():
            session.get_one(self.product, product_id).price = price

    @contextmanager
    def somebody_reading(self) -> Iterator[None]:
        """Let another program read meanwhile: SQLite then lets you insert, and refuses your COMMIT."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM products").fetchall()
            yield

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


# --- what a check says ------------------------------------------------------------------------------------------------
def expect(fact: str, *, expected: object, seen: object) -> None:
    """Say that a fact holds; AssertionError with what was expected and what was seen if the two differ."""
    if seen != expected:
        raise AssertionError(f"{fact}\n  expected: {expected}\n  seen:     {seen}")
    print(f"✓ {fact}")


def attempt(function: Callable[..., object], *arguments: object) -> Exception | None:
    """Call a function that should fail; return the exception that reached us, or None."""
    try:
        function(*arguments)
    except (NotImplementedError, NameError):
        raise  # it is not written yet
    except Exception as error:  # noqa: BLE001  # which one it is, is up to you
        return error
    return None


def left_behind(function: Callable[..., object], *arguments: object) -> list[str]:
    """Call a function, whether it fails or not; return which sessions and transactions it leaves open."""
    with Trace().watching() as trace:
        attempt(function, *arguments)
    return trace.problems


def called(trace: Trace, method: str) -> bool:
    """Say whether a method of the session was called while a timeline was watching."""
    return any(f": {method}" in text for row in trace.rows for text in row.session)


def cents(price: object) -> Decimal:
    """Return a price as a Decimal with two places, whatever type the model gives it."""
    return Decimal(str(price)).quantize(Decimal("0.01"))


# --- the timeline -----------------------------------------------------------------------------------------------------
@contextmanager
def timeline() -> Iterator[Trace]:
    """Watch every session in the block, and show its timeline below the cell when the block ends, well or not."""
    trace = Trace()
    try:
        with trace.watching():
            yield trace
    finally:
        display({"text/html": _table(trace), "text/plain": _text(trace)}, raw=True)


def _table(trace: Trace) -> str:
    head = "".join(f'<th style="{_CELL}">{name}</th>' for name in LANES.values())
    rows = "".join(f"<tr>{''.join(map(_cell, _lanes(row)))}</tr>" for row in trace.rows)
    problems = "".join(f'<p style="color: #d33">! {escape(problem)}</p>' for problem in trace.problems)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div style="max-height: 32em; overflow: auto">{table}</div>{problems}'


def _cell(texts: list[str]) -> str:
    return f'<td style="{_CELL}">{escape(chr(10).join(texts))}</td>'


def _lanes(row: Row) -> list[list[str]]:
    """Return the texts of a row: your line, the session, the database, what others see."""
    code = f"{row.place[1]}  {row.code}" if row.place else "not in your code"
    mine = "another program" if row.place and row.place[0] == __file__ else code
    return [[] if row.goes_on else [mine], row.session, row.database, row.others]


def _text(trace: Trace) -> str:
    written = io.StringIO()
    screen = Screen(written, colour=False)
    for row in trace.rows:
        screen.show(row)
    screen.tell(trace.problems)
    return written.getvalue()
