import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Base, Product


def check(session, products):
    for product in products:
        if product.get("name") is None:
            raise ValueError(f"a product needs a name: {product}")
        if product.get("price") is None:
            raise ValueError(f"a product needs a price: {product}")
    wanted = [product["id"] for product in products if "id" in product]
    taken = session.scalars(select(Product.id).where(Product.id.in_(wanted))).all()
    if taken:
        raise ValueError(f"these ids are taken: {taken}")


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        check(session, products)
        new = [Product(**product) for product in products]
        session.add_all(new)
        session.flush()
        return [product.id for product in new]


def preview_ids(engine, products):
    with Session(engine) as session:
        check(session, products)
        new = [Product(**product) for product in products]
        session.add_all(new)
        session.flush()
        ids = [product.id for product in new]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
    return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Ladder", "price": Decimal("65.00")}, {"name": "Bucket", "price": Decimal("4.95")}])
    print("stored", ids)
    try:
        add_products(engine, [{"name": "Brush", "price": Decimal("3.75")}, {"id": ids[0], "name": "Paint", "price": Decimal("28.00")}])
    except ValueError as error:
        print("not stored:", error)

    def change():
        with Session(engine) as session:
            session.get(Product, ids[0]).price += Decimal("2.50")
            session.commit()

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
