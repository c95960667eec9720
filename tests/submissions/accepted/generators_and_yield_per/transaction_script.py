import sys
from decimal import Decimal
from itertools import count

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Base, Product


def built(products):
    for product in products:
        yield Product(**product)


def inserted(session, products):
    """Yield each product once the database has given it an id."""
    for row in built(products):
        session.add(row)
        session.flush()
        yield row


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        return [row.id for row in inserted(session, products)]


def preview_ids(engine, products):
    with Session(engine) as session:
        return list(row.id for row in inserted(session, products))
        # leaving the block closes the session, and that rolls back


def moments(session, product, change_elsewhere):
    yield "loaded", product.price
    change_elsewhere()
    yield "stale", product.price
    session.expire_all()
    yield "after_expire_all", product.price
    change_elsewhere()
    session.refresh(product)
    yield "after_refresh", product.price


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        return dict(moments(session, product, change_elsewhere))


def catalogue(engine):
    with Session(engine) as session:
        for product in session.scalars(select(Product).execution_options(yield_per=10)):
            yield product.id, product.name, product.price


def print_catalogue(engine):
    for number, name, price in catalogue(engine):
        print(f"{number:>4} | {name:<20} | {price:>8}")


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Anchor", "price": Decimal("88.80")}, {"name": "Rope", "price": Decimal("14.25")}])
    print_catalogue(engine)
    try:
        add_products(engine, [{"name": "Sail", "price": Decimal("450.00")}, {"name": "Mast", "price": Decimal("700.00"), "id": ids[0]}])
    except Exception as exc:
        print("!!", exc)
    print_catalogue(engine)
    steps = count(1)

    def storm():
        with Session(engine) as session, session.begin():
            session.get(Product, ids[0]).price = Decimal("88.80") + 10 * next(steps)

    for name, price in show_reloading(engine, ids[0], storm).items():
        print(name, price)


if __name__ == "__main__":
    main(*sys.argv[1:2])
