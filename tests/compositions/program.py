"""What ``main`` does on its database, and how the script is started."""

from __future__ import annotations

from dataclasses import dataclass

from .fragment import Fragment

ADDINGS = (
    Fragment(
        "literals",
        """
        ids = add_products(
            engine, [{"name": "Flour", "price": Decimal("1.19")}, {"name": "Yeast", "price": Decimal("0.45")}]
        )
        """,
    ),
    Fragment(
        "dicts",
        """
        wanted = [dict(name="Oar", price=Decimal("79.5")), dict(name="Sail", price=Decimal("312"))]
        ids = add_products(engine, wanted)
        print("ids:", *ids)
        """,
    ),
    Fragment(
        "random",
        """
        ids = add_products(
            engine,
            [
                {"name": f"Seed {random.randint(1, 9999)}", "price": Decimal(random.randint(100, 999)) / 100}
                for _ in range(2)
            ],
        )
        """,
    ),
    Fragment(
        "zipped",
        """
        names, amounts = ("Salt", "Pepper"), ("0.99", "2.49")
        ids = add_products(engine, [{"name": n, "price": Decimal(a)} for n, a in zip(names, amounts, strict=True)])
        """,
    ),
    Fragment(
        "same_names",
        """
        ids = add_products(engine, [{"name": "Brick", "price": Decimal("1.10")}] * 2)
        """,
    ),
    Fragment(
        "may_fail",
        """
        try:
            ids = add_products(
                engine, [{"name": "Moss", "price": Decimal("3.33")}, {"name": "Fern", "price": Decimal("7.77")}]
            )
        except Exception as error:
            print("that should not have happened:", error)
            raise
        """,
    ),
)


@dataclass(frozen=True)
class Pair(Fragment):
    """The pair that cannot be stored; ``reused``: whether the id that its first product had comes again."""

    reused: bool = True


PAIRS = (
    Pair(
        "first_id",
        'pair = [{"name": "Rye", "price": Decimal("2.2")}, {"id": ids[0], "name": "Oat", "price": Decimal("3")}]',
    ),
    Pair(
        "last_id",
        'pair = [{"name": "Elm", "price": Decimal("2")}, {"name": "Ash", "price": Decimal("3.5"), "id": ids[-1]}]',
    ),
    Pair(
        "newest_id",
        """
        with Session(engine) as session:
            taken = session.scalars(select(Product.id).order_by(Product.id.desc())).first()
        pair = [{"name": "Tin", "price": Decimal("6.70")}, {"id": taken, "name": "Zinc", "price": Decimal("8.10")}]
        """,
    ),
    Pair(
        "both_ids_given",
        """
        pair = [
            {"id": max(ids) + 50, "name": "Kite", "price": Decimal("15.00")},
            {"id": ids[1], "name": "String", "price": Decimal("1.05")},
        ]
        """,
        reused=False,
    ),
)

TRIES = (
    Fragment(
        "exception",
        """
        try:
            add_products(engine, pair)
        except Exception as error:
            print("the pair was rolled back:", type(error).__name__)
        """,
    ),
    Fragment(
        "with_else",
        """
        try:
            stored = add_products(engine, pair)
        except Exception as error:
            logging.warning("refused: %s", error)
        else:
            print("the pair was stored as", stored)
        """,
    ),
    Fragment("suppressed", "with suppress(Exception):\n    add_products(engine, pair)"),
    Fragment(
        "traceback",
        """
        try:
            print(add_products(engine, pair))
        except Exception:
            traceback.print_exc()
        finally:
            print("going on")
        """,
    ),
)
ORIGINAL_TRIES = (
    Fragment(
        "integrity_error",
        """
        try:
            add_products(engine, pair)
        except IntegrityError as error:
            print("refused:", error.orig)
        """,
    ),
    Fragment(
        "sqlalchemy_error",
        """
        try:
            add_products(engine, pair)
        except SQLAlchemyError as error:
            print(error)
        """,
    ),
    Fragment("integrity_suppressed", "with suppress(IntegrityError):\n    add_products(engine, pair)"),
)
"""Where the error is still SQLAlchemy's own."""

CHANGES = (
    Fragment(
        "session_begin",
        """
        amounts = iter([Decimal("4.41"), Decimal("5.52")])

        def change_elsewhere():
            with Session(engine) as second, second.begin():
                second.get(Product, ids[0]).price = next(amounts)
        """,
    ),
    Fragment(
        "session_commit",
        """
        amounts = [Decimal("8.01"), Decimal("9.02")]

        def change_elsewhere():
            with Session(engine) as second:
                second.get_one(Product, ids[0]).price = amounts.pop()
                second.commit()
        """,
    ),
    Fragment(
        "other_engine",
        """
        steps = count(1)

        def change_elsewhere():
            other = create_engine(database_url)
            with sessionmaker(other).begin() as second:
                second.get(Product, ids[0]).price = Decimal(next(steps)) / 4
            other.dispose()
        """,
    ),
    Fragment(
        "counts_up",
        """
        calls = []

        def change_elsewhere():
            calls.append("change")
            with Session(engine) as second:
                other = second.scalars(select(Product).where(Product.id == ids[0])).one()
                other.price = Decimal("10.5") + len(calls)
                second.commit()
                print("changed elsewhere to", other.price)
        """,
    ),
    Fragment(
        "callable_object",
        """
        class Change:
            amount = Decimal("20.20")

            def __call__(self):
                self.amount += 1
                with Session(engine) as second, second.begin():
                    second.get(Product, ids[0]).price = self.amount

        change_elsewhere = Change()
        """,
    ),
)
COLUMN_CHANGES = (
    Fragment(
        "update_in_session",
        """
        amounts = iter([Decimal("4.41"), Decimal("5.52")])

        def change_elsewhere():
            with Session(engine) as second, second.begin():
                second.execute(update(Product).where(Product.id == ids[0]).values(price=next(amounts)))
        """,
    ),
    Fragment(
        "update_on_connection",
        """
        amounts = iter([Decimal("6.41"), Decimal("3.52")])

        def change_elsewhere():
            with engine.begin() as connection:
                table = Product.__table__
                connection.execute(table.update().where(table.c.id == ids[0]).values(price=next(amounts)))
        """,
    ),
)
"""Where the attribute ``price`` is the column."""

SHOWINGS = (
    Fragment("print", "print(show_reloading(engine, ids[0], change_elsewhere))"),
    Fragment(
        "loop", "for key, price in show_reloading(engine, ids[0], change_elsewhere).items():\n    print(key, price)"
    ),
    Fragment("quietly", "show_reloading(engine, ids[0], change_elsewhere)"),
    Fragment("lambda", "print(show_reloading(engine, ids[0], lambda: change_elsewhere()))"),
)

PREVIEWS = (
    Fragment("none"),
    Fragment("one", 'print("next:", preview_ids(engine, [{"name": "Lime", "price": Decimal("0.60")}]))'),
    Fragment(
        "three",
        'print(preview_ids(engine, [{"name": f"Stamp {n}", "price": Decimal(n)} for n in range(1, 4)]))',
    ),
)

ENDINGS = (Fragment("none"), Fragment("dispose", "engine.dispose()"), Fragment("says", 'print("done")'))

STARTS = (
    Fragment("star", "main(*sys.argv[1:2])"),
    Fragment("length", "if len(sys.argv) > 1:\n    main(sys.argv[1])\nelse:\n    main()"),
    Fragment("exit", "sys.exit(main(*sys.argv[1:]))"),
    Fragment("conditional", 'main(sys.argv[1] if sys.argv[1:] else "sqlite:///products.db")'),
    Fragment(
        "argparse",
        """
        parser = argparse.ArgumentParser(description="Session management and transactions")
        parser.add_argument("database_url", nargs="?", default="sqlite:///products.db")
        main(parser.parse_args().database_url)
        """,
    ),
    Fragment("raises_exit", "raise SystemExit(main(*sys.argv[1:]) or 0)"),
)

IMPORTS = """
import argparse
import logging
import random
import sys
import traceback
from contextlib import suppress
from decimal import Decimal
from itertools import count
from sqlalchemy import create_engine, event, func, inspect, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool
"""
