import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
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
        product = session.scalars(select(Product).where(Product.id == product_id).limit(1)).first()
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": product.price}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Ticket", "price": Decimal("8.50")}, {"name": "Popcorn", "price": Decimal("4.75")}])
    try:
        add_products(engine, [{"name": "Nachos", "price": Decimal("5.25")}, {"name": "Cola", "price": Decimal("3.00"), "id": ids[0]}])
    except IntegrityError:
        print("nothing was added")

    def change():
        with Session(engine) as session, session.begin():
            session.get(Product, ids[0]).price += Decimal("0.50")

    print(show_reloading(engine, ids[0], change))

    # two programs change the same row: the later one is told, and changes nothing
    with Session(engine) as slow:
        ticket = slow.get(Product, ids[0])
        price = ticket.price
        change()
        ticket.price = price * 2
        try:
            slow.commit()
        except StaleDataError as error:
            slow.rollback()
            print("too late:", error)


if __name__ == "__main__":
    main(*sys.argv[1:2])
