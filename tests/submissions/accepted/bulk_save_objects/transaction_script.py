import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from models import Base, Product

Session = sessionmaker()


def add_products(engine, products):
    session = Session(bind=engine)
    try:
        objects = [Product(**p) for p in products]
        session.bulk_save_objects(objects, return_defaults=True, preserve_order=True)
        ids = [o.id for o in objects]
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()
    return ids


def preview_ids(engine, products):
    session = Session(bind=engine)
    try:
        objects = [Product(**p) for p in products]
        session.bulk_save_objects(objects, return_defaults=True)
        session.flush()
        ids = [o.id for o in objects]
        session.rollback()
    finally:
        session.close()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    session = Session(bind=engine)
    try:
        p = session.query(Product).get(product_id)
        loaded = p.price
        change_elsewhere()
        stale = p.price
        session.expire_all()
        after_expire_all = p.price
        change_elsewhere()
        session.refresh(p)
        after_refresh = p.price
    finally:
        session.close()
    return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "USB stick", "price": Decimal("9.99")}, {"name": "Charger", "price": Decimal("15.49")}])
    print("saved", ids)
    try:
        add_products(engine, [{"name": "Adapter", "price": Decimal("6.00")}, {"id": ids[0], "name": "Hub", "price": Decimal("18.00")}])
    except Exception as e:
        print("not saved:", e)
    n = [Decimal("8.99"), Decimal("7.99")]

    def change():
        s = Session(bind=engine)
        s.query(Product).filter_by(id=ids[0]).one().price = n.pop(0)
        s.commit()
        s.close()

    print(show_reloading(engine, ids[0], change))
    s = Session(bind=engine)
    print([p.to_dict() for p in s.query(Product).all()])
    s.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
