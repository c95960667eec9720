import sys
from contextlib import ExitStack
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with ExitStack() as stack:
        session = Session(engine)
        stack.callback(session.close)
        undo = stack.enter_context(ExitStack())
        undo.callback(session.rollback)
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.commit()
        undo.pop_all()  # it worked: there is nothing to undo any more
        return ids


def preview_ids(engine, products):
    with ExitStack() as stack:
        session = stack.enter_context(Session(engine))
        stack.callback(session.rollback)
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def show_reloading(engine, product_id, change_elsewhere):
    with ExitStack() as stack:
        session = stack.enter_context(Session(engine))
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        return {
            "loaded": loaded,
            "stale": stale,
            "after_expire_all": after_expire_all,
            "after_refresh": product.price,
        }


def main(database_url="sqlite:///products.db"):
    with ExitStack() as stack:
        engine = create_engine(database_url)
        stack.callback(engine.dispose)
        Base.metadata.create_all(engine)
        ids = add_products(
            engine, [{"name": "Drill", "price": Decimal("59.90")}, {"name": "Bits", "price": Decimal("12.30")}]
        )
        print("ids:", ids)
        try:
            add_products(
                engine,
                [{"name": "Gloves", "price": Decimal("5.05")}, {"name": "Goggles", "price": Decimal("8.08"), "id": ids[1]}],
            )
        except IntegrityError as error:
            print("rolled back because of", error)
        prices = [Decimal("49.90"), Decimal("39.90")]

        def change():
            with ExitStack() as inner:
                session = inner.enter_context(Session(engine))
                inner.enter_context(session.begin())
                session.get(Product, ids[0]).price = prices.pop(0)

        print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
