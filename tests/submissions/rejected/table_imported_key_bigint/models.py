"""Imperative (classical) mapping."""

from sqlalchemy import BigInteger, Column, Numeric, String, Table
from sqlalchemy.orm import registry

Base = registry()

products = Table(
    "products",
    Base.metadata,
    Column("id", BigInteger, primary_key=True),
    Column("name", String(60), nullable=False),
    Column("price", Numeric(10, 2), nullable=False),
)


class Product:
    def __init__(self, name, price, id=None):
        self.name = name
        self.price = price
        if id is not None:
            self.id = id


Base.map_imperatively(Product, products)
