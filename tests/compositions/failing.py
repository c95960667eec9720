"""What ``add_products`` checks before, what it makes of an error, and what it says meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from .fragment import Fragment


@dataclass(frozen=True)
class Failing(Fragment):
    """What is made of an error that leaves ``$work``; ``original``: whether it still is the error of SQLAlchemy's."""

    original: bool = True


STORE_ERROR = """
    class StoreError(Exception):
        '''Nothing was stored.'''
    """
EXPLAINED = """
    @contextmanager
    def explained():
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError("not stored") from error
    """

FAILINGS = (
    Failing("propagates", "$work"),
    Failing(
        "logs_and_raises",
        """
        try:
            $work
        except Exception:
            logging.exception("nothing was stored")
            raise
        """,
    ),
    Failing(
        "wraps_from",
        """
        try:
            $work
        except SQLAlchemyError as error:
            raise StoreError("nothing was stored") from error
        """,
        helper=STORE_ERROR,
        original=False,
    ),
    Failing(
        "wraps_without_from",
        """
        try:
            $work
        except Exception:
            raise StoreError("nothing was stored")
        """,
        helper=STORE_ERROR,
        original=False,
    ),
    Failing(
        "runtime_error",
        """
        try:
            $work
        except IntegrityError as error:
            raise RuntimeError(f"refused: {error.orig}") from error
        """,
        original=False,
    ),
    Failing(
        "adds_a_note",
        """
        try:
            $work
        except Exception as error:
            error.add_note(f"{len(products)} products were to be stored")
            raise
        """,
    ),
    Failing(
        "group",
        """
        try:
            $work
        except Exception as error:
            raise ExceptionGroup("nothing was stored", [error]) from error
        """,
        original=False,
    ),
    Failing(
        "explained_by_a_context",
        """
        with explained():
            $work
        """,
        helper=STORE_ERROR + "\n" + EXPLAINED.replace("    @", "\n    @", 1),
        original=False,
    ),
    Failing(
        "raises_the_same_object",
        """
        try:
            $work
        except BaseException as error:
            raise error
        """,
    ),
    Failing(
        "raises_at_the_end",
        """
        failure = None
        try:
            $work
        except Exception as error:
            failure = error
        if failure is not None:
            raise failure
        """,
    ),
    Failing(
        "finally_says_so",
        """
        try:
            $work
        finally:
            sys.stderr.write("the session is closed\\n")
        """,
    ),
    Failing(
        "from_none",
        """
        try:
            $work
        except SQLAlchemyError as error:
            raise StoreError(str(error)) from None
        """,
        helper=STORE_ERROR,
        original=False,
    ),
)

CHECKS = (
    Fragment("none"),
    Fragment(
        "nothing_missing",
        """
        for product in products:
            if product["name"] is None or product["price"] is None:
                raise ValueError("a product needs a name and a price")
        """,
    ),
    Fragment(
        "asserts_names",
        """
        assert all(product.get("name") for product in products), "a product without a name"
        """,
    ),
    Fragment("copies", "products = [dict(product) for product in products]"),
    Fragment("empty_early", "if not products:\n    return []"),
    Fragment(
        "ids_differ",
        """
        given = [product["id"] for product in products if "id" in product]
        if len(set(given)) < len(given):
            raise ValueError("an id is given twice")
        """,
    ),
    Fragment(
        "all_problems_at_once",
        """
        problems = [ValueError(f"no price: {product}") for product in products if product["price"] is None]
        if problems:
            raise ExceptionGroup("bad products", problems)
        """,
    ),
)

SAYINGS = (
    Fragment("nothing"),
    Fragment("print", 'print("storing", len(products), "products")'),
    Fragment("logging", 'log.info("storing %s", products)', helper="log = logging.getLogger(__name__)"),
    Fragment(
        "debug_to_stderr",
        'logging.debug("products: %r", products)',
        helper="logging.basicConfig(level=logging.DEBUG)",
    ),
    Fragment("warning", 'warnings.warn(f"{len(products)} products", stacklevel=2)'),
    Fragment("stderr", "print(*products, sep='\\n', file=sys.stderr)"),
    Fragment("pprint", "pprint(products)", "from pprint import pprint"),
)

IMPORTS = """
import logging
import sys
import warnings
from contextlib import contextmanager
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
"""
