"""How a session is opened, how its transaction ends, and how it is closed.

``code`` stores: ``$work`` is done in a transaction that is committed, ``$after`` after that, the session still open.
``leaving`` only closes: what ``$work`` has not ended is rolled back. ``$result`` is the name that the work leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from .fragment import Fragment


@dataclass(frozen=True)
class Scope(Fragment):
    """A way of using sessions, for storing (``code``) and for everything else (``leaving``)."""

    leaving: str = """
        with Session(engine$options) as session:
            $work
        """

    @property
    def has_after(self) -> bool:
        """Whether something can be done between the commit and the close."""
        return "$after" in self.code


_TRY = """
    try:
        $work
        session.commit()
        $after
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()
    """
_CLOSE = """
    try:
        $work
    finally:
        session.close()
    """
SESSION_SCOPE = """
    @contextmanager
    def session_scope(engine, keep):
        session = Session(engine$options)
        try:
            yield session
            if keep:
                session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
    """
UNIT_OF_WORK = """
    class UnitOfWork:
        def __init__(self, engine):
            self.engine = engine

        def __enter__(self):
            self.session = Session(self.engine$options)
            return self

        def __exit__(self, kind, error, trace):
            self.session.rollback()
            self.session.close()

        def commit(self):
            self.session.commit()
    """
IN_SESSION = """
    def in_session(engine, work, keep):
        with Session(engine$options) as session:
            try:
                found = work(session)
                if keep:
                    session.commit()
            except Exception:
                session.rollback()
                raise
            return found
    """
SUBCLASS = """
    class ShopSession(Session):
        '''A session of the shop's.'''
    """

SCOPES = (
    Scope(
        "with_begin",
        """
        with Session(engine$options) as session, session.begin():
            $work
        """,
    ),
    Scope(
        "nested_begin",
        """
        with Session(engine$options) as session:
            with session.begin():
                $work
            $after
        """,
    ),
    Scope(
        "sessionmaker_begin",
        """
        with sessionmaker(engine$options).begin() as session:
            $work
        """,
        leaving="""
        with sessionmaker(engine$options)() as session:
            $work
        """,
    ),
    Scope(
        "module_factory",
        """
        with Factory(bind=engine$options) as session, session.begin():
            $work
        """,
        helper="Factory = sessionmaker()",
        leaving="""
        with Factory(bind=engine$options) as session:
            $work
        """,
    ),
    Scope(
        "commit_or_rollback",
        """
        with Session(engine$options) as session:
            try:
                $work
                session.commit()
            except Exception:
                session.rollback()
                raise
            $after
        """,
    ),
    Scope(
        "try_finally",
        "\n    session = Session(engine$options)" + _TRY,
        leaving="\n    session = Session(engine$options)" + _CLOSE,
    ),
    Scope(
        "bind_keyword",
        "\n    session = Session(bind=engine$options)" + _TRY.replace("except Exception", "except"),
        leaving="\n    session = Session(bind=engine$options)" + _CLOSE,
    ),
    Scope(
        "closing",
        """
        with closing(Session(engine$options)) as session, session.begin():
            $work
        """,
        leaving="""
        with closing(Session(engine$options)) as session:
            $work
        """,
    ),
    Scope(
        "exit_stack",
        """
        with ExitStack() as stack:
            session = stack.enter_context(Session(engine$options))
            stack.enter_context(session.begin())
            $work
        """,
        leaving="""
        with ExitStack() as stack:
            session = Session(engine$options)
            stack.callback(session.close)
            $work
        """,
    ),
    Scope(
        "session_scope",
        """
        with session_scope(engine, keep=True) as session:
            $work
        """,
        helper=SESSION_SCOPE,
        leaving="""
        with session_scope(engine, keep=False) as session:
            $work
        """,
    ),
    Scope(
        "scoped_session",
        "\n    session = scoped_session(sessionmaker(engine$options))" + _TRY.replace("close", "remove"),
        leaving="\n    session = scoped_session(sessionmaker(engine$options))" + _CLOSE.replace("close", "remove"),
    ),
    Scope(
        "unit_of_work",
        """
        with UnitOfWork(engine) as unit:
            session = unit.session
            $work
            unit.commit()
            $after
        """,
        helper=UNIT_OF_WORK,
        leaving="""
        with UnitOfWork(engine) as unit:
            session = unit.session
            $work
        """,
    ),
    Scope(
        "joined_connection",
        """
        with engine.begin() as connection, Session(connection$options) as session:
            $work
            session.commit()
        """,
        leaving="""
        with engine.connect() as connection, Session(connection$options) as session:
            $work
        """,
    ),
    Scope(
        "callback",
        """
        def work(session):
            $work
            return $result

        $result = in_session(engine, work, True)
        """,
        helper=IN_SESSION,
        leaving="""
        def work(session):
            $work
            return $result

        $result = in_session(engine, work, False)
        """,
    ),
    Scope(
        "transaction_object",
        """
        with Session(engine$options) as session:
            transaction = session.begin()
            try:
                $work
                transaction.commit()
            except Exception:
                transaction.rollback()
                raise
            $after
        """,
    ),
    Scope(
        "autobegin_off",
        """
        with Session(engine, autobegin=False$options) as session, session.begin():
            $work
        """,
    ),
    Scope(
        "subclass",
        """
        with ShopSession(engine$options) as session, session.begin():
            $work
        """,
        helper=SUBCLASS,
        leaving="""
        with ShopSession(engine$options) as session:
            $work
        """,
    ),
)

IMPORTS = """
from contextlib import ExitStack, closing, contextmanager, suppress
from sqlalchemy.orm import Session, scoped_session, sessionmaker
"""

OPTIONS = ("", ", expire_on_commit=False", ", autoflush=False", ', info={"chapter": 10}')
