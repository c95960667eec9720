import sys
from contextlib import closing
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with closing(Session(engine)) as session:
        try:
            rows = [Product(**p) for p in products]
            session.add_all(rows)
            session.flush()
            ids = [row.id for row in rows]
            session.commit()
        except Exception:
            session.rollback()
            raise
        return ids


def preview_ids(engine, products):
    with closing(Session(engine)) as session:
        rows = [Product(**p) for p in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def show_reloading(engine, product_id, change_elsewhere):
    with closing(Session(engine)) as session:
        product = session.execute(select(Product).filter_by(id=product_id)).scalars().one()
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product, with_for_update=False)
        return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": product.price}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Violin", "price": Decimal("450.00")}, {"name": "Bow", "price": Decimal("85.50")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Case", "price": Decimal("60.00")}, {"id": ids[1], "name": "Rosin", "price": Decimal("7.00")}])
    except Exception as error:
        print("refused", error)

    def change():
        with closing(Session(engine)) as session:
            session.get(Product, ids[1]).price += Decimal("1.50")
            session.commit()

    print(show_reloading(engine, ids[1], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
