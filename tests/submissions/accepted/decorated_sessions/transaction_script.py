import sys
from decimal import Decimal
from sqlalchemy import create_engine, select, insert, func
from sqlalchemy.orm import Session, sessionmaker
from models import Base, Product

import functools, time
def timed(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        t = time.perf_counter()
        try: return f(*args, **kwargs)
        finally: print(f.__name__, "took", time.perf_counter() - t)
    return inner
def with_session(commit):
    def deco(f):
        @functools.wraps(f)
        def inner(engine, *args):
            with Session(engine) as s:
                with s.begin() as tx:
                    out = f(s, *args)
                    if not commit: tx.rollback()
                return out
        return inner
    return deco
def _put(s, products):
    rows = [Product(**p) for p in products]; s.add_all(rows); s.flush(); return [r.id for r in rows]
@timed
@with_session(True)
def add_products(s, products): return _put(s, products)
@timed
@with_session(False)
def preview_ids(s, products): return _put(s, products)
@timed
@with_session(True)
def show_reloading(s, product_id, change_elsewhere):
    p = s.get(Product, product_id, options=[])
    a = p.price; change_elsewhere(); b = p.price; s.expire_all(); c = p.price; change_elsewhere(); s.refresh(p); return {"loaded": a, "stale": b, "after_expire_all": c, "after_refresh": p.price}

def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Zither", "price": Decimal("0.45")}, {"name": "Apron", "price": Decimal("1.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Bellows", "price": Decimal("0.30")}, {"id": ids[0], "name": "Cork", "price": Decimal("0.60")}])
    except Exception as error:
        print("failed:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[1]).price += Decimal("0.10")

    print(show_reloading(engine, ids[1], change))

if __name__ == "__main__":
    main(*sys.argv[1:2])
