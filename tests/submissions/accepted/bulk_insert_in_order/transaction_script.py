import sys
from decimal import Decimal
from sqlalchemy import create_engine, select, insert, func
from sqlalchemy.orm import Session, sessionmaker
from models import Base, Product

def _insert(session, products):
    if not products:
        return []
    stmt = insert(Product).returning(Product.id, sort_by_parameter_order=True)
    return list(session.scalars(stmt, products))

def add_products(engine, products):
    with sessionmaker(engine, expire_on_commit=False).begin() as session:
        return _insert(session, products)

def preview_ids(engine, products):
    session = Session(engine)
    try:
        return _insert(session, products)
    finally:
        session.rollback()
        session.close()

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
    ids = add_products(engine, [{"name": "Inkwell", "price": Decimal("0.45")}, {"name": "Jug", "price": Decimal("1.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Keyring", "price": Decimal("0.30")}, {"id": ids[0], "name": "Lathe", "price": Decimal("0.60")}])
    except Exception as error:
        print("failed:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[1]).price += Decimal("0.10")

    print(show_reloading(engine, ids[1], change))

if __name__ == "__main__":
    main(*sys.argv[1:2])
