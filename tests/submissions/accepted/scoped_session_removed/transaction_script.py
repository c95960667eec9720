import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.orm import scoped_session, sessionmaker

from models import Base, Product


def registry_for(engine):
    """One session for each thread, as in a small web application."""
    return scoped_session(sessionmaker(bind=engine))


def add_products(engine, products):
    db = registry_for(engine)
    try:
        created = []
        for values in products:
            product = Product(**values)
            db.add(product)
            created.append(product)
        db.flush()
        ids = [product.id for product in created]
        db.commit()
        return ids
    except Exception:
        db.rollback()
        raise
    finally:
        db.remove()


def preview_ids(engine, products):
    db = registry_for(engine)
    try:
        created = [Product(**values) for values in products]
        db.add_all(created)
        db.flush()
        return [product.id for product in created]
    finally:
        db.rollback()
        db.remove()


def show_reloading(engine, product_id, change_elsewhere):
    db = registry_for(engine)
    try:
        product = db.get(Product, product_id)
        prices = {"loaded": product.price}
        change_elsewhere()
        prices["stale"] = product.price
        db.expire_all()
        prices["after_expire_all"] = product.price
        change_elsewhere()
        db.refresh(product)
        prices["after_refresh"] = product.price
        return prices
    finally:
        db.remove()


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    a, b = add_products(
        engine,
        [{"name": "Tent", "price": Decimal("189.00")}, {"name": "Stove", "price": Decimal("45.25")}],
    )
    print("added", a, b)
    try:
        add_products(
            engine,
            [{"name": "Lamp", "price": Decimal("15.00")}, {"id": a, "name": "Rope", "price": Decimal("9.00")}],
        )
    except Exception as error:
        print("the second pair failed and left nothing:", error.__class__.__name__)

    def elsewhere():
        other = registry_for(engine)
        other.get(Product, b).price += 1
        other.commit()
        other.remove()

    print(show_reloading(engine, b, elsewhere))
    db = registry_for(engine)
    print("all products:", db.scalars(select(Product.name).order_by(Product.id)).all())
    db.remove()


if __name__ == "__main__":
    main(*sys.argv[1:2])
