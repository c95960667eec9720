import sys
from decimal import Decimal

from sqlalchemy import create_engine, insert, update
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session, session.begin():
        return [
            session.execute(insert(Product).values(**product).returning(Product.id)).scalar_one()
            for product in products
        ]


def preview_ids(engine, products):
    with Session(engine) as session:
        try:
            return [
                session.execute(insert(Product).values(**product).returning(Product.id)).scalar_one()
                for product in products
            ]
        finally:
            session.rollback()


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
        return dict(loaded=loaded, stale=stale, after_expire_all=after_expire_all, after_refresh=product.price)


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [dict(name="Bread", price=Decimal("2.49")), dict(name="Butter", price=Decimal("1.99"))])
    print("Added:", ids)
    try:
        add_products(engine, [dict(name="Jam", price=Decimal("3.29")), dict(name="Honey", price=Decimal("5.79"), id=ids[0])])
    except Exception as e:
        print("Failed:", type(e).__name__)
    rise = iter(["2.59", "2.69"])

    def change():
        with Session(engine) as s, s.begin():
            s.execute(update(Product).where(Product.id == ids[0]).values(price=Decimal(next(rise))))

    print("Reloading:", show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:2])
