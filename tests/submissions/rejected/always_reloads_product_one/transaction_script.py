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
    Base.metadata.create_all(e)
    add_products(e, [{"name": "Hairdryer", "price": 29.99}, {"name": "Keyboard", "price": 59.00}])
    with Session(e) as s:
        i = max(p.id for p in s.query(Product))
    try:
        add_products(e, [{"name": "Notebook", "price": 3.49}, {"id": i, "name": "Quilt", "price": 64.00}])
    except Exception as x:
        print(x)
    def change():
        with Session(e) as s:
            p = s.get(Product, 1)
            p.price = float(p.price) + 0.5
            s.commit()
    print(show_reloading(e, 1, change))

if __name__ == "__main__":
    main(*sys.argv[1:])
