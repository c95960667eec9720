import sys
from decimal import Decimal
from sqlalchemy import create_engine, select, insert, func
from sqlalchemy.orm import Session, sessionmaker
from models import Base, Product

class Shop:
    """Active-record like service; a context manager by itself."""
    def __init__(self, engine, *, dry=False):
        self.session = Session(engine)
        self.dry = dry
    def __enter__(self):
        return self
    def __exit__(self, kind, value, tb):
        try:
            if kind is None and not self.dry:
                self.session.commit()
            else:
                self.session.rollback()
        except BaseException:
            self.session.rollback()
            raise
        finally:
            self.session.close()
        return False
    def put(self, products):
        made = []
        for p in products:
            product = Product()
            for key, value in p.items():
                setattr(product, key, value)
            self.session.add(product)
            self.session.flush([product]) if False else self.session.flush()
            made.append(product.id)
        return made

def add_products(engine, products):
    with Shop(engine) as shop:
        return shop.put(products)

def preview_ids(engine, products):
    with Shop(engine, dry=True) as shop:
        return shop.put(products)

def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
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
    ids = add_products(engine, [{"name": "Tongs", "price": Decimal("0.45")}, {"name": "Umbra", "price": Decimal("1.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Vice", "price": Decimal("0.30")}, {"id": ids[0], "name": "Wedge", "price": Decimal("0.60")}])
    except Exception as error:
        print("failed:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[1]).price += Decimal("0.10")

    print(show_reloading(engine, ids[1], change))

if __name__ == "__main__":
    main(*sys.argv[1:2])
