import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from models import Base, Product


def make(product):
    match product:
        case {"id": int(number), "name": name, "price": price}:
            return Product(id=number, name=name, price=price)
        case {"name": name, "price": price}:
            return Product(name=name, price=price)
        case other:
            raise ValueError(f"not a product: {other!r}")


def add_products(engine, products):
    match products:
        case []:
            return []
        case [*every]:
            with Session(engine) as session:
                with session.begin():
                    rows = list(map(make, every))
                    session.add_all(rows)
                    session.flush()
                    return [number for row in rows for number in [row.id]]


def preview_ids(engine, products):
    with Session(engine) as session:
        rows = list(map(make, products))
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        session.rollback()
        return ids


def show_reloading(engine, product_id, change_elsewhere):
    prices = {}
    with Session(engine) as session:
        product = session.get(Product, product_id)
        for step in ("loaded", "stale", "after_expire_all", "after_refresh"):
            match step:
                case "stale":
                    change_elsewhere()
                case "after_expire_all":
                    session.expire_all()
                case "after_refresh":
                    change_elsewhere()
                    session.refresh(product)
            prices[step] = product.price
    return prices


def explain(error):
    match error:
        case IntegrityError():
            return "the database refuses the data"
        case OperationalError():
            return "the database is busy"
        case SQLAlchemyError():
            return "something else"


def main(database_url="sqlite:///products.db"):
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    match add_products(engine, [{"name": "Knight", "price": Decimal("7.31")}, {"name": "Rook", "price": Decimal("8.32")}]):
        case [knight, rook]:
            print(f"knight {knight}, rook {rook}")
    try:
        add_products(engine, [{"name": "Bishop", "price": Decimal("6.66")}, {"id": rook, "name": "Queen", "price": Decimal("9.99")}])
    except SQLAlchemyError as error:
        print("not added:", explain(error))

    def change():
        with Session(engine) as session:
            with session.begin():
                session.get(Product, knight).price += Decimal("1.11")

    match show_reloading(engine, knight, change):
        case {"loaded": old, "stale": same, **later} if old == same:
            print("stale indeed:", old, later)


if __name__ == "__main__":
    match sys.argv:
        case [_, url, *_]:
            main(url)
        case _:
            main()
