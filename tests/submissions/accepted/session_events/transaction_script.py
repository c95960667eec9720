import sys
from decimal import Decimal

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from models import Base, Product

events = []


@event.listens_for(Session, "after_begin")
def began(session, transaction, connection):
    events.append("begin")


@event.listens_for(Session, "after_flush")
def flushed(session, context):
    events.append(f"flush {len(session.new)}")


@event.listens_for(Session, "after_commit")
def committed(session):
    events.append("commit")


@event.listens_for(Session, "after_rollback")
def rolled_back(session):
    events.append("rollback")


@event.listens_for(Product, "refresh")
def refreshed(product, context, names):
    events.append("reload")


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
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
    ids = add_products(engine, [{"name": "Seeds", "price": Decimal("1.95")}, {"name": "Spade", "price": Decimal("26.00")}])
    print("added", ids, events)
    events.clear()
    try:
        add_products(engine, [{"name": "Rake", "price": Decimal("19.00")}, {"name": "Hoe", "price": Decimal("18.00"), "id": ids[1]}])
    except Exception as error:
        print("failed", type(error).__name__, events)
    events.clear()

    def change():
        with Session(engine) as session:
            session.get(Product, ids[0]).price += Decimal("0.05")
            session.commit()

    print(show_reloading(engine, ids[0], change), events)


if __name__ == "__main__":
    main(*sys.argv[1:2])
