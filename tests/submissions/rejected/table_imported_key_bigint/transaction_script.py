import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product, products as product_table


def add_products(engine, products):
    with Session(engine) as session:
        try:
            new = [Product(**p) for p in products]
            session.add_all(new)
            session.flush()
            ids = [p.id for p in new]
            session.commit()
        except Exception:
            session.rollback()
            raise
    return ids


def preview_ids(engine, products):
    with Session(engine) as session:
        new = [Product(**p) for p in products]
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
        fresh = product.price
        change_elsewhere()
        session.refresh(product)
        return {"loaded": loaded, "stale": stale, "after_expire_all": fresh, "after_refresh": product.price}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Tie", "price": Decimal("18.00")}, {"name": "Socks", "price": Decimal("22.40")}])
    print(ids)
    try:
        add_products(engine, [{"name": "Cap", "price": Decimal("9.00")}, {"name": "Belt", "price": Decimal("15.00"), "id": ids[0]}])
    except Exception as e:
        print(type(e), "-> rolled back")

    def change():
        with engine.begin() as c:
            c.execute(product_table.update().where(product_table.c.id == ids[1]).values(price=product_table.c.price + 1))

    print(show_reloading(engine, ids[1], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
