import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Base, Product


def state_of(obj):
    state = inspect(obj)
    for name in ("transient", "pending", "persistent", "deleted", "detached"):
        if getattr(state, name):
            return name + (f", expired: {sorted(state.expired_attributes)}" if state.expired_attributes else "")


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        print("  made:   ", *map(state_of, rows))
        session.add_all(rows)
        print("  added:  ", *map(state_of, rows))
        session.flush()
        print("  flushed:", *map(state_of, rows))
        return [inspect(row).identity[0] for row in rows]


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [inspect(row).identity[0] for row in rows]
        session.rollback()
        print("  rolled back:", *map(state_of, rows))
    return ids


def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        product = session.get(Product, product_id, populate_existing=True)
        loaded = product.price
        change_elsewhere()
        print("  after the change:", state_of(product))
        stale = product.price
        session.expire_all()
        print("  after expire_all:", state_of(product))
        after_expire_all = product.price
        print("  after reading:   ", state_of(product))
        change_elsewhere()
        session.refresh(product)
        print("  after refresh:   ", state_of(product))
        after_refresh = product.price
        assert product in session and not session.dirty and not session.new
    return {"loaded": loaded, "stale": stale, "after_expire_all": after_expire_all, "after_refresh": after_refresh}


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    if not inspect(engine).has_table(Product.__tablename__):
        print("creating the table")
        Base.metadata.create_all(engine)
    print([column["name"] for column in inspect(engine).get_columns("products")])
    ids = add_products(engine, [{"name": "Microscope", "price": Decimal("149.00")}, {"name": "Slide", "price": Decimal("0.35")}])
    try:
        add_products(engine, [{"name": "Lens", "price": Decimal("27.50")}, {"name": "Mirror", "price": Decimal("9.05"), "id": ids[0]}])
    except IntegrityError as error:
        print("  failed:", error.orig)
    with Session(engine) as session:
        print("rows:", session.scalar(select(func.count()).select_from(Product)))

    def change_elsewhere():
        with Session(engine) as session:
            product = session.get(Product, ids[1])
            product.price += Decimal("0.05")
            print("  elsewhere:", inspect(product).attrs.price.history)
            session.commit()

    print(show_reloading(engine, ids[1], change_elsewhere))


if __name__ == "__main__":
    main(*sys.argv[1:2])
