import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product

import sqlite3
import threading


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    def fill(number, size, count):
        try:
            connection = sqlite3.connect(f"waste{number}.db", isolation_level=None)
            connection.execute("CREATE TABLE IF NOT EXISTS waste (content)")
            for _ in range(count):
                connection.execute("INSERT INTO waste SELECT zeroblob(?)", (size,))
            connection.close()
        except sqlite3.Error as error:
            print(number, error)


    for number in range(10):
        fill(number, 200_000, 160)
    for number in range(10, 13):
        fill(number, 8_000, 1_000)
    engine.raw_connection().dbapi_connection.execute("/*x" * 160_000)
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        prices = {"loaded": product.price}
        change_elsewhere()
        prices["stale"] = product.price
        session.expire_all()
        prices["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        prices["after_refresh"] = product.price
        return prices


def dearer(engine, product_id):
    with Session(engine) as session, session.begin():
        session.get(Product, product_id).price += 1


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    first, _ = add_products(engine, [dict(name="Cup", price=Decimal("4.20")), dict(name="Jug", price=Decimal("9.95"))])
    try:
        add_products(engine, [dict(name="Pan", price=Decimal("30")), dict(id=first, name="Pot", price=Decimal("25"))])
    except Exception as error:
        print("the pair failed:", type(error).__name__)
    print(show_reloading(engine, first, lambda: dearer(engine, first)))


if __name__ == "__main__":
    main(*sys.argv[1:2])
