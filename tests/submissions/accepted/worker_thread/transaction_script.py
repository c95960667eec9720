"""Every session lives in one worker thread."""

import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import wraps

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def in_thread(function):
    @wraps(function)
    def wrapper(*args):
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(function, *args).result()

    return wrapper


@in_thread
def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


@in_thread
def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
        return ids


@in_thread
def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": product.price}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Thread", "price": Decimal("2.35")}, {"name": "Needle", "price": Decimal("0.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Button", "price": Decimal("0.20")}, {"id": ids[0], "name": "Zip", "price": Decimal("1.80")}])
    except Exception as error:
        print("the error came through the thread:", type(error).__name__)
    prices = iter([Decimal("2.45"), Decimal("2.55")])

    @in_thread
    def change():
        with Session(engine) as other:
            other.get(Product, ids[0]).price = next(prices)
            other.commit()

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
