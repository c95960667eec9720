# Exercise: transactions, by Youssef
import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from models import Base, Product


def add_products(engine, products):
    Session = sessionmaker(bind=engine)
    session = Session()
    try:
        new = []
        for p in products:
            product = Product(**p)
            session.add(product)
            new.append(product)
        session.flush()
        ids = [product.id for product in new]
        session.commit()
        return ids
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()


def preview_ids(engine, products):
    Session = sessionmaker(bind=engine)
    session = Session()
    try:
        new = [Product(**p) for p in products]
        session.add_all(new)
        session.flush()
        return [product.id for product in new]
    finally:
        session.rollback()
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    Session = sessionmaker(bind=engine)
    session = Session()
    try:
        product = session.query(Product).filter(Product.id == product_id).one()
        result = {'loaded': product.price}
        change_elsewhere()
        result['stale'] = product.price
        session.expire_all
        result['after_expire_all'] = product.price
        change_elsewhere()
        session.refresh(product)
        result['after_refresh'] = product.price
        return result
    finally:
        session.close()


def main(database_url='sqlite:///products.db'):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    # 1) two products
    ids = add_products(engine, [
        {'name': 'Clay', 'price': Decimal('9.25')},
        {'name': 'Glaze', 'price': Decimal('14.35')},
    ])
    print('1)', ids)

    # 2) two more, the second has the id of the first one
    try:
        add_products(engine, [
            {'name': 'Kiln', 'price': Decimal('990.00')},
            {'name': 'Wheel', 'price': Decimal('415.00'), 'id': ids[0]},
        ])
    except Exception as e:
        print('2)', type(e).__name__)

    # 3) reloading
    def change_elsewhere():
        other = sessionmaker(bind=engine)()
        try:
            p = other.query(Product).filter(Product.id == ids[1]).one()
            p.price = p.price + 1
            other.commit()
        finally:
            other.close()

    print('3)', show_reloading(engine, ids[1], change_elsewhere))


if __name__ == '__main__':
    main(*sys.argv[1:])
