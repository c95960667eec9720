from __future__ import annotations

import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

from models import Base, Product

make_session = sessionmaker()


def add_products(engine, products):
    with make_session(bind=engine) as session, session.begin():
        added = [Product(p["name"], p["price"], p.get("id")) for p in products]
        session.add_all(added)
        session.flush()
        return [product.id for product in added]


def preview_ids(engine, products):
    session = make_session(bind=engine)
    try:
        added = [Product(p["name"], p["price"], p.get("id")) for p in products]
        session.add_all(added)
        session.flush()
        return [product.id for product in added]
    finally:
        session.rollback()
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    keys = ["loaded", "stale", "after_expire_all", "after_refresh"]
    prices = []
    with make_session(bind=engine) as session:
        product = session.scalars(select(Product).filter_by(id=product_id)).one()
        prices.append(product.price)
        change_elsewhere()
        prices.append(product.price)
        session.expire_all()
        prices.append(product.price)
        change_elsewhere()
        session.refresh(product, attribute_names=["price"])
        prices.append(product.price)
    return dict(zip(keys, prices))


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [
        {"name": "Sunflower", "price": Decimal("2.25")},
        {"name": "Dahlia", "price": Decimal("3.75")},
    ])
    print("planted", ids)
    try:
        add_products(engine, [
            {"name": "Tulip", "price": Decimal("1.10")},
            {"name": "Rose", "price": Decimal("6.00"), "id": ids[-1]},
        ])
    except DBAPIError as error:
        print(f"not planted ({type(error).__name__})")
    seasons = iter(["2.95", "1.95"])

    def season():
        with make_session(bind=engine) as session, session.begin():
            session.get_one(Product, ids[0]).price = Decimal(next(seasons))

    print(show_reloading(engine, ids[0], season))


if __name__ == "__main__":
    main(*sys.argv[1:2])
