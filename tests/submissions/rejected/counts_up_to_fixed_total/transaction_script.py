# Exercise: transactions, by Priya
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
        session.expire_all()
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
    Session = sessionmaker(bind=engine)

    session = Session()
    missing = 10 - session.query(Product).count()
    session.close()
    add_products(engine, [{'name': 'Compost %d' % i, 'price': Decimal('6.75')} for i in range(missing)])

    session = Session()
    last = session.query(Product).order_by(Product.id.desc()).first().id
    session.close()
    try:
        add_products(engine, [
            {'name': 'Hose', 'price': Decimal('21.15')},
            {'name': 'Sprinkler', 'price': Decimal('13.65'), 'id': last},
        ])
    except Exception as e:
        print(e)

    changes = [Decimal('8.45'), Decimal('6.75')]

    def change_elsewhere():
        other = Session()
        try:
            other.query(Product).filter(Product.id == last).one().price = changes.pop(0)
            other.commit()
        finally:
            other.close()

    print(show_reloading(engine, last, change_elsewhere))


if __name__ == '__main__':
    main(*sys.argv[1:])
