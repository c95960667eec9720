"""All errors of a list at once: the caller learns of every row that is wrong, and nothing is stored."""

import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import Base, Product


def try_each(session, products):
    rows, errors = [], []
    for product in products:
        row = Product(**product)
        try:
            with session.begin_nested():
                session.add(row)
        except SQLAlchemyError as error:
            error.add_note(f"while adding number {len(rows) + len(errors) + 1} of {len(products)}")
            errors.append(error)
        else:
            rows.append(row)
    return rows, errors


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        # pysqlite begins no transaction for a savepoint, so it is begun here
        session.connection().exec_driver_sql("BEGIN")
        rows, errors = try_each(session, products)
        if errors:
            raise ExceptionGroup("not stored", errors)
        return [row.id for row in rows]


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get_one(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        return {
            "loaded": loaded,
            "stale": stale,
            "after_expire_all": after_expire_all,
            "after_refresh": product.price,
        }


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Hinge", "price": Decimal("1.15")}, {"name": "Screw", "price": Decimal("0.05")}])
    try:
        add_products(engine, [{"name": "Nail", "price": Decimal("0.02")}, {"name": "Bolt", "price": Decimal("0.45"), "id": ids[0]}])
    except* SQLAlchemyError as group:
        for error in group.exceptions:
            print(error, *error.__notes__, sep="\n  ")

    def change():
        with Session(engine) as session, session.begin():
            session.get_one(Product, ids[0]).price += Decimal("0.01")

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
