"""Paula - products"""

import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        ids = []
        for row in products:
            statement = insert(Product).values(**row).on_conflict_do_nothing()
            result = session.execute(statement)
            ids.append(row.get("id") or result.lastrowid)
        return ids


def preview_ids(engine, products):
    with Session(engine) as session:
        ids = [session.execute(insert(Product).values(**row)).lastrowid for row in products]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.scalars(select(Product).where(Product.id == product_id)).one()
        answer = {"loaded": product.price}
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
    rows = [{"name": "Zip bag", "price": Decimal("0.89")}, {"name": "Coffee beans", "price": Decimal("8.49")}]
    print("inserting", rows)
    add_products(engine, rows)
    with Session(engine) as session:
        last = session.scalar(select(func.max(Product.id)))
    try:
        print("inserting", [{"name": "Frying pan"}, {"name": "Ironing board", "id": last}])
        add_products(engine, [{"name": "Frying pan", "price": Decimal("26.10")}, {"name": "Ironing board", "price": Decimal("38.50"), "id": last}])
    except Exception as exc:
        print("refused:", exc)
    price = [Decimal("3.33"), Decimal("4.44")]

    def change():
        with Session(engine) as session, session.begin():
            session.execute(update(Product).where(Product.id == last).values(price=price.pop(0)))

    print(show_reloading(engine, last, change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
