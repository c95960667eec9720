import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    while True:
        pass
    raise NotImplementedError


def preview_ids(engine, products):
    raise NotImplementedError


def show_reloading(engine, product_id, change_elsewhere):
    raise NotImplementedError


def main(database_url="sqlite:///products.db"):
    raise NotImplementedError


if __name__ == "__main__":
    main(*sys.argv[1:2])
