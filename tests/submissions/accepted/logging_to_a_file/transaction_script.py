import logging
import sys
import warnings
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import Base, Product

log = logging.getLogger("products")


def set_up_logging():
    handler = logging.FileHandler("products.log", mode="a", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.captureWarnings(True)


def add_products(engine, products):
    session = Session(engine)
    try:
        if not products:
            warnings.warn("nothing to add", stacklevel=2)
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.commit()
    except SQLAlchemyError:
        log.exception("adding %d products failed", len(products))
        session.rollback()
        raise
    else:
        log.info("added %s", ids)
        return ids
    finally:
        session.close()


def preview_ids(engine, products):
    session = Session(engine)
    try:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    finally:
        session.rollback()
        session.close()
    log.info("would be %s", ids)
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    prices = {}
    with Session(engine) as session:
        product = session.get(Product, product_id)

        def note(moment):
            prices[moment] = product.price
            log.info("%s: %s", moment, prices[moment])

        note("loaded")
        change_elsewhere()
        note("stale")
        session.expire_all()
        note("after_expire_all")
        change_elsewhere()
        session.refresh(product)
        note("after_refresh")
    return prices


def main(database_url="sqlite:///products.db"):
    set_up_logging()
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    warnings.warn("this is an exercise, no shop", UserWarning)
    ids = add_products(engine, [
        {"name": "Toaster", "price": Decimal("29.99")},
        {"name": "Blender", "price": Decimal("44.99")},
    ])
    try:
        add_products(engine, [
            {"name": "Juicer", "price": Decimal("64.99")},
            {"name": "Grill", "price": Decimal("89.99"), "id": ids[1]},
        ])
    except SQLAlchemyError as error:
        log.warning("as was to be expected: %s", error)

    def sale():
        with Session(engine) as session, session.begin():
            session.get(Product, ids[1]).price -= Decimal("4.50")

    show_reloading(engine, ids[1], sale)
    print("see products.log")


if __name__ == "__main__":
    main(*sys.argv[1:2])
