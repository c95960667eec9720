import os
import sys
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from models import Base, Product

def add_products(engine, products):
    s = Session(engine)
    try:
        l = [Product(**p) for p in products]
        s.add_all(l)
        s.flush()
        ids = [p.id for p in l]
        s.commit()
        return ids
    except Exception:
        s.rollback()
        raise
    finally:
        s.close()

def preview_ids(engine, products):
    with Session(engine) as s:
        l = [Product(**p) for p in products]
        s.add_all(l)
        s.flush()
        return [p.id for p in l]

def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as s:
        p = s.get(Product, product_id)
        a = p.price
        change_elsewhere()
        b = p.price
        s.expire_all()
        c = p.price
        change_elsewhere()
        s.refresh(p)
        d = p.price
        return dict(loaded=a, stale=b, after_expire_all=c, after_refresh=d)

def main(database_url="sqlite:///products.db"):
    e = create_engine(database_url)
    if os.path.exists(e.url.database):
        os.remove(e.url.database)
    Base.metadata.create_all(e)
    add_products(e, [{"name": "Raspberry jam", "price": 4.15}, {"name": "USB cable", "price": 5.99}])
    with Session(e) as s:
        i = max(p.id for p in s.query(Product))
    try:
        add_products(e, [{"name": "Xylophone", "price": 41.00}, {"id": i, "name": "Alarm clock", "price": 16.60}])
    except Exception as x:
        print(x)
    q = [3.5, 2.75]
    def change():
        with Session(e) as s:
            s.get(Product, i).price = q.pop()
            s.commit()
    print(show_reloading(e, i, change))

if __name__ == "__main__":
    main(*sys.argv[1:])
