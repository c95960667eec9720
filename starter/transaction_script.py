"""Store products in one transaction, and watch a session reload them.

Usage: python transaction_script.py [DATABASE_URL]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    """Store all products in one transaction, or none of them; return their ids in the order of the list.

    Each product is a dict with "name", "price" (a Decimal) and sometimes "id". An empty list stores nothing and
    returns []. When an insert or the commit fails, everything is rolled back and the exception goes on to the caller.
    The session is closed in every case.
    """
    raise NotImplementedError("TODO 2: write add_products in transaction_script.py")


def preview_ids(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    """Return the ids that the database would give these products now, without storing anything.

    Flush, read the ids, roll back. The session is closed in every case.
    """
    raise NotImplementedError("TODO 3: write preview_ids in transaction_script.py")


def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], object]) -> dict[str, Decimal]:
    """Show when one object in one session notices that its row was changed elsewhere.

    Each call of change_elsewhere() gives the row a new price through another connection. Return the price that the
    object shows at four moments, and write nothing:

    "loaded": just loaded.
    "stale": after change_elsewhere(), without reloading.
    "after_expire_all": after expire_all().
    "after_refresh": after change_elsewhere() once more, and refresh().

    The session is closed in every case.
    """
    raise NotImplementedError("TODO 4: write show_reloading in transaction_script.py")


def main(database_url: str = "sqlite:///products.db") -> None:
    """Run the whole exercise once, and print what happens.

    1. Make the engine, and the table if it is not there.
    2. Add two products of your choice with add_products; the database gives the ids.
    3. Try to add two more of which the second cannot be stored, because its id is taken. Catch the error and go on.
    4. Show reloading on one of your products with show_reloading, changing its price through a second session.

    Every run leaves exactly two more products.
    """
    raise NotImplementedError("TODO 5: write main in transaction_script.py")


if __name__ == "__main__":
    main(*sys.argv[1:2])
