"""Chapter exercise: sessions and transactions."""
import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def show_reloading(engine, product_id, change_elsewhere):
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
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Barley", "price": Decimal("1.45")}, {"name": "Millet", "price": Decimal("2.65")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Quinoa", "price": Decimal("4.95")}, {"id": ids[0], "name": "Spelt", "price": Decimal("3.05")}])
    except Exception as error:
        print("failed:", error)

    def change_elsewhere():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[0]).price += Decimal("0.50")

    print(show_reloading(engine, ids[0], change_elsewhere))


if __name__ == "__main__":
    main(*sys.argv[1:2])
