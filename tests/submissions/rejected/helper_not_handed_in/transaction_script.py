# Chapter 10 exercise - Quentin
import sys
from decimal import Decimal
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from models import Base, Product
from my_settings import DEBUG


def add_products(engine, products):
    Session = sessionmaker(bind=engine)
    session = Session()
    try:
        new_products = []
        for p in products:
            new_product = Product(**p)
            session.add(new_product)
            new_products.append(new_product)
        session.flush()
        ids = [p.id for p in new_products]
        session.commit()  # commit the transaction
        return ids
    except:
        session.rollback()  # rollback in case of error
        raise
    finally:
        session.close()


def preview_ids(engine, products):
    Session = sessionmaker(bind=engine)
    session = Session()
    try:
        new_products = [Product(**p) for p in products]
        session.add_all(new_products)
        session.flush()
        ids = [p.id for p in new_products]
        session.rollback()
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
        stale = product.price          # still the old price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        after_refresh = product.price
        return {'loaded': loaded, 'stale': stale, 'after_expire_all': after_expire_all, 'after_refresh': after_refresh}
    finally:
        session.close()


def main(database_url='sqlite:///products.db'):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)

    # 1. two new products
    add_products(engine, [
        {'name': 'Garden hose', 'price': Decimal('21.35')},
        {'name': 'Jacket', 'price': Decimal('89.90')},
    ])
    Session = sessionmaker(bind=engine)
    session = Session()
    newest = session.query(Product).order_by(Product.id.desc()).first()
    last_id = newest.id if newest else 1
    session.close()
    print('last id is', last_id)

    # 2. this one fails because the id is taken
    try:
        add_products(engine, [
            {'name': 'Mirror', 'price': Decimal('31.60')},
            {'id': last_id, 'name': 'Backpack', 'price': Decimal('49.90')},
        ])
    except Exception as e:
        print('Error:', e)

    # 3. reloading
    def change_elsewhere():
        other = Session()
        p = other.query(Product).filter_by(id=last_id).first()
        p.price = p.price + 1
        other.commit()
        other.close()

    print(show_reloading(engine, last_id, change_elsewhere))


if __name__ == '__main__':
    main(*sys.argv[1:])
