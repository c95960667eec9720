import sys
from decimal import Decimal

from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session

from models import Base, Product


def insert_many(session, products):
    if not products:
        return []
    session.execute(insert(Product), products)
    if "id" in products[0]:
        return [row["id"] for row in products]
    # we are alone in this transaction, so the newest ids are ours
    newest_first = session.scalars(select(Product.id).order_by(Product.id.desc()).limit(len(products))).all()
    return newest_first[::-1]


def add_products(engine, products):
    with Session(engine) as session:
        with session.begin():
            ids = insert_many(session, products)
    return ids


def preview_ids(engine, products):
    with Session(engine) as session:
        session.begin()
        ids = insert_many(session, products)
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        (product,) = session.scalars(select(Product).where(Product.id == product_id))
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
    return {
        "loaded": loaded, "stale": stale,
        "after_expire_all": after_expire_all, "after_refresh": after_refresh,
    }


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Pen", "price": Decimal("1.20")}, {"name": "Ink", "price": Decimal("6.60")}])
    print("ids", ids)
    try:
        add_products(engine, [{"name": "Nib", "price": Decimal("0.80")}, {"name": "Cap", "price": Decimal("0.30"), "id": ids[0]}])
    except Exception as e:
        print("rolled back because of", e)
    change = iter((Decimal("1.25"), Decimal("1.30")))

    def change_price():
        with Session(engine) as s2:
            s2.get(Product, ids[0]).price = next(change)
            s2.commit()

    print(show_reloading(engine, ids[0], change_price))


if __name__ == "__main__":
    main(*sys.argv[1:2])
