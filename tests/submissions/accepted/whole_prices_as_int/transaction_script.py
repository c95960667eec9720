import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def number(price):
    return int(price) if price == int(price) else float(price)


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        ids = [int(r.id) for r in rows]
    return ids


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        ids = [int(r.id) for r in rows]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        result = {"loaded": number(product.price)}
        change_elsewhere()
        result["stale"] = number(product.price)
        session.expire_all()
        result["after_expire_all"] = number(product.price)
        change_elsewhere()
        session.refresh(product)
        result["after_refresh"] = number(product.price)
        result["product_id"] = product_id  # one key more
    return result


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Bus ticket", "price": 3}, {"name": "Train ticket", "price": Decimal("29.90")}])
    print("tickets", ids)
    try:
        add_products(engine, [{"name": "Taxi", "price": 18.5}, {"id": ids[0], "name": "Ferry", "price": 7}])
    except Exception as e:
        print("no more tickets:", type(e).__name__)

    def change():
        with Session(engine) as session:
            session.get(Product, ids[0]).price += 1
            session.commit()

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
