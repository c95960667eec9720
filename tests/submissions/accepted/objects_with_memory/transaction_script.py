import sys
from contextlib import contextmanager
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


class Shop:
    def __init__(self):
        self.reset()

    def reset(self):
        self.calls = 0
        self.ids = []

    @contextmanager
    def session(self, engine):
        self.calls += 1
        session = Session(engine)
        try:
            yield session
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    def insert(self, session, products):
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


class Add(Shop):
    def __call__(self, engine, products):
        with self.session(engine) as session:
            ids = self.insert(session, products)
            session.commit()
        self.ids.extend(ids)
        return ids


class Preview(Shop):
    def __call__(self, engine, products):
        with self.session(engine) as session:
            ids = self.insert(session, products)
            session.rollback()
        return ids


class Reload(Shop):
    def __call__(self, engine, product_id, change_elsewhere):
        with self.session(engine) as session:
            product = session.get(Product, product_id)
            answer = {"loaded": product.price}
            change_elsewhere()
            answer["stale"] = product.price
            session.expire_all()
            answer["after_expire_all"] = product.price
            change_elsewhere()
            session.refresh(product)
            answer["after_refresh"] = product.price
        return answer


add_products = Add()
preview_ids = Preview()
show_reloading = Reload()


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    add_products.reset()
    add_products(engine, [{"name": "Drum", "price": Decimal("89.90")}, {"name": "Stick", "price": Decimal("6.25")}])
    try:
        add_products(engine, [{"name": "Bell", "price": Decimal("12.40")}, {"id": add_products.ids[0], "name": "Gong", "price": Decimal("150")}])
    except Exception as error:
        print("rolled back:", type(error).__name__)
    assert add_products.calls == 2 and len(add_products.ids) == 2

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, add_products.ids[0]).price += Decimal("0.10")

    print(show_reloading(engine, add_products.ids[0], change))
    add_products.reset()


if __name__ == "__main__":
    main(*sys.argv[1:2])
