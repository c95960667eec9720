"""Opens a gradebook wherever it is kept: makes it, brings its tables up to date, and says how its transactions begin.

In a SQLite file a transaction that will write says so at its beginning (``BEGIN IMMEDIATE``): two writers then wait for
each other, where a reader that turns writer halfway could only fail. The file keeps its rollback journal: the other
kind of journal needs memory that computers share, which a network drive cannot give.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError, OperationalError

from grader.course import tables
from grader.course.faults import WrongUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

FILE = "gradebook.db"
"""The gradebook's name in the folder of a class."""
BUSY_SECONDS = 60
"""How long a writer waits for others: a hundred of them, each on a slow network drive, are done by then."""
WRITES = "gradebook_writes"
"""The execution option that announces a transaction which writes."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 5_061_917
"""Any number that nobody else locks on the same PostgreSQL."""


class GradebookUnusable(WrongUse):
    """A gradebook cannot be opened; the message names the repair."""


def open_engine(place: str | Path, *, make: bool = True) -> Engine:
    """Return an engine on the gradebook at a URL or in a folder, its tables brought up to date.

    Where there is none, it is made if ``make`` says so. Raises :class:`GradebookUnusable`.
    """
    url = _url(place, make=make)
    with ExitStack() as stack, _explained(url):
        if not make and _lacks_file(url):
            raise _missing(place, url)
        engine = _engine(url)
        stack.callback(engine.dispose)  # a gradebook that cannot be used keeps no connection
        if not make and _current(engine) is None:
            raise _missing(place, url)
        _bring_up_to_date(engine)
        stack.pop_all()
    return engine


def unusable(url: URL, error: DBAPIError) -> Exception:
    """Return an error that came while a gradebook was used as one that names the repair; a fault of ours stays so."""
    if isinstance(error, OperationalError):
        return GradebookUnusable(f"{_shown(url)} cannot be used any more: {_reason(error)}")
    return error


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """Turn an error of the database's into one that names the repair."""
    try:
        yield
    except (NoSuchModuleError, ArgumentError, ModuleNotFoundError) as error:
        raise GradebookUnusable(f"{_shown(url)}: {error}. Install the database's driver, or check the URL.") from error
    except (DatabaseError, OSError) as error:
        raise GradebookUnusable(f"{_shown(url)} cannot be opened: {_reason(error)}") from error


def _url(place: str | Path, *, make: bool) -> URL:
    """Return the URL itself, or that of the file in a folder, which is made where that is wanted."""
    if "://" in str(place) and isinstance(place, str):
        try:
            return make_url(place)
        except ArgumentError as error:
            raise GradebookUnusable("the gradebook's URL cannot be read. Try: sqlite:///grades/gradebook.db") from error
    try:
        if make:
            Path(place).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GradebookUnusable(f"{place} cannot be made ({error.strerror}). Choose another folder.") from error
    return URL.create("sqlite", database=str(Path(place) / FILE))


def _lacks_file(url: URL) -> bool:
    """Tell whether SQLite would have to make the file: it makes an empty one as soon as it is asked anything."""
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()


def _missing(place: str | Path, url: URL) -> GradebookUnusable:
    shown, option = (_shown(url), "--gradebook URL") if "://" in str(place) else (place, f"--out {place}")
    repair = f"Grade a class first: grader grade-class SUBMISSIONS {option}"
    return GradebookUnusable(f"there is no gradebook in {shown}. {repair}")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        # Each statement sees what others have finished: that is how an insert that lost a race finds the winner's row.
        return create_engine(url, isolation_level="READ COMMITTED", pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so, tables included
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(engine: Engine) -> None:
    """Make or change the tables in one transaction; of two programs at once, one does it and the other waits."""
    if _current(engine) == tables.VERSION:
        return
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        if _version(connection) != tables.VERSION:
            _migrate(connection)


def _current(engine: Engine) -> str | None:
    with engine.begin() as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # it takes longer to load than all else here, and is needed once
    from alembic.config import Config  # noqa: PLC0415  # the same
    from alembic.util import CommandError  # noqa: PLC0415  # the same

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise GradebookUnusable(
            "this gradebook was written by a newer version of the grader. Update this one: "
            "pip install --upgrade session-grader"
        ) from error


def _reason(error: Exception) -> str:
    """Return what the database says of an error, and what to do about it where that is clear."""
    said: Any = getattr(error, "orig", None) or error
    if "not a database" in str(said):
        return f"{said}. Move that file away, or restore it from a copy."
    if "is full" in str(said):
        return f"{said}. Make room, or keep the gradebook on another disk."
    if "unable to open" in str(said) or "readonly" in str(said):
        return f"{said}. Check that you may write in this folder."
    return f"{str(said).strip().splitlines()[0]}. Check the address, and that the database is running."


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)
