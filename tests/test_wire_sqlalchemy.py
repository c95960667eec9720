"""SQLAlchemy over the wire: the ORM, the documented recipes for sqlite, pools and threads."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, Numeric, create_engine, event, exc, inspect, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from wired import Wired, facts, only, seen

pytest_plugins = ("wired_fixtures",)


class Base(DeclarativeBase):
    """Of these tests."""


class Product(Base):
    """A product."""

    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


class Part(Base):
    """A part of a product."""

    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))


@pytest.fixture
def engine(installed: Wired) -> Iterator[Engine]:
    """Return an engine on a shop with its tables."""
    engine = create_engine("sqlite:///shop.db")
    Base.metadata.create_all(engine)
    engine.dispose()
    installed.begin(existing=["shop.db"], files=installed.end().files)
    yield engine
    engine.dispose()


def pen(price: str = "1.20", **more: Any) -> Product:  # noqa: ANN401  # columns
    """Return a new product."""
    return Product(**({"name": "Pen", "price": Decimal(price)} | more))


@pytest.mark.filterwarnings("ignore:Dialect sqlite.*does.*not support Decimal objects natively")
class TestOrm:
    """The unit of work."""

    def test_objects_come_back(self, engine: Engine) -> None:
        """What one session stores, another reads, to the cent."""
        with Session(engine) as session, session.begin():
            session.add_all([pen(), pen("19.99", name="Cup")])
        with Session(engine) as session:
            products = session.scalars(select(Product).order_by(Product.id)).all()
            assert [(p.id, p.name, p.price) for p in products] == [
                (1, "Pen", Decimal("1.20")),
                (2, "Cup", Decimal("19.99")),
            ]

    def test_a_session_is_written_down(self, engine: Engine, wired: Wired) -> None:
        """A transaction of the ORM is its INSERT and COMMIT; closing the session resets the connection."""
        with Session(engine) as session, session.begin():
            session.add(pen())
        record = wired.end()
        assert facts(record) == ["connect", "execute", "commit", "seen", "rollback", "lost"]
        assert seen(record) == [[(1, "Pen", 1.2)]]

    def test_many_objects_get_their_ids(self, engine: Engine) -> None:
        """Rows that are inserted in batches with RETURNING bring their ids in order."""
        with Session(engine) as session, session.begin():
            products = [pen(name=f"Pen {number}") for number in range(300)]
            session.add_all(products)
            session.flush()
            assert [product.id for product in products] == list(range(1, 301))

    def test_a_failed_flush_rolls_back(self, engine: Engine) -> None:
        """An IntegrityError arrives with the driver's exception, and nothing stays."""
        with pytest.raises(exc.IntegrityError) as caught, Session(engine) as session, session.begin():
            session.add_all([pen(id=1), pen(id=2)])
        assert isinstance(caught.value.orig, sqlite3.IntegrityError)
        assert caught.value.orig.sqlite_errorname == "SQLITE_CONSTRAINT_UNIQUE"
        with Session(engine) as session:
            assert session.scalars(select(Product)).all() == []

    def test_a_session_must_be_rolled_back_after_a_failure(self, engine: Engine) -> None:
        """SQLAlchemy's own rule holds: PendingRollbackError until then."""
        with Session(engine) as session:
            session.add(pen(name=None))
            with pytest.raises(exc.IntegrityError):
                session.flush()
            with pytest.raises(exc.PendingRollbackError):
                session.scalars(select(Product)).all()
            session.rollback()
            assert session.scalars(select(Product)).all() == []

    def test_objects_are_stale_until_refreshed(self, engine: Engine) -> None:
        """expire_all and refresh read what another engine committed."""
        with Session(engine) as session, session.begin():
            session.add(pen())
        with Session(engine) as session:
            product = session.scalars(select(Product)).one()
            self._change("2.50")
            stale = product.price
            session.expire_all()
            expired = product.price
            self._change("3.75")
            session.refresh(product)
            assert [stale, expired, product.price] == [Decimal("1.20"), Decimal("2.50"), Decimal("3.75")]

    @staticmethod
    def _change(price: str) -> None:
        other = create_engine("sqlite:///shop.db")
        with Session(other) as session, session.begin():
            session.scalars(select(Product)).one().price = Decimal(price)
        other.dispose()

    def test_savepoints_with_the_documented_recipe(self, engine: Engine) -> None:
        """With the driver's own BEGIN switched off, begin_nested undoes only what was inside."""

        @event.listens_for(engine, "connect")
        def switch_off(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's
            dbapi_connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:  # noqa: ANN401  # SQLAlchemy's
            connection.exec_driver_sql("BEGIN")

        with Session(engine) as session, session.begin():
            session.add(pen())
            with pytest.raises(exc.IntegrityError), session.begin_nested():
                session.add(pen())
            session.add(pen(name="Cup"))
        with Session(engine) as session:
            assert session.scalars(select(Product.name).order_by(Product.id)).all() == ["Pen", "Cup"]

    def test_threads_have_sessions_of_their_own(self, engine: Engine) -> None:
        """Several threads store at the same time, each on a connection of its own."""

        def store(number: int) -> None:
            with Session(engine) as session, session.begin():
                session.add(pen(name=f"Pen {number}"))

        threads = [threading.Thread(target=store, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with Session(engine) as session:
            assert sorted(session.scalars(select(Product.name))) == [f"Pen {number}" for number in range(4)]


def test_a_foreign_key_recipe_finds_its_class(engine: Engine) -> None:
    """The recipe that asks for sqlite3.Connection switches foreign keys on."""

    @event.listens_for(engine, "connect")
    def enforce(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's
        if isinstance(dbapi_connection, sqlite3.Connection):
            cursor = dbapi_connection.cursor()
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

    with pytest.raises(exc.IntegrityError, match="FOREIGN KEY"), Session(engine) as session, session.begin():
        session.add(Part(product_id=99))


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "SERIALIZABLE", "READ UNCOMMITTED"])
def test_isolation_levels(level: Any, engine: Engine, wired: Wired) -> None:  # noqa: ANN401  # a literal
    """With AUTOCOMMIT a row is seen at once, otherwise after the commit."""
    with engine.connect().execution_options(isolation_level=level) as connection:
        connection.execute(text("INSERT INTO products VALUES (1, 'Pen', 1.2)"))
        connection.commit()
    kinds = facts(wired.end())
    assert kinds.index("seen") - kinds.index("commit") == (-1 if level == "AUTOCOMMIT" else 1)


def test_reflection(engine: Engine) -> None:
    """The inspector reads tables, columns, keys and constraints."""
    inspector = inspect(engine)
    assert inspector.get_table_names() == ["parts", "products"]
    assert [column["name"] for column in inspector.get_columns("products")] == ["id", "name", "price"]
    assert inspector.get_foreign_keys("parts")[0]["referred_table"] == "products"
    assert inspector.get_unique_constraints("products")[0]["column_names"] == ["name"]


def test_a_database_in_memory_is_one_connection(installed: Wired) -> None:
    """An engine in memory keeps its connection, and with it its tables."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM products")) == 0
    engine.dispose()
    assert [step.text for step in only(installed.end(), "connect")] == [":memory:"]


def test_a_write_ahead_log_recipe(engine: Engine, wired: Wired) -> None:
    """PRAGMA journal_mode=WAL works, and commits in it are seen."""
    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode=WAL").scalar() == "wal"
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO products VALUES (1, 'Pen', 1.2)"))
    assert seen(wired.end()) == [[(1, "Pen", 1.2)]]


def test_a_script_may_delete_its_database(engine: Engine) -> None:
    """Disposing of the engine, removing the file and creating the tables again gives an empty shop."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO products VALUES (1, 'Pen', 1.2)"))
    engine.dispose()
    Path("shop.db").unlink()
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM products")) == 0


def test_regular_expressions(engine: Engine) -> None:
    """The function that SQLAlchemy registers with each connection runs in the client."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO products VALUES (1, 'Pen', 1.2), (2, 'Cup', 3)"))
        statement = select(Product.name).where(Product.name.regexp_match("^P"))
        assert connection.scalars(statement).all() == ["Pen"]


def test_a_locked_database_is_an_operational_error(engine: Engine) -> None:
    """A second writer is refused as natively, after a short wait."""
    other = create_engine("sqlite:///shop.db", connect_args={"timeout": 0})
    with Session(engine) as first, Session(other) as second:
        first.add(pen())
        first.flush()
        second.add(pen(name="Cup"))
        with pytest.raises(exc.OperationalError, match="database is locked"):
            second.flush()
    other.dispose()
