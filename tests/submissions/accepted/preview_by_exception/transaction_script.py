import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from models import Base, Product


class _Undo(Exception):
    def __init__(self, ids):
        super().__init__("only a preview")
        self.ids = ids


class ProductSession(Session):
    """A session that knows how to insert products."""

    def insert(self, products):
        rows = [Product(**p) for p in products]
        self.add_all(rows)
        self.flush()
        return [row.id for row in rows]


def add_products(engine, products):
    with sessionmaker(engine, class_=ProductSession).begin() as session:
        return session.insert(products)


def preview_ids(engine, products):
    try:
        with sessionmaker(engine, class_=ProductSession).begin() as session:
            raise _Undo(session.insert(products))
    except _Undo as undo:
        return undo.ids


def show_reloading(engine, product_id, change_elsewhere):
    with ProductSession(engine) as session:
        product = session.get(Product, product_id)
        price = []
        try:
            price.append(product.price)
            change_elsewhere()
            price.append(product.price)
            session.expire_all()
            price.append(product.price)
            change_elsewhere()
            session.refresh(product)
            price.append(product.price)
        finally:
            print("seen:", *price)
    loaded, stale, after_expire_all, after_refresh = price
    return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Drum", "price": Decimal("180.00")}, {"name": "Sticks", "price": Decimal("11.20")}])
    print("ids", ids, "the next would be", preview_ids(engine, [{"name": "Stand", "price": Decimal("35.00")}]))
    try:
        add_products(engine, [{"name": "Cymbal", "price": Decimal("99.00")}, {"id": ids[0], "name": "Pad", "price": Decimal("20.00")}])
    except Exception as error:
        print("nothing of the second pair:", error)

    def change():
        with ProductSession(engine) as session:
            session.get(Product, ids[0]).price -= 5
            session.commit()

    show_reloading(engine, ids[0], change)


if __name__ == "__main__":
    main(*sys.argv[1:2])
