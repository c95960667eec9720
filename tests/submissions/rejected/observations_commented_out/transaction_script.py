# Jelena
# SQLAlchemy chapter 10: session management and transactions

import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    print("STEP 1: open the session")
    session = Session(bind=engine)
    try:
        print("STEP 2: add", len(products), "products")
        objects = []
        for item in products:
            obj = Product(**item)
            session.add(obj)
            session.flush()
            objects.append(obj)
        ids = [obj.id for obj in objects]
        print("STEP 3: commit", ids)
        session.commit()
        return ids
    except Exception as e:
        print("ERROR, rolling back:", e)
        session.rollback()
        raise
    finally:
        print("STEP 4: close the session")
        session.close()


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
        {"name": "Xylophone", "price": Decimal("41.00")},
        {"name": "Alarm clock", "price": Decimal("16.60")},
    ])
    print("result:", result)
    session = Session(bind=engine)
    mine = session.query(Product).filter_by(name="Alarm clock").all()[-1].id
    session.close()

    print("--- two products, the second one is wrong ---")
    try:
        add_products(engine, [
            {"name": "Duvet", "price": Decimal("75.00")},
            {"id": mine, "name": "Garden hose", "price": Decimal("21.35")},
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
