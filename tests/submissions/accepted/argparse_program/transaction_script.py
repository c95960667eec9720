#!/usr/bin/env python3
"""Chapter 10, as a little command line program."""

import argparse
from decimal import Decimal
from itertools import count

import sqlalchemy
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from models import Base, Product

DEFAULT_URL = "sqlite:///products.db"


def add_products(engine, products):
    with Session(bind=engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        for row in rows:
            session.add(row)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    with Session(bind=engine) as session, session.begin() as transaction:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        try:
            return [row.id for row in rows]
        finally:
            transaction.rollback()


def show_reloading(engine, product_id, change_elsewhere):
    with Session(bind=engine) as session:
        product = session.get(Product, product_id)
        shown = {"loaded": product.price}
        change_elsewhere()
        shown["stale"] = product.price
        session.expire_all()
        # looked up again: the identity map hands out the very same object
        assert session.get(Product, product_id) is product
        shown["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(session.get(Product, product_id))
        shown["after_refresh"] = product.price
        return shown


def main(database_url=DEFAULT_URL):
    url = make_url(database_url)
    print(f"working on {url.database}")
    engine = sqlalchemy.create_engine(url, pool_size=2)
    Base.metadata.create_all(engine, checkfirst=True)
    ids = add_products(engine, [{"name": "Map", "price": Decimal("9.95")}, {"name": "Compass", "price": Decimal("24.50")}])
    print(f"added {ids}")
    try:
        add_products(engine, [{"name": "Torch", "price": Decimal("15.00")}, {"id": ids[0], "name": "Whistle", "price": Decimal("4.00")}])
    except sqlalchemy.exc.IntegrityError as error:
        print(f"refused: {error.orig}")
    serial = count(1)

    def change():
        with Session(engine) as session, session.begin():
            statement = sqlalchemy.update(Product).where(Product.id == ids[1]).values(price=Decimal(24) - next(serial))
            session.execute(statement)

    for key, value in show_reloading(engine, ids[1], change).items():
        print(f"{key:<17}{value:>8}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url", nargs="?", default=DEFAULT_URL, help="where the products are kept")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    main(options.database_url)
