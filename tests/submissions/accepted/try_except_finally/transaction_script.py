import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from models import Base, Product


def add_products(engine, products):
    Session = sessionmaker(bind=engine)
    session = Session()
    try:
        objects = []
        for p in products:
            obj = Product(**p)
            session.add(obj)
            objects.append(obj)
        session.commit()
        # after commit the objects are expired, reading the id loads them again
        return [obj.id for obj in objects]
    except:
        session.rollback()   # undo everything
        raise                # and tell the caller
    finally:
        session.close()


def preview_ids(engine, products):
    Session = sessionmaker(bind=engine)
    session = Session()
    try:
        objects = [Product(**p) for p in products]
        session.add_all(objects)
        session.flush()      # the database gives the ids here
        ids = [obj.id for obj in objects]
        session.rollback()   # but nothing is kept
        return ids
    finally:
        session.close()


def show_reloading(engine, product_id, change_elsewhere):
    Session = sessionmaker(bind=engine)
    session = Session()
    try:
        product = session.query(Product).filter_by(id=product_id).first()
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
        return {
            'loaded': loaded,
            'stale': stale,
            'after_expire_all': after_expire_all,
            'after_refresh': after_refresh,
        }
    finally:
        session.close()


def main(database_url='sqlite:///products.db'):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    print('1. adding two products')
    ids = add_products(engine, [
        {'name': 'Laptop', 'price': Decimal('999.99')},
        {'name': 'Mouse', 'price': Decimal('19.99')},
    ])
    print('   ids:', ids)

    print('2. adding two more, the second one has an id that is taken')
    try:
        add_products(engine, [
            {'name': 'Keyboard', 'price': Decimal('49.99')},
            {'id': ids[0], 'name': 'Monitor', 'price': Decimal('199.99')},
        ])
    except Exception as e:
        print('   Error:', e)

    print('3. reloading')
    new_prices = [Decimal('899.99'), Decimal('799.99')]

    def change_elsewhere():
        second = sessionmaker(bind=engine)()
        try:
            p = second.query(Product).filter_by(id=ids[0]).one()
            p.price = new_prices.pop(0)
            second.commit()
        finally:
            second.close()

    print('  ', show_reloading(engine, ids[0], change_elsewhere))


if __name__ == '__main__':
    main(*sys.argv[1:])
