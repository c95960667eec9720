import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session:
        with session.begin():
            try:
                with session.begin_nested():
                    objs = [Product(**p) for p in products]
                    session.add_all(objs)
                    session.flush()
                    ids = [o.id for o in objs]
            except Exception:
                print("rolled back to the savepoint, nothing left to commit")
                raise
    return ids


def preview_ids(engine, products):
    # a savepoint that is always rolled back; the empty transaction round it changes nothing
    with Session(engine) as session:
        with session.begin():
            savepoint = session.begin_nested()
            objs = [Product(**p) for p in products]
            session.add_all(objs)
            session.flush()
            ids = [o.id for o in objs]
            savepoint.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        obj = session.get(Product, product_id)
        first = obj.price
        change_elsewhere()
        second = obj.price
        session.expire_all()
        third = obj.price
        change_elsewhere()
        session.refresh(obj)
        fourth = obj.price
    return {"loaded": first, "stale": second, "after_expire_all": third, "after_refresh": fourth}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Sugar", "price": Decimal("1.09")}, {"name": "Flour", "price": Decimal("0.89")}])
    print("ids:", ids)
    try:
        add_products(engine, [{"name": "Salt", "price": Decimal("0.49")}, {"id": ids[0], "name": "Yeast", "price": Decimal("0.35")}])
    except Exception as e:
        print("caught", type(e).__name__)
    steps = [Decimal("1.19"), Decimal("1.29")]

    def change():
        with Session(engine) as s:
            s.get(Product, ids[0]).price = steps.pop(0)
            s.commit()

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
