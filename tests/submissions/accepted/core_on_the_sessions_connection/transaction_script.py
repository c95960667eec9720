import sys
from decimal import Decimal
from sqlalchemy import create_engine, select, insert, func
from sqlalchemy.orm import Session, sessionmaker
from models import Base, Product

def _go(session, products):
    conn = session.connection()
    ids = []
    for p in products:
        ids.append(conn.execute(Product.__table__.insert().values(**p)).inserted_primary_key[0])
    return ids

def add_products(engine, products):
    with Session(engine) as session, session.begin():
        return _go(session, products)

def preview_ids(engine, products):
    with Session(engine) as session:
        return _go(session, products)

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

def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Urn", "price": Decimal("0.45")}, {"name": "Valve", "price": Decimal("1.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Wrench", "price": Decimal("0.30")}, {"id": ids[0], "name": "Yarn", "price": Decimal("0.60")}])
    except Exception as error:
        print("failed:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[1]).price += Decimal("0.10")

    print(show_reloading(engine, ids[1], change))

if __name__ == "__main__":
    main(*sys.argv[1:2])
