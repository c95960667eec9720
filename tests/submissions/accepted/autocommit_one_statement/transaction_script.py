import sys
from decimal import Decimal

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    # a single statement is a transaction of its own
    at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
    with Session(at_once) as session, session.begin():
        if not products:
            return []
        statement = insert(Product).values([{"id": None, **values} for values in products]).returning(Product.id)
        return list(session.scalars(statement))


def preview_ids(engine, products):
    with Session(engine) as session:
        new = [Product(**values) for values in products]
        session.add_all(new)
        session.flush()
        ids = [one.id for one in new]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get_one(Product, product_id)
        prices = {"loaded": product.price}
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
    ids = add_products(engine, [{"name": "Barrel", "price": Decimal("89.00")}, {"name": "Tap", "price": Decimal("17.30")}])
    print("stored", ids)
    try:
        add_products(engine, [{"name": "Funnel", "price": Decimal("54.00")}, {"id": ids[0], "name": "Cork", "price": Decimal("31.90")}])
    except Exception as error:
        print("refused:", error)
    amounts = iter([Decimal("91.00"), Decimal("93.50")])

    def change_elsewhere():
        with Session(engine) as other, other.begin():
            other.get_one(Product, ids[0]).price = next(amounts)

    print(show_reloading(engine, ids[0], change_elsewhere))


if __name__ == "__main__":
    main(*sys.argv[1:2])
