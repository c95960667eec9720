import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def publish(name):
    """Make a function known to the world as ``name``."""

    def as_name(function):
        globals()[name] = function
        return function

    return as_name


@publish("add_products")
def _store(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


@publish("preview_ids")
def _look_ahead(engine, products):
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
    return ids


@publish("show_reloading")
def _reload(engine, product_id, change_elsewhere):
    prices = {}
    with Session(engine) as session:
        product = session.get(Product, product_id)
        prices["loaded"] = product.price
        change_elsewhere()
        prices["stale"] = product.price
        session.expire_all()
        prices["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        prices["after_refresh"] = product.price
    return prices


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Cup", "price": Decimal("3.45")}, {"name": "Plate", "price": Decimal("7.15")}])
    print("stored:", ids)
    try:
        add_products(engine, [{"name": "Jug", "price": Decimal("9.95")}, {"id": ids[0], "name": "Bowl", "price": Decimal("4")}])
    except Exception as error:
        print("refused:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[0]).price += Decimal("0.15")

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:])
