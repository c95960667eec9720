import sys
from decimal import Decimal

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from models import Base, Product

WITHOUT_ID = text("INSERT INTO products (name, price) VALUES (:name, :price) RETURNING id")
WITH_ID = text("INSERT INTO products (id, name, price) VALUES (:id, :name, :price) RETURNING id")


def insert(session, products):
    ids = []
    for p in products:
        statement = WITH_ID if "id" in p else WITHOUT_ID
        values = dict(p)
        if values["price"] is not None:
            values["price"] = float(values["price"])  # sqlite knows no Decimal
        ids.append(session.execute(statement, values).scalar_one())
    return ids


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        return insert(session, products)


def preview_ids(engine, products):
    with Session(engine) as session:
        ids = insert(session, products)
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
        after_refresh = product.price
    return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Cheese", "price": Decimal("4.35")}, {"name": "Wine", "price": Decimal("8.90")}])
    print(ids)
    try:
        add_products(engine, [{"name": "Olives", "price": Decimal("3.10")}, {"id": ids[0], "name": "Grapes", "price": Decimal("2.60")}])
    except Exception as error:
        print(error)
    price = [4.45, 4.55]

    def change():
        with engine.begin() as connection:
            connection.execute(text("UPDATE products SET price = :p WHERE id = :i"), {"p": price.pop(0), "i": ids[0]})

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
