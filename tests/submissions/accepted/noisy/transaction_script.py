import logging
import sys
import traceback
import warnings
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product

logging.basicConfig(level=logging.DEBUG)
logging.getLogger("sqlalchemy.pool").setLevel(logging.DEBUG)
log = logging.getLogger(__name__)

print("transaction_script is being imported", file=sys.stderr)


def add_products(engine, products):
    print("add_products called with", products)
    warnings.warn("adding products", stacklevel=2)
    with Session(engine) as session:
        try:
            rows = []
            for p in products:
                log.debug("adding %r", p)
                row = Product(**p)
                session.add(row)
                rows.append(row)
            log.info("flushing")
            session.flush()
            ids = [row.id for row in rows]
            log.info("committing %s", ids)
            session.commit()
            print("OK!!!", ids)
            return ids
        except Exception:
            traceback.print_exc()
            log.exception("rolling back")
            session.rollback()
            raise


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        print("these would be the ids:", ids)
        log.warning("rolling back on purpose")
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        print("loaded:", product.price)
        loaded = product.price
        change_elsewhere()
        print("still:", product.price)
        stale = product.price
        session.expire_all()
        print("after expire_all:", product.price)
        after_expire_all = product.price
        change_elsewhere()
        print("not refreshed yet:", product.price)
        session.refresh(product)
        print("after refresh:", product.price)
        return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": product.price}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url, echo=True, echo_pool="debug")
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Whistle", "price": Decimal("2.00")}, {"name": "Horn", "price": Decimal("17.30")}])
    try:
        add_products(engine, [{"name": "Bell", "price": Decimal("8.00")}, {"id": ids[0], "name": "Gong", "price": Decimal("120.00")}])
    except Exception:
        traceback.print_exc()
        print("that was expected", file=sys.stderr)
    new = iter([Decimal("2.10"), Decimal("2.20")])

    def change():
        with Session(engine) as other:
            other.get(Product, ids[0]).price = next(new)
            other.commit()

    print(show_reloading(engine, ids[0], change))
    warnings.warn("the end", ResourceWarning, stacklevel=1)


if __name__ == "__main__":
    main(*sys.argv[1:2])
