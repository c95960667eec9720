"""Session management exercise."""

import subprocess
import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        new = [Product(**product) for product in products]
        session.add_all(new)
        session.flush()
        return [product.id for product in new]


def preview_ids(engine, products):
    with Session(engine) as session:
        new = [Product(**product) for product in products]
        session.add_all(new)
        session.flush()
        return [product.id for product in new]  # closing the session rolls back


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        result = {"loaded": product.price}
        change_elsewhere()
        result["stale"] = product.price
        session.expire_all()
        result["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        result["after_refresh"] = product.price
        return result


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    ids = add_products(engine, [
        {"name": "Kettle", "price": Decimal("24.90")},
        {"name": "Toaster", "price": Decimal("31.50")},
    ])
    print("stored", ids)

    pair = [{"name": "Fork", "price": Decimal("1.10")}, {"id": ids[0], "name": "Spoon", "price": Decimal("0.90")}]
    print("next ids would be", preview_ids(engine, pair[:1]))
    try:
        add_products(engine, pair)
    except Exception as error:
        print("nothing of the pair was stored:", type(error).__name__)

    def raise_price():
        code = f"import sqlite3; c = sqlite3.connect({engine.url.database!r}); c.execute('UPDATE products SET price = price + 0.5 WHERE id = {ids[0]}'); c.commit()"
        subprocess.run([sys.executable, '-c', code], check=True)

    print(show_reloading(engine, ids[0], raise_price))


if __name__ == "__main__":
    main(*sys.argv[1:2])
