# who owns the transaction? here: the connection
import sys
from decimal import Decimal

from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product


class CouldNotAdd(Exception):
    pass


def add_products(engine, products):
    connection = engine.connect()
    try:
        transaction = connection.begin()
        session = Session(bind=connection, join_transaction_mode="rollback_only")
        try:
            rows = [Product(**product) for product in products]
            session.add_all(rows)
            session.flush()
            ids = [row.id for row in rows]
            session.commit()      # only flushes: the transaction is not the session's
            transaction.commit()
        except Exception as error:
            transaction.rollback()
            raise CouldNotAdd(f"{len(products)} products") from error
        finally:
            session.close()
    finally:
        connection.close()
    return ids


def preview_ids(engine, products):
    connection = engine.connect()
    try:
        transaction = connection.begin()
        session = Session(bind=connection, join_transaction_mode="control_fully")
        try:
            rows = [Product(**product) for product in products]
            session.add_all(rows)
            session.flush()
            return [row.id for row in rows]
        finally:
            session.close()
            if transaction.is_active:
                transaction.rollback()
    finally:
        connection.close()


def show_reloading(engine, product_id, change_elsewhere):
    session = Session(bind=engine)
    try:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
    finally:
        session.close()
    return dict(loaded=loaded, stale=stale, after_expire_all=after_expire_all, after_refresh=after_refresh)


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
    ids = add_products(engine, [{"name": "Saddle", "price": Decimal("210.00")}, {"name": "Reins", "price": Decimal("48.40")}])
    print("ids", ids)
    try:
        add_products(engine, [{"name": "Bridle", "price": Decimal("62.75")}, {"name": "Stirrup", "price": Decimal("31.10"), "id": ids[0]}])
    except CouldNotAdd as error:
        assert isinstance(error.__cause__, IntegrityError)
        print(f"could not add {error}, because {error.__cause__.orig}")

    def change():
        with engine.begin() as connection, Session(bind=connection) as session:
            session.get(Product, ids[0]).price -= 10
            session.flush()

    print(show_reloading(engine, ids[0], change))
    with engine.connect() as connection:
        print("rows:", connection.scalar(text("SELECT count(*) FROM products")))


if __name__ == "__main__":
    main(*sys.argv[1:2])
