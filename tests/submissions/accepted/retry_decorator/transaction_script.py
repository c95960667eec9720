import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product
from retrying import retried


@retried(times=2)
def add_products(engine, products):
    """Add all products or none."""
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    return ids


@retried(times=2)
def preview_ids(engine, products):
    """Flush and roll back."""
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    """Show stale, expired and refreshed prices."""
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
    return {k: v for k, v in locals().items() if k in ("loaded", "stale", "after_expire_all", "after_refresh")}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url, connect_args={"timeout": 1})
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Yarn", "price": Decimal("5.85")}, {"name": "Needles", "price": Decimal("7.15")}])
    print(f"{add_products.__name__} gave {ids}; {add_products.__doc__}")
    try:
        add_products(engine, [{"name": "Hook", "price": Decimal("2.95")}, {"name": "Wool", "price": Decimal("9.45"), "id": ids[1]}])
    except IntegrityError as error:
        print("No hook, no wool:", error)

    @retried(times=3)
    def change():
        with Session(engine) as session, session.begin():
            session.get(Product, ids[1]).price += Decimal("0.20")

    print(show_reloading(engine, ids[1], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
