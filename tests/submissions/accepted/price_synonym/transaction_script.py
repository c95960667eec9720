import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    new = [Product(**p) for p in products]
    with Session(engine, expire_on_commit=False) as session:
        with session.begin():
            session.add_all(new)
    return [p.id for p in new]  # not expired, so the ids can be read although the session is closed


def preview_ids(engine, products):
    new = [Product(**p) for p in products]
    with Session(engine) as session:
        session.add_all(new)
        session.flush()
        ids = [p.id for p in new]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        p = session.get(Product, product_id)
        prices = [("loaded", p.price)]
        change_elsewhere()
        prices.append(("stale", p.price))
        session.expire_all()
        prices.append(("after_expire_all", p.price))
        change_elsewhere()
        session.refresh(p)
        prices.append(("after_refresh", p.price))
    return dict(prices)


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Candle", "price": Decimal("3.95")}, {"name": "Matches", "price": Decimal("0.79")}])
    print("added products", ids)
    try:
        add_products(engine, [{"name": "Vase", "price": Decimal("22.00")}, {"name": "Rose", "price": Decimal("3.00"), "id": ids[0]}])
    except Exception as e:
        print("as expected:", e)
    values = [Decimal("4.05"), Decimal("4.15")]

    def change():
        with Session(engine) as session:
            session.get(Product, ids[0]).price = values.pop(0)
            session.commit()

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
