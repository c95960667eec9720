import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        new = [Product(**values) for values in products]
        session.add_all(new)
        session.flush()
        return [p.id for p in new]


def preview_ids(engine, products):
    with Session(engine) as session:
        new = [Product(**values) for values in products]
        session.add_all(new)
        session.flush()
        ids = [p.id for p in new]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        expired = product.price
        change_elsewhere()
        session.refresh(product)
        refreshed = product.price
    return {"loaded": loaded, "stale": stale, "after_expire_all": expired, "after_refresh": refreshed}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    one, two = add_products(engine, [
        {"name": "Cinema ticket", "price": Decimal("11.50")},
        {"name": "Popcorn", "price": Decimal("6.20")},
    ])
    print("products", one, two)
    try:
        add_products(engine, [
            {"name": "Cola", "price": Decimal("4.10")},
            {"name": "Nachos", "price": Decimal("5.90"), "id": two},
        ])
    except Exception as exc:
        print("expected failure:", exc.__class__.__name__)

    def happy_hour():
        with Session(engine) as s:
            s.get(Product, two).price -= Decimal("0.25")
            s.commit()

    print(show_reloading(engine, two, happy_hour))


if __name__ == "__main__":
    main(*sys.argv[1:2])
