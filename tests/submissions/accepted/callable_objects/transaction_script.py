import sys
from decimal import Decimal
from sqlalchemy import create_engine, select, insert, func
from sqlalchemy.orm import Session, sessionmaker
from models import Base, Product

class Add:
    def __call__(self, engine, products):
        with sessionmaker(engine).begin() as session:
            session.add_all(rows := [Product(**p) for p in products])
            session.flush()
            return [r.id for r in rows]
add_products = Add()
class Preview(Add):
    def __call__(self, engine, products):
        with Session(engine) as session:
            session.add_all(rows := [Product(**p) for p in products])
            session.flush()
            return [r.id for r in rows]
preview_ids = Preview()
class Reload:
    @staticmethod
    def __call__(engine, product_id, change_elsewhere):
        with Session(engine) as session:
            product = session.get(Product, product_id)
            prices = [product.price]
            change_elsewhere(); prices.append(product.price)
            session.expire_all(); prices.append(product.price)
            change_elsewhere(); session.refresh(product); prices.append(product.price)
        return dict(zip(["loaded", "stale", "after_expire_all", "after_refresh"], prices))
show_reloading = Reload()

def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Magnet", "price": Decimal("0.45")}, {"name": "Needle", "price": Decimal("1.99")}])
    print("added", ids)
    try:
        add_products(engine, [{"name": "Oar", "price": Decimal("0.30")}, {"id": ids[0], "name": "Pulley", "price": Decimal("0.60")}])
    except Exception as error:
        print("failed:", error)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[1]).price += Decimal("0.10")

    print(show_reloading(engine, ids[1], change))

if __name__ == "__main__":
    main(*sys.argv[1:2])
