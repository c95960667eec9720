import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import sessionmaker

from models import Base, Product

SessionLocal = sessionmaker(autoflush=False)


def add_products(engine, products):
    SessionLocal.configure(bind=engine)
    ids = []
    with SessionLocal() as db:
        with db.begin():
            for item in products:
                product = Product(**item)
                db.add(product)
                db.flush()
                ids.append(product.id)
    return ids


def preview_ids(engine, products):
    SessionLocal.configure(bind=engine)
    with SessionLocal() as db:
        items = [Product(**item) for item in products]
        db.add_all(items)
        db.flush()
        ids = [item.id for item in items]
        db.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    SessionLocal.configure(bind=engine)
    answer = {}
    with SessionLocal() as db:
        product = db.get(Product, product_id)
        answer["loaded"] = product.price

        change_elsewhere()
        answer["stale"] = product.price

        db.expire_all()
        answer["after_expire_all"] = product.price

        change_elsewhere()
        db.refresh(product)
        answer["after_refresh"] = product.price
    return answer


def count(engine):
    SessionLocal.configure(bind=engine)
    with SessionLocal() as db:
        return db.scalar(select(func.count()).select_from(Product))


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(bind=engine)
    print("rows at the start:", count(engine))

    ids = add_products(engine, [{"name": "Guitar", "price": Decimal("249.00")}, {"name": "Strings", "price": Decimal("8.99")}])
    print("new ids:", ids, "rows:", count(engine))

    try:
        add_products(engine, [{"name": "Drum", "price": Decimal("99.00")}, {"name": "Copy", "price": Decimal("1.00"), "id": ids[-1]}])
    except Exception as exc:
        print("could not add the second pair:", exc)
    print("rows after the failed pair:", count(engine))

    def discount():
        with SessionLocal(bind=engine) as shop:
            guitar = shop.get(Product, ids[0])
            guitar.price = guitar.price - 10
            shop.commit()

    print(show_reloading(engine, ids[0], discount))


if __name__ == "__main__":
    main(sys.argv[1]) if len(sys.argv) > 1 else main()
