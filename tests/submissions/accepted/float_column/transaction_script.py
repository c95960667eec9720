import sys

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    session = Session(bind=engine)
    try:
        session.begin()
        new_products = []
        for data in products:
            new_products.append(Product(**data))
        session.add_all(new_products)
        session.flush()
        ids = [product.id for product in new_products]
        session.commit()
        return ids
    except SQLAlchemyError:
        session.rollback()
        raise
    finally:
        session.close()


def preview_ids(engine, products):
    session = Session(bind=engine)
    try:
        new_products = [Product(**data) for data in products]
        session.add_all(new_products)
        session.flush()
        return [product.id for product in new_products]
    finally:
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    result = {}
    with Session(engine) as session:
        product = session.get(Product, product_id)
        result["loaded"] = float(product.price)
        change_elsewhere()
        result["stale"] = float(product.price)
        session.expire_all()
        result["after_expire_all"] = float(product.price)
        change_elsewhere()
        session.refresh(product)
        result["after_refresh"] = float(product.price)
    return result


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Ball", "price": 12.5}, {"name": "Racket", "price": 74.99}])
    print("inserted products", ids)
    try:
        add_products(engine, [{"name": "Net", "price": 40.0}, {"id": ids[0], "name": "Shoes", "price": 89.9}])
    except SQLAlchemyError as e:
        print("second transaction rolled back:", e)
    price = [70.0]

    def change():
        price[0] -= 1.5
        with Session(engine) as other:
            other.get(Product, ids[1]).price = price[0]
            other.commit()

    print("reloading:", show_reloading(engine, ids[1], change))


if __name__ == "__main__":
    main(*sys.argv[1:])
