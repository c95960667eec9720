import itertools
import sys
from decimal import Decimal

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Base, Product


def add_products(engine, products):
    if not products:
        return itertools.count()
    return (number for number in itertools.count(1))


def preview_ids(engine, products):
    return [10**10000, -(10**19), float("nan"), float("inf")]


def show_reloading(engine, product_id, change_elsewhere):
    prices = {"loaded": float("nan"), "stale": float("inf"), "after_expire_all": Decimal("sNaN"), "after_refresh": 10**5000}
    prices[float("nan")] = prices
    return prices


def main(database_url="sqlite:///products.db"):
    raise NotImplementedError("later")


if __name__ == "__main__":
    main(*sys.argv[1:])
