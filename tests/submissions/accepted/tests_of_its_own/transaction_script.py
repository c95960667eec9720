import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session:
        with session.begin():
            rows = [Product(**product) for product in products]
            session.add_all(rows)
        # the commit has expired the rows; reading an id asks the database again
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
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        expired = product.price
        change_elsewhere()
        session.refresh(product)
        refreshed = product.price
    return {"loaded": loaded, "stale": stale, "after_expire_all": expired, "after_refresh": refreshed}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [
        {"name": "Skates", "price": Decimal("74.50")},
        {"name": "Helmet", "price": Decimal("39.25")},
    ])
    print("added", ids)
    try:
        add_products(engine, [
            {"name": "Pads", "price": Decimal("18.75")},
            {"name": "Laces", "price": Decimal("3.30"), "id": ids[0]},
        ])
    except IntegrityError as error:
        print("not added:", error.orig)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[0]).price -= 5

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
