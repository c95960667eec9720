import functools
import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def transactional(function):
    """Call it with a session instead of the engine; commit at the end, or roll back."""

    @functools.wraps(function)
    def wrapper(engine, *args, **kwargs):
        session = Session(engine)
        try:
            result = function(session, *args, **kwargs)
            session.commit()
        except:
            session.rollback()
            raise
        finally:
            session.close()
        return result

    return wrapper


def read_only(function):
    """Call it with a session that is always rolled back."""

    @functools.wraps(function)
    def wrapper(engine, *args, **kwargs):
        session = Session(engine)
        try:
            return function(session, *args, **kwargs)
        finally:
            session.rollback()
            session.close()

    return wrapper


def insert(session, products):
    rows = [Product(**product) for product in products]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


@transactional
def add_products(session, products):
    return insert(session, products)


@read_only
def preview_ids(session, products):
    return insert(session, products)


@read_only
def show_reloading(session, product_id, change_elsewhere):
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


@transactional
def set_price(session, product_id, price):
    session.get(Product, product_id).price = price


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Piano", "price": Decimal("2150.00")}, {"name": "Stool", "price": Decimal("79.90")}])
    print("instruments", ids)
    try:
        add_products(engine, [{"name": "Flute", "price": Decimal("310.00")}, {"name": "Harp", "price": Decimal("990.00"), "id": ids[0]}])
    except Exception as e:
        print(type(e).__name__, "so nothing was stored")
    prices = iter([Decimal("2100.00"), Decimal("2050.00")])
    print(show_reloading(engine, ids[0], lambda: set_price(engine, ids[0], next(prices))))


if __name__ == "__main__":
    main(*sys.argv[1:2])
