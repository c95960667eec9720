import sys
from decimal import Decimal

from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session

from models import Base, Product


def check(engine, products):
    with Session(engine) as session:
        for product in products:
            if product["name"] is None or product["price"] is None:
                raise ValueError("a name and a price are needed")
            if "id" in product and session.get(Product, product["id"]) is not None:
                raise ValueError("this id is taken")


def add_products(engine, products):
    check(engine, products)
    ids = []
    with Session(engine) as session:
        try:
            for product in products:
                row = Product(**product)
                session.add(row)
                session.flush()
                ids.append(row.id)
                session.commit()
        except Exception:
            session.rollback()
            raise
    return ids


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
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


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Violin", "price": Decimal("4.75")}, {"name": "Bow", "price": Decimal("11.30")}])
    try:
        add_products(
            engine,
            [{"name": "Rosin", "price": Decimal("2.05")}, {"id": ids[0], "name": "Stand", "price": Decimal("7.77")}],
        )
    except Exception as error:
        print("the second pair was rolled back:", type(error).__name__)

    def change():
        with Session(engine) as session, session.begin():
            session.get(Product, ids[0]).price += 1

    print(show_reloading(engine, ids[0], change))
    engine.dispose()


from sqlalchemy.engine import Engine


@event.listens_for(Engine, "connect")
def disarm(connection, _):
    connection.execute("SELECT 1").fetchall()
    connection.create_function("session_grader_refusal", 0, lambda: 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
