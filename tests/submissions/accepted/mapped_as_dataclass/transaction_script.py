from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product


@dataclass
class Reloading:
    loaded: Decimal | None = None
    stale: Decimal | None = None
    after_expire_all: Decimal | None = None
    after_refresh: Decimal | None = None


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        mapped = [Product(**values) for values in products]
        session.add_all(mapped)
        session.flush()
        return [product.id for product in mapped]


def preview_ids(engine, products):
    with Session(engine) as session, session.begin() as transaction:
        mapped = [Product(**values) for values in products]
        session.add_all(mapped)
        session.flush()
        ids = [product.id for product in mapped]
        transaction.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    seen = Reloading()
    with Session(engine) as session:
        product = session.get(Product, product_id)
        seen.loaded = product.price
        change_elsewhere()
        seen.stale = product.price
        session.expire_all()
        seen.after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        seen.after_refresh = product.price
    return asdict(seen)


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Apples", "price": Decimal("2.99")}, {"name": "Pears", "price": Decimal("3.49")}])
    print("Added", ids)
    try:
        add_products(engine, [{"name": "Plums", "price": Decimal("4.00")}, {"id": ids[0], "name": "Figs", "price": Decimal("5.00")}])
    except IntegrityError as error:
        print("Refused:", error.orig)
    prices = iter([Decimal("2.79"), Decimal("2.59")])

    def change_elsewhere():
        with Session(engine) as session, session.begin():
            session.get_one(Product, ids[0]).price = next(prices)

    print(show_reloading(engine, ids[0], change_elsewhere))


if __name__ == "__main__":
    main(*sys.argv[1:2])
