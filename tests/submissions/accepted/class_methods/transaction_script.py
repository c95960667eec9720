import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


class Shop:
    KEYS = ("loaded", "stale", "after_expire_all", "after_refresh")
    opened = 0

    @classmethod
    def session(cls, engine):
        cls.opened += 1
        return Session(engine)

    @staticmethod
    def put(session, products):
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]

    @classmethod
    def add(cls, engine, products):
        with cls.session(engine) as session:
            try:
                ids = cls.put(session, products)
                session.commit()
            except Exception:
                session.rollback()
                raise
            return ids

    @classmethod
    def preview(cls, engine, products):
        with cls.session(engine) as session:
            ids = cls.put(session, products)
            session.rollback()
            return ids

    @classmethod
    def reloading(cls, engine, product_id, change_elsewhere):
        with cls.session(engine) as session:
            product = session.get(Product, product_id)
            prices = [product.price]
            change_elsewhere()
            prices += [product.price]
            session.expire_all()
            prices += [product.price]
            change_elsewhere()
            session.refresh(product)
            prices += [product.price]
            return dict(zip(cls.KEYS, prices))


add_products = Shop.add
preview_ids = Shop.preview
show_reloading = Shop.reloading


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Puzzle", "price": Decimal("17.99")}, {"name": "Dice", "price": Decimal("2.50")}])
    print("games", ids)
    try:
        add_products(engine, [{"name": "Chess", "price": Decimal("34.99")}, {"id": ids[0], "name": "Cards", "price": Decimal("5.00")}])
    except Exception as error:
        print("nothing added:", error)

    def change():
        with Session(engine) as session:
            session.get(Product, ids[1]).price *= 2
            session.commit()

    print(show_reloading(engine, ids[1], change))
    print("sessions opened:", Shop.opened)


if __name__ == "__main__":
    main(*sys.argv[1:2])
