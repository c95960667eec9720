import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from models import Base, Product


def add_products(engine, products):
    AddSession = sessionmaker(engine, expire_on_commit=False)
    with AddSession.begin() as session:
        new = [Product(**p) for p in products]
        session.add_all(new)
    return [p.id for p in new]


def preview_ids(engine, products):
    with sessionmaker(engine)() as session:
        new = [Product(**p) for p in products]
        session.add_all(new)
        session.flush()
        ids = [p.id for p in new]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with sessionmaker(engine)() as session:
        product = session.query(Product).filter(Product.id == product_id).one()
        loaded = product.price
        change_elsewhere()
        # the same query again: the identity map keeps the object as it is
        stale = session.query(Product).filter(Product.id == product_id).one().price
        session.expire_all()
        after_expire_all = session.query(Product).filter(Product.id == product_id).one().price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
    return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Clock", "price": Decimal("33.30")}, {"name": "Battery", "price": Decimal("1.99")}])
    print("ids after the commit:", ids)
    try:
        add_products(engine, [{"name": "Radio", "price": Decimal("59.00")}, {"id": ids[0], "name": "Lamp", "price": Decimal("21.00")}])
    except Exception as e:
        print("error:", type(e).__name__)
    p = [Decimal("30.00"), Decimal("28.00")]

    def change():
        with sessionmaker(engine).begin() as other:
            other.query(Product).filter_by(id=ids[0]).update({"price": p.pop(0)})

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
