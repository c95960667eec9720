import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    """All or nothing."""
    with Session(engine) as session:
        with session.begin():
            new = [Product(**product) for product in products]
            session.add_all(new)
            session.flush()
            ids = [product.id for product in new]
    return ids


def preview_ids(engine, products):
    """The ids that would be given, nothing stored."""
    with Session(engine) as session:
        new = [Product(**product) for product in products]
        session.add_all(new)
        session.flush()
        ids = [product.id for product in new]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    """The same object four times."""
    with Session(engine) as session:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
        return {
            "loaded": loaded,
            "stale": stale,
            "after_expire_all": after_expire_all,
            "after_refresh": after_refresh,
        }


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Monitor", "price": Decimal("189.00")}, {"name": "Cable", "price": Decimal("7.49")}])
    with Session(engine) as session:
        print(session.scalar(select(func.count(Product.id))), "products, the newest are", ids)
    try:
        add_products(engine, [{"name": "Stand", "price": Decimal("25.00")}, {"id": ids[0], "name": "Filter", "price": Decimal("19.00")}])
    except Exception as error:
        print("refused", type(error).__name__)

    def change():
        with Session(engine) as session:
            product = session.get(Product, ids[1])
            product.price = product.price + Decimal("0.10")
            session.commit()

    print(show_reloading(engine, ids[1], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
