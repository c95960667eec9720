import argparse
from decimal import Decimal
from pathlib import Path

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    def add(session):
        def build():
            for product in products:
                yield Product(**product)

        rows = list(build())
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]

    def atomically(work):
        with Session(engine) as session:
            try:
                result = work(session)
                session.commit()
            except:
                session.rollback()
                raise
            return result

    return atomically(add)


def preview_ids(engine, products):
    def flushed(session):
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]

    with Session(engine) as session:
        return flushed(session)


def show_reloading(engine, product_id, change_elsewhere):
    session = Session(engine)
    try:
        product = session.get(Product, product_id)

        def read():
            return product.price

        def after(*actions):
            for action in actions:
                action()
            return read()

        return {
            "loaded": read(),
            "stale": after(change_elsewhere),
            "after_expire_all": after(session.expire_all),
            "after_refresh": after(change_elsewhere, lambda: session.refresh(product)),
        }
    finally:
        session.close()


def main(database_url="sqlite:///products.db"):
    place = make_url(database_url).database
    print(f"{place} {'is there' if Path(place or '').is_file() else 'is new'}")
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Tent", "price": Decimal("189.00")}, {"name": "Peg", "price": Decimal("0.65")}])
    try:
        add_products(engine, [{"name": "Mat", "price": Decimal("24.40")}, {"name": "Stove", "price": Decimal("54.30"), "id": ids[0]}])
    except IntegrityError as error:
        print("as it should be:", error.orig)

    def change():
        with Session(engine) as session:
            with session.begin():
                session.get(Product, ids[0]).price -= 9

    for moment, price in show_reloading(engine, ids[0], change).items():
        print(f"| {moment:<18} | {price:>8} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database_url", nargs="?", default="sqlite:///products.db")
    main(**vars(parser.parse_args()))
