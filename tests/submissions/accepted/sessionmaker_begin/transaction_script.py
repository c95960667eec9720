"""Transactions with ``sessionmaker.begin()``."""

import sys
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

import models


def add_products(engine, products):
    """Insert everything or nothing."""
    with sessionmaker(engine).begin() as session:
        rows = [models.Product(**values) for values in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    return ids


def preview_ids(engine, products):
    """Which ids would the rows get?"""
    session = sessionmaker(engine)()
    try:
        rows = [models.Product(**values) for values in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]
    finally:
        session.rollback()
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    """Loaded, stale, expired, refreshed."""
    make_session = sessionmaker(bind=engine)
    with make_session() as session:
        product = session.execute(sa.select(models.Product).where(models.Product.id == product_id)).scalar_one()
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
    """One run of the exercise."""
    engine = sa.create_engine(database_url)
    models.Base.metadata.create_all(engine)
    first, second = add_products(
        engine,
        [dict(name="Umbrella", price=Decimal("14.95")), dict(name="Raincoat", price=Decimal("59.00"))],
    )
    print(f"Added products {first} and {second}.")
    try:
        add_products(
            engine,
            [dict(name="Boots", price=Decimal("44.00")), dict(id=second, name="Hat", price=Decimal("12.25"))],
        )
    except SQLAlchemyError as error:
        print(f"Rolled back: {error.__class__.__name__}")

    step = iter([Decimal("13.95"), Decimal("12.95")])

    def change():
        with sessionmaker(engine).begin() as elsewhere:
            elsewhere.execute(sa.update(models.Product).where(models.Product.id == first).values(price=next(step)))

    for moment, price in show_reloading(engine, first, change).items():
        print(f"{moment:>18}: {price}")
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
