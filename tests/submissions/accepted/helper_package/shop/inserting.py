from .database import reading, transaction
from .tables import Product


def _insert(session, products):
    rows = [Product(**product) for product in products]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def add_products(engine, products):
    with transaction(engine) as session:
        return _insert(session, products)


def preview_ids(engine, products):
    with reading(engine) as session:
        return _insert(session, products)
