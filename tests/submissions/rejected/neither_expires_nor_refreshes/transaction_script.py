"""Xenia - products"""

import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, insert, select, update
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        ids = []
        for row in products:
            result = session.execute(insert(Product).values(**row))
            ids.append(result.inserted_primary_key.id)
        return ids


def preview_ids(engine, products):
    with Session(engine) as session:
        ids = []
        for row in products:
            result = session.execute(insert(Product).values(**row))
            ids.append(result.inserted_primary_key.id)
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.scalars(select(Product).where(Product.id == product_id)).one()
        answer = {"loaded": product.price}
        change_elsewhere()
        answer["stale"] = product.price
        answer["after_expire_all"] = product.price
        change_elsewhere()
        answer["after_refresh"] = product.price
        return answer


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    rows = [{"name": "Backpack", "price": Decimal("49.90")}, {"name": "Earphones", "price": Decimal("34.99")}]
    print("inserting", rows)
    add_products(engine, rows)
    with Session(engine) as session:
        last = session.scalar(select(func.max(Product.id)))
    try:
        print("inserting", [{"name": "Hairdryer"}, {"name": "Keyboard", "id": last}])
        add_products(engine, [{"name": "Hairdryer", "price": Decimal("29.99")}, {"name": "Keyboard", "price": Decimal("59.00"), "id": last}])
    except Exception as exc:
        print("refused:", exc)
    price = [Decimal("3.33"), Decimal("4.44")]

    def change():
        with Session(engine) as session, session.begin():
            session.execute(update(Product).where(Product.id == last).values(price=price.pop(0)))

    print(show_reloading(engine, last, change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
