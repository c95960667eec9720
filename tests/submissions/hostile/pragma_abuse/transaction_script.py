import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def preview_ids(engine, products):
    raw = engine.raw_connection().dbapi_connection
    for sql in (
        'PRAGMA hard_heap_limit = 1000',
        'PRAGMA soft_heap_limit = 1000',
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA data_store_directory = '/tmp'",
        'PRAGMA mmap_size = 1099511627776',
        'PRAGMA cache_size = -100000000',
        'PRAGMA page_size = 65536',
        'PRAGMA max_page_count = 1',
        'PRAGMA journal_mode = WAL',
        'PRAGMA journal_mode = OFF',
        'PRAGMA journal_size_limit = 0',
        'PRAGMA locking_mode = EXCLUSIVE',
        'PRAGMA busy_timeout = 2147483647',
        'PRAGMA secure_delete = ON',
        'PRAGMA ignore_check_constraints = ON',
        'PRAGMA recursive_triggers = ON',
        'PRAGMA trusted_schema = ON',
        'PRAGMA cell_size_check = OFF',
        'PRAGMA query_only = ON',
        'PRAGMA read_uncommitted = ON',
        'PRAGMA threads = 64',
        'PRAGMA wal_autocheckpoint = 0',
        'PRAGMA integrity_check',
        'PRAGMA main.hard_heap_limit = 1',
        "PRAGMA encoding = 'UTF-16'",
        'PRAGMA auto_vacuum = FULL',
        'PRAGMA shrink_memory',
        'SELECT * FROM pragma_hard_heap_limit(1)',
        'SELECT hard_heap_limit FROM pragma_hard_heap_limit',
    ):
        try:
            print(sql[:60], raw.execute(sql).fetchmany(3))
        except Exception as error:
            print(sql[:60], type(error).__name__, str(error)[:100])
    raw.rollback()
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
