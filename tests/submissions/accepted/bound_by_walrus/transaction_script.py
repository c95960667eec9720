import sys
from decimal import Decimal
from functools import partial

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from models import Base, Product


def insert(engine, products, keep):
    with sessionmaker(engine)() as session:
        with session.begin() as transaction:
            session.add_all(rows := [Product(**product) for product in products])
            session.flush()
            ids = [row.id for row in rows]
            if not keep:
                transaction.rollback()
    return ids


assert callable(add_products := partial(insert, keep=True))
print("looking ahead with", (preview_ids := partial(insert, keep=False)).func.__name__)


def reload(engine, product_id, change_elsewhere):
    with sessionmaker(engine)() as session:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        fresh = product.price
        change_elsewhere()
        session.refresh(product)
        return {"loaded": loaded, "stale": stale, "after_expire_all": fresh, "after_refresh": product.price}


setattr(sys.modules[__name__], "show_reloading", reload)


def main(database_url="sqlite:///products.db"):
    Base.metadata.create_all(engine := create_engine(database_url))
    first, second = add_products(
        engine, [{"name": "Bolt", "price": Decimal("0.35")}, {"name": "Nut", "price": Decimal("0.15")}]
    )
    try:
        add_products(
            engine, [{"name": "Screw", "price": Decimal("0.25")}, {"id": second, "name": "Nail", "price": Decimal("0.05")}]
        )
    except Exception as error:
        print("taken back:", type(error).__name__)

    def dearer():
        with sessionmaker(engine).begin() as session:
            session.get(Product, first).price += Decimal("0.10")

    print(show_reloading(engine, first, dearer))


if __name__ == "__main__":
    main(*sys.argv[1:2])
