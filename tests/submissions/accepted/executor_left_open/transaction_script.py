"""The price is changed by another thread, as another program would."""

import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product

OTHERS = ThreadPoolExecutor(max_workers=1)


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get_one(Product, product_id)
        seen = {"loaded": product.price}
        change_elsewhere()
        seen["stale"] = product.price
        session.expire_all()
        seen["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        seen["after_refresh"] = product.price
    return seen


def raise_price(engine, product_id):
    with Session(engine) as session, session.begin():
        session.get_one(Product, product_id).price += 1


def main(url="sqlite:///products.db"):
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    ids = add_products(
        engine, [{"name": "Kite", "price": Decimal("7.15")}, {"name": "Marble", "price": Decimal("0.35")}]
    )
    try:
        add_products(
            engine,
            [{"name": "Yo-yo", "price": Decimal("2.45")}, {"id": ids[0], "name": "Top", "price": Decimal("1.95")}],
        )
    except IntegrityError:
        print("The second pair was refused.")
    print(show_reloading(engine, ids[0], lambda: OTHERS.submit(raise_price, engine, ids[0]).result()))


if __name__ == "__main__":
    main(*sys.argv[1:])
