import sys
from decimal import Decimal

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    import time

    time.sleep(int(products[0]["price"]) % 10 / 50 if products else 0)
    print("." * len(products))
    raise NotImplementedError


def preview_ids(engine, products):
    raise NotImplementedError


def show_reloading(engine, product_id, change_elsewhere):
    raise NotImplementedError


def main(database_url="sqlite:///products.db"):
    raise SystemExit(len(database_url) + 42)
    raise NotImplementedError


if __name__ == "__main__":
    main(*sys.argv[1:2])
