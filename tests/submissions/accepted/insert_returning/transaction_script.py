"""Bulk insert with RETURNING."""

import sys
from decimal import Decimal

from sqlalchemy import create_engine, insert, select, update
from sqlalchemy.orm import Session

from models import Base, Product

INSERT = insert(Product).returning(Product.id, sort_by_parameter_order=True)


def add_products(engine, products):
    if not products:  # an empty list would insert a row of defaults
        return []
    with Session(engine) as session, session.begin():
        return list(session.scalars(INSERT, products))


def preview_ids(engine, products):
    if not products:
        return []
    with Session(engine) as session:
        ids = session.scalars(INSERT, products).all()
        session.rollback()
        return list(ids)


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.scalars(select(Product).filter_by(id=product_id)).one()
        report = {"loaded": product.price}
        change_elsewhere()
        report |= {"stale": product.price}
        session.expire_all()
        report |= {"after_expire_all": product.price}
        change_elsewhere()
        session.refresh(product)
        return report | {"after_refresh": product.price}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(
        engine,
        [{"name": "Bicycle", "price": Decimal("520.00")}, {"name": "Bell", "price": Decimal("6.95")}],
    )
    print(f"{ids=}")
    try:
        add_products(
            engine,
            [{"name": "Pump", "price": Decimal("17.50")}, {"name": "Lock", "price": Decimal("29.00"), "id": ids[0]}],
        )
    except Exception as error:
        print(f"{error=}")

    prices = [Decimal("510.00"), Decimal("505.00")]

    def change():
        with Session(engine) as session, session.begin():
            session.execute(update(Product).filter_by(id=ids[0]).values(price=prices.pop(0)))

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
