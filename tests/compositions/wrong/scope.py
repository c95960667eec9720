"""Scopes that commit too little, too much or too late, and sessions that stay open."""

from __future__ import annotations

from compositions.scope import Scope

BEGIN_WITHOUT_COMMIT = Scope(
    "begin_without_commit",
    """
    with Session(engine$options) as session:
        session.begin()
        $work
    """,
)
FLUSH_INSTEAD_OF_COMMIT = Scope(
    "flush_instead_of_commit",
    """
    session = Session(engine$options)
    try:
        $work
        session.flush()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()
    """,
)
ROLLBACK_BEFORE_COMMIT = Scope(
    "rollback_before_commit",
    """
    with Session(engine$options) as session:
        $work
        session.rollback()
        session.commit()
    """,
)
COMMIT_WITHOUT_BEGIN = Scope(
    "commit_without_begin",
    """
    with Session(engine$options) as session:
        $work
        session.commit()
        $after
    """,
)
COMMIT_THEN_CLOSE = Scope(
    "commit_then_close_in_finally",
    """
    session = Session(engine$options)
    try:
        $work
        session.commit()
    finally:
        session.close()
    """,
)
COMMIT_OUTSIDE_TRY = Scope(
    "commit_outside_try",
    """
    with Session(engine$options) as session:
        try:
            $work
        except Exception:
            session.rollback()
            raise
        session.commit()
    """,
)
NEVER_CLOSED = Scope(
    "never_closed",
    """
    session = Session(engine$options)
    try:
        $work
        session.commit()
    except Exception:
        session.rollback()
        raise
    """,
    leaving="""
    session = Session(engine$options)
    $work
    """,
)
CLOSED_ON_SUCCESS = Scope(
    "closed_on_success_only",
    """
    session = Session(engine$options)
    try:
        $work
        session.commit()
    except Exception:
        session.rollback()
        raise
    session.close()
    """,
    leaving="""
    session = Session(engine$options)
    $work
    session.close()
    """,
)
CLOSED_ON_FAILURE = Scope(
    "closed_on_failure_only",
    """
    session = Session(engine$options)
    try:
        $work
        session.commit()
    except Exception:
        session.rollback()
        session.close()
        raise
    """,
)
NEVER_REMOVED = Scope(
    "scoped_session_never_removed",
    """
    session = scoped_session(sessionmaker(engine$options))
    try:
        $work
        session.commit()
    except Exception:
        session.rollback()
        raise
    """,
)
DELETED_INSTEAD_OF_CLOSED = Scope(
    "deleted_instead_of_closed",
    """
    session = Session(engine$options)
    try:
        $work
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        del session
    """,
)
AUTOCOMMIT = Scope(
    "autocommit",
    """
    with Session(engine.execution_options(isolation_level="AUTOCOMMIT")$options) as session, session.begin():
        $work
    """,
)
COMMITS_IN_FINALLY = Scope(
    "commits_in_finally",
    """
    with Session(engine$options) as session:
        try:
            $work
        finally:
            session.commit()
    """,
)
COMMITS_IN_EXCEPT = Scope(
    "commits_in_except",
    """
    with Session(engine$options) as session:
        try:
            $work
        except Exception:
            session.commit()
            raise
        try:
            session.commit()
        except Exception:
            session.rollback()
            raise
    """,
)
RETURNS_IN_FINALLY = Scope(
    "return_in_finally",
    """
    session = Session(engine$options)
    ids = []
    try:
        $work
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()
        return ids
    """,
)
WITHOUT_SESSION = Scope(
    "core_without_session",
    """
    with engine.begin() as session:
        $work
    """,
)
