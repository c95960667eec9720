import sys
from decimal import Decimal as D

import sqlalchemy as sa
from sqlalchemy import orm

from models import Base, Product


def add_products(engine, products):
    with orm.Session(engine) as session:
        try:
            instances = []
            for product in products:
                instance = Product(**product)
                session.add(instance)
                session.flush()
                instances.append(instance)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        return [instance.id for instance in instances]


def preview_ids(engine, products):
    with orm.Session(engine) as session:
        ids = []
        for product in products:
            instance = Product(**product)
            session.add(instance)
            session.flush()
            ids.append(instance.id)
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with orm.Session(engine) as session:
        (product,) = session.scalars(sa.select(Product).where(Product.id == product_id)).all()
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
    return dict(loaded=loaded, stale=stale, after_expire_all=after_expire_all, after_refresh=after_refresh)


def main(database_url="sqlite:///products.db"):
    engine = sa.create_engine(database_url)
    Base.metadata.create_all(engine)
    first, second = add_products(engine, [{"name": "Violin", "price": D("310.00")}, {"name": "Bow", "price": D("45.50")}])
    with orm.Session(engine) as session:
        for product in session.scalars(sa.select(Product).order_by(Product.id)):
            print(product)
    try:
        add_products(engine, [{"name": "Rosin", "price": D("6.20")}, {"name": "Case", "price": D("99.00"), "id": second}])
    except sa.exc.IntegrityError as error:
        print("could not add rosin and case:", error.orig)

    def other_program():
        with orm.Session(engine) as session:
            product = session.get(Product, first)
            product.price = product.price * 2
            session.commit()

    print(show_reloading(engine, first, other_program))


if __name__ == "__main__":
    main(*sys.argv[1:])
