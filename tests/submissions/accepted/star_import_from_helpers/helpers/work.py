from sqlalchemy.orm import Session

from models import Product


def put(session, products):
    rows = [Product(**product) for product in products]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def add(engine, products):
    with Session(engine) as session, session.begin():
        return put(session, products)


def preview(engine, products):
    with Session(engine) as session:
        try:
            return put(session, products)
        finally:
            session.rollback()


def reload(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id)
        seen = [("loaded", product.price)]
        change_elsewhere()
        seen.append(("stale", product.price))
        session.expire_all()
        seen.append(("after_expire_all", product.price))
        change_elsewhere()
        session.refresh(product)
        seen.append(("after_refresh", product.price))
        return dict(seen)
