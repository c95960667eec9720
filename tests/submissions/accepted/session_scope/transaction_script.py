import contextlib
import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


@contextlib.contextmanager
def session_scope(engine, keep=True):
    session = Session(engine)
    try:
        yield session
        if keep:
            session.commit()
        else:
            session.rollback()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()


def _insert(session, products):
    objects = [Product(**values) for values in products]
    session.add_all(objects)
    session.flush()
    return [obj.id for obj in objects]


def add_products(engine, products):
    with session_scope(engine) as session:
        return _insert(session, products)


def preview_ids(engine, products):
    with session_scope(engine, keep=False) as session:
        return _insert(session, products)


def show_reloading(engine, product_id, change_elsewhere):
    with session_scope(engine, keep=False) as session:
        product = session.get(Product, product_id)
        values = {"loaded": product.price}
        change_elsewhere()
        values["stale"] = product.price
        session.expire_all()
        values["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        values["after_refresh"] = product.price
    return values


def main(database_url="sqlite:///products.db"):
    with contextlib.ExitStack() as stack:
        engine = create_engine(database_url)
        stack.callback(engine.dispose)
        run(engine)


def run(engine):
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Skis", "price": Decimal("349.00")}, {"name": "Poles", "price": Decimal("29.95")}])
    print("ids", ids)
    try:
        add_products(engine, [{"name": "Helmet", "price": Decimal("69.00")}, {"id": ids[0], "name": "Goggles", "price": Decimal("39.00")}])
    except Exception as error:
        print("failed and rolled back:", error)

    def change():
        with session_scope(engine) as session:
            session.get(Product, ids[0]).price -= 25

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
