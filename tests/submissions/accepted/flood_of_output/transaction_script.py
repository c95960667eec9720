import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product

LINE = "=" * 100


def banner(text):
    # so that I can find it in the terminal
    for _ in range(3000):
        print(LINE)
    print(text.center(100))
    for _ in range(3000):
        print(LINE)


def add_products(engine, products):
    banner("ADD PRODUCTS")
    with Session(engine) as session, session.begin():
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    banner("PREVIEW IDS")
    with Session(engine) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    banner("SHOW RELOADING")
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
    banner("START")
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Poster", "price": Decimal("9.90")}, {"name": "Frame", "price": Decimal("14.90")}])
    try:
        add_products(engine, [{"name": "Nail", "price": Decimal("0.05")}, {"id": ids[0], "name": "Glue", "price": Decimal("2.30")}])
    except Exception as error:
        banner(str(error))
    more = [Decimal("0.50"), Decimal("0.25")]

    def change():
        banner("CHANGE ELSEWHERE")
        with Session(engine) as session:
            session.get(Product, ids[0]).price += more.pop()
            session.commit()

    print(show_reloading(engine, ids[0], change))
    banner("END")


if __name__ == "__main__":
    main(*sys.argv[1:2])
