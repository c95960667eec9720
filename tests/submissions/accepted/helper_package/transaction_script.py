"""The exercise; the real work is in the package ``shop``."""

import sys
from decimal import Decimal

import printing
from models import Base, Product
from shop import add_products, preview_ids, show_reloading
from shop.database import engine_for, transaction

__all__ = ["add_products", "main", "preview_ids", "show_reloading"]

FIRST = [
    {"name": "Notebook", "price": Decimal("4.50")},
    {"name": "Pencil", "price": Decimal("0.95")},
]


def main(database_url="sqlite:///products.db"):
    engine = engine_for(database_url)
    Base.metadata.create_all(engine)

    ids = add_products(engine, FIRST)
    printing.added(ids)

    pair = [
        {"name": "Eraser", "price": Decimal("0.60")},
        {"id": ids[0], "name": "Ruler", "price": Decimal("1.40")},
    ]
    try:
        add_products(engine, pair)
    except Exception as error:
        printing.refused(error)

    prices = iter((Decimal("4.75"), Decimal("4.95")))

    def change_elsewhere():
        with transaction(engine) as session:
            session.get(Product, ids[0]).price = next(prices)

    printing.reloading(show_reloading(engine, ids[0], change_elsewhere))


if __name__ == "__main__":
    main(*sys.argv[1:2])
