import sys
from decimal import Decimal

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    with Session(engine) as session:
        session.execute(text("INSERT INTO products SELECT * FROM products WHERE 0"))
        raise ValueError("these cannot be stored")


def preview_ids(engine, products):
    raise NotImplementedError("later")


def show_reloading(engine, product_id, change_elsewhere):
    raise NotImplementedError("later")


def main(database_url="sqlite:///products.db"):
    raise NotImplementedError("later")


if __name__ == "__main__":
    main(*sys.argv[1:])
