import sys
from decimal import Decimal

from helpers import *
from models import Base, Product
from sqlalchemy import create_engine
from sqlalchemy.orm import Session


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": "Rope", "price": Decimal("5.55")}, {"name": "Hook", "price": Decimal("2.45")}])
    try:
        add_products(engine, [{"name": "Ring", "price": Decimal("1.35")}, {"id": ids[1], "name": "Pin", "price": Decimal("1.15")}])
    except Exception as error:
        print("nothing kept:", type(error).__name__)

    def change():
        with Session(engine) as other, other.begin():
            other.get(Product, ids[0]).price += Decimal("1.00")

    print(show_reloading(engine, ids[0], change))


if __name__ == "__main__":
    main(*sys.argv[1:])
