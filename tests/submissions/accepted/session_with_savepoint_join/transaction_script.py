import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                stored = [Product(**p) for p in products]
                session.add_all(stored)
                session.commit()  # only ends the savepoint
                ids = [p.id for p in stored]
            transaction.commit()
        except BaseException:
            transaction.rollback()
            raise
    return ids


def preview_ids(engine, products):
    with engine.connect() as connection:
        with Session(connection, join_transaction_mode="rollback_only") as session:
            stored = [Product(**p) for p in products]
            session.add_all(stored)
            session.flush()
            ids = [p.id for p in stored]
            session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        seen = [product.price]
        change_elsewhere()
        seen.append(product.price)
        session.expire_all()
        seen.append(product.price)
        change_elsewhere()
        session.refresh(product)
        seen.append(product.price)
    return dict(zip(["loaded", "stale", "after_expire_all", "after_refresh"], seen))


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Novel", "price": Decimal("11.90")}, {"name": "Atlas", "price": Decimal("39.95")}])
    print("bought", ids)
    try:
        add_products(engine, [{"name": "Comic", "price": Decimal("6.50")}, {"id": ids[0], "name": "Diary", "price": Decimal("7.00")}])
    except Exception as problem:
        print("not bought:", problem.__class__.__name__)

    def cheaper():
        with Session(engine) as other:
            book = other.get(Product, ids[0])
            book.price = book.price - Decimal("0.10")
            other.commit()

    print(show_reloading(engine, ids[0], cheaper))


if __name__ == "__main__":
    main(*sys.argv[1:2])
