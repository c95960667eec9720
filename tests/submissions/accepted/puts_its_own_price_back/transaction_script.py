import sys
from decimal import Decimal
from sqlalchemy import create_engine, select, insert, func
from sqlalchemy.orm import Session, sessionmaker
from models import Base, Product

def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [r.id for r in rows]

def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        ids = [r.id for r in rows]
        session.rollback()
        return ids

def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        out = {"loaded": product.price}
        change_elsewhere()
        out["stale"] = product.price
        session.expire_all()
        out["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        out["after_refresh"] = product.price
        return out

def newest(engine):
    with Session(engine) as s:
        return s.scalars(select(Product).order_by(Product.id.desc())).first().id

def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(bind=engine)
    add_products(engine, [{"name": "Pan", "price": Decimal("0.45")}, {"name": "Quilt", "price": Decimal("1.99")}])
    try:
        add_products(engine, [{"name": "Rivet", "price": Decimal("0.30")}, {"id": newest(engine), "name": "Screw", "price": Decimal("0.60")}])
    except Exception:
        print("rolled back")
    target = newest(engine)
    prices = [Decimal("9.99"), Decimal("8.88")]
    def change():
        with engine.begin() as c:
            c.exec_driver_sql("UPDATE products SET price = ? WHERE id = ?", (float(prices.pop()), target))
    print(show_reloading(engine, target, change))
    # put the price of this run's product back
    with Session(engine) as s:
        s.get(Product, target).price = Decimal("1.99")
        s.commit()

if __name__ == "__main__":
    main(*sys.argv[1:2])
