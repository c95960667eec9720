# Viktor
# SQLAlchemy chapter 10: session management and transactions

import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    print("STEP 1: open the session")
    session = Session(bind=engine)
    ids = []
    for item in products:
        try:
            obj = Product(**item)
            session.add(obj)
            session.commit()
            ids.append(obj.id)
            print("STEP 2: added", obj)
        except Exception as e:
            session.rollback()
            print("SKIPPED:", e)
    print("STEP 3: close the session")
    session.close()
    return ids


def preview_ids(engine, products):
    session = Session(bind=engine)
    try:
        objects = [Product(**item) for item in products]
        session.add_all(objects)
        session.flush()
        ids = [obj.id for obj in objects]
        print("preview:", ids)
        return ids
    finally:
        session.rollback()
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    session = Session(bind=engine)
    try:
        product = session.get(Product, product_id)
        result = {}
        result["loaded"] = product.price
        print("loaded          ", result["loaded"])
        change_elsewhere()
        result["stale"] = product.price
        print("stale           ", result["stale"])
        session.expire_all()
        result["after_expire_all"] = product.price
        print("after_expire_all", result["after_expire_all"])
        change_elsewhere()
        session.refresh(product)
        result["after_refresh"] = product.price
        print("after_refresh   ", result["after_refresh"])
        return result
    finally:
        session.close()


def main(database_url="sqlite:///products.db"):
    print("=== RUN ===")
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    print("--- two products ---")
    result = add_products(engine, [
        {"name": "Board game", "price": Decimal("32.95")},
        {"name": "Eraser", "price": Decimal("0.79")},
    ])
    print("result:", result)
    session = Session(bind=engine)
    mine = session.query(Product).filter_by(name="Eraser").all()[-1].id
    session.close()

    print("--- two products, the second one is wrong ---")
    try:
        add_products(engine, [
            {"name": "Hammer", "price": Decimal("14.20")},
            {"id": mine, "name": "Kettle", "price": Decimal("24.75")},
        ])
    except Exception as e:
        print("failed:", type(e).__name__)

    print("--- reloading ---")
    def change_elsewhere():
        other = Session(bind=engine)
        other.get(Product, mine).price += Decimal("0.01")
        other.commit()
        other.close()

    show_reloading(engine, mine, change_elsewhere)
    print("=== END ===")


if __name__ == "__main__":
    main(*sys.argv[1:])
