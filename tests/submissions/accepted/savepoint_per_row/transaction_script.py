import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    session = Session(engine)
    try:
        ids = []
        # without this, the driver lets the first savepoint be the transaction, and its release commits
        session.connection().exec_driver_sql("BEGIN")
        for number, values in enumerate(products, start=1):
            try:
                with session.begin_nested():
                    product = Product(**values)
                    session.add(product)
                ids.append(product.id)
            except DBAPIError as error:
                print(f"product number {number} of {len(products)} was refused: {error.orig}")
                raise
        session.commit()
        return ids
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def preview_ids(engine, products):
    session = Session(engine)
    try:
        new = [Product(**values) for values in products]
        session.add_all(new)
        session.flush()
        return [product.id for product in new]
    finally:
        session.rollback()
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        answer = dict.fromkeys(["loaded", "stale", "after_expire_all", "after_refresh"])
        answer["loaded"] = product.price
        change_elsewhere()
        answer["stale"] = product.price
        session.expire_all()
        answer["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        answer["after_refresh"] = product.price
        return answer


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Hammer", "price": Decimal("15.99")}, {"name": "Nails", "price": Decimal("3.49")}])
    print("tools:", ids)
    try:
        add_products(engine, [{"name": "Saw", "price": Decimal("21.00")}, {"id": ids[0], "name": "Drill", "price": Decimal("79.00")}])
    except DBAPIError as error:
        print("not stored:", type(error).__name__)

    def bargain():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[0]).price -= 1

    print(show_reloading(engine, ids[0], bargain))


if __name__ == "__main__":
    main(*sys.argv[1:2])
