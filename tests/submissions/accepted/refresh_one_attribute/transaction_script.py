import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine, autoflush=False) as session, session.begin():
        rows = tuple(Product(**p) for p in products)
        session.add_all(rows)
        session.flush()
        return [r.id for r in rows]


def preview_ids(engine, products):
    with Session(engine, autoflush=False, autobegin=True) as session:
        rows = tuple(Product(**p) for p in products)
        session.add_all(rows)
        session.flush()
        return [r.id for r in rows]


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine, autoflush=False) as session:
        product = session.scalar(select(Product).where(Product.id == product_id))
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product, attribute_names=["price"])
        return {
            "after_refresh": product.price,
            "after_expire_all": after_expire_all,
            "stale": stale,
            "loaded": loaded,
        }


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Oar", "price": Decimal("38.00")}, {"name": "Canoe", "price": Decimal("640.00")}])
    print(*ids)
    try:
        add_products(engine, [{"name": "Vest", "price": Decimal("72.00")}, {"name": "Rope", "price": Decimal("11.00"), "id": ids[1]}])
    except Exception as error:
        print(type(error).__qualname__)

    def change():
        with Session(engine) as session:
            oar = session.get(Product, ids[0])
            oar.price += Decimal("0.75")
            session.commit()

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
