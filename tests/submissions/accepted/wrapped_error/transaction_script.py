import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import Base, Product


class ProductsNotStored(RuntimeError):
    """Nothing was stored; the cause is chained."""


def add_products(engine, products):
    session = Session(engine)
    try:
        items = [Product(**p) for p in products]
        session.add_all(items)
        session.flush()
        ids = [item.id for item in items]
        session.commit()
        return ids
    except SQLAlchemyError as error:
        session.rollback()
        raise ProductsNotStored(f"{len(products)} products could not be stored") from error
    finally:
        session.close()


def preview_ids(engine, products):
    with Session(engine) as session:
        items = [Product(**p) for p in products]
        session.add_all(items)
        session.flush()
        ids = [item.id for item in items]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        item = session.get(Product, product_id)
        if item is None:
            raise LookupError(product_id)
        loaded = item.price
        change_elsewhere()
        stale = item.price
        session.expire_all()
        after_expire_all = item.price
        change_elsewhere()
        session.refresh(item)
        return {
            "loaded": loaded,
            "stale": stale,
            "after_expire_all": after_expire_all,
            "after_refresh": item.price,
        }


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Sofa", "price": Decimal("799.00")}, {"name": "Cushion", "price": Decimal("19.50")}])
    print("stored", ids)
    try:
        add_products(engine, [{"name": "Rug", "price": Decimal("89.00")}, {"id": ids[1], "name": "Curtain", "price": Decimal("34.00")}])
    except ProductsNotStored as error:
        print(error, "-", error.__cause__)
    offers = iter(["18.50", "17.50"])

    def change():
        with Session(engine) as session:
            session.get(Product, ids[1]).price = Decimal(next(offers))
            session.commit()

    print(show_reloading(engine, ids[1], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
