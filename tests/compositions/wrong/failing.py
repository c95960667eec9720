"""Errors that do not reach the caller, and empty lists that are none."""

from __future__ import annotations

from compositions.failing import Failing
from compositions.fragment import Fragment

PRINTS_THE_ERROR = Failing(
    "prints_the_error",
    """
    try:
        $work
    except Exception as error:
        print("not stored:", error)
        return None
    """,
)
RETURNS_EMPTY = Failing(
    "returns_empty",
    """
    try:
        $work
    except:
        return []
    """,
)
SUPPRESSES = Failing(
    "suppresses",
    """
    ids = []
    with suppress(SQLAlchemyError):
        $work
    """,
)
RETURNS_THE_ERROR = Failing(
    "returns_the_error",
    """
    try:
        $work
    except Exception as error:
        return error
    """,
)
LEAVES_THE_PROGRAM = Failing(
    "leaves_the_program",
    """
    try:
        $work
    except Exception as error:
        sys.exit(f"not stored: {error}")
    """,
)
SWALLOWS_OPERATIONAL = Failing(
    "swallows_a_failing_commit",
    """
    ids = []
    try:
        $work
    except OperationalError as error:
        print("the database is busy:", error)
    """,
    "from sqlalchemy.exc import OperationalError",
)
REFUSES_EMPTY = Fragment("refuses_empty", 'if not products:\n    raise ValueError("no products")')
EMPTY_IS_NONE = Fragment("empty_is_none", "if not products:\n    return None")
EMPTY_IS_FALSE = Fragment("empty_is_false", "if not products:\n    return False")
