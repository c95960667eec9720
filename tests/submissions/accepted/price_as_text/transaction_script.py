import sys
from decimal import Decimal as D

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from models import Base, Product

make_session = sessionmaker()


def add_products(engine, products):
    with make_session(bind=engine) as session, session.begin():
        added = []
        for fields in products:
            added.append(Product(**fields))
            session.add(added[-1])
        session.flush()
        return [product.id for product in added]


def preview_ids(engine, products):
    with make_session(bind=engine) as session:
        preview = [Product(**fields) for fields in products]
        session.add_all(preview)
        session.flush()
        ids = [product.id for product in preview]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    with make_session(bind=engine) as session:
        product = session.get(Product, product_id)
        out = {"loaded": product.price}
        change_elsewhere()
        out["stale"] = product.price
        session.expire_all()
        out["after_expire_all"] = product.price
        change_elsewhere()
        session.refresh(product)
        out["after_refresh"] = product.price
        return out


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Stamp", "price": D("0.85")}, {"name": "Envelope", "price": D("0.15")}])
    print("stored with ids", ids)
    try:
        add_products(engine, [{"name": "Card", "price": D("2.10")}, {"id": ids[1], "name": "Parcel", "price": D("4.99")}])
    except Exception as why:
        print("nothing stored, because:", why)

    amounts = [D("0.95"), D("1.05")]

    def new_postage():
        with make_session(bind=engine) as session:
            session.get(Product, ids[0]).price = amounts.pop(0)
            session.commit()

    print(show_reloading(engine, ids[0], new_postage))


if __name__ == "__main__":
    main(*sys.argv[1:2])
