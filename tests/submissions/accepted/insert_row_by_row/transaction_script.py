import sys
from decimal import Decimal

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from models import Base, Product


def insert_rows(session, products):
    ids = []
    for row in products:
        result = session.execute(insert(Product).values(**row))
        ids.append(result.inserted_primary_key[0])
    return ids


def add_products(engine, products):
    session = Session(engine)
    try:
        ids = insert_rows(session, products)
        session.commit()
    except Exception:
        session.rollback()
        session.close()
        raise
    else:
        session.close()
        return ids


def preview_ids(engine, products):
    session = Session(engine)
    try:
        return insert_rows(session, products)
    finally:
        session.rollback()
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    session = Session(engine)
    try:
        item = session.get(Product, product_id)
        d = {}
        d["loaded"] = item.price
        change_elsewhere()
        d["stale"] = item.price
        session.expire_all()
        d["after_expire_all"] = item.price
        change_elsewhere()
        session.refresh(item)
        d["after_refresh"] = item.price
        return d
    finally:
        session.close()


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [dict(name="Tea", price=Decimal("3.20")), dict(name="Coffee", price=Decimal("4.80"))])
    print("inserted:", ids)
    try:
        add_products(engine, [dict(name="Cocoa", price=Decimal("2.75")), dict(id=ids[1], name="Milk", price=Decimal("1.05"))])
    except Exception as e:
        print("insert failed, rolled back:", type(e).__name__)
    extra = [Decimal("0.10"), Decimal("0.15")]

    def other_program():
        second = Session(engine)
        second.get(Product, ids[0]).price += extra.pop()
        second.commit()
        second.close()

    for k, v in show_reloading(engine, ids[0], other_program).items():
        print(k, "->", v)


if __name__ == "__main__":
    main(*sys.argv[1:])
