import os
import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.orm import Session, sessionmaker

from models import Base, Product


def add_products(engine, products):
    factory = sessionmaker(bind=engine, class_=Session)
    with factory.begin() as session:
        new = [Product(**p) for p in products]
        session.add_all(new)
        session.flush()
        return [p.id for p in new]


def preview_ids(engine, products):
    factory = sessionmaker(bind=engine, class_=Session)
    with factory() as session:
        new = [Product(**p) for p in products]
        session.add_all(new)
        session.flush()
        ids = [p.id for p in new]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    factory = sessionmaker(bind=engine, class_=Session)
    with factory() as session:
        p = session.get(Product, product_id)
        prices = {}
        prices["loaded"] = p.price
        change_elsewhere()
        prices["stale"] = p.price
        session.expire_all()
        prices["after_expire_all"] = p.price
        change_elsewhere()
        session.refresh(p)
        prices["after_refresh"] = p.price
        return prices


def rows(engine):
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(Product))


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    path = engine.url.database
    print(path, "is there already" if path and os.path.exists(path) else "is new")
    if not inspect(engine).has_table("products"):
        Base.metadata.create_all(engine)
    print("rows before:", rows(engine))
    ids = add_products(engine, [{"name": "Honey", "price": Decimal("6.49")}, {"name": "Rice", "price": Decimal("2.29")}])
    print("rows after adding two:", rows(engine))
    # the pair that fails: both ids are given here, the first is free and the second is taken
    try:
        add_products(engine, [{"id": ids[1] + 1, "name": "Beans", "price": Decimal("1.19")}, {"id": ids[1], "name": "Lentils", "price": Decimal("1.89")}])
    except Exception as error:
        print("rolled back:", type(error).__name__)
    print("rows after the failed pair:", rows(engine))
    prices = [Decimal("6.59"), Decimal("6.69")]

    def change():
        with Session(engine) as session, session.begin():
            session.get(Product, ids[0]).price = prices.pop(0)

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
