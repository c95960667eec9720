"""What the shop sells, as a table. This is task 1."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """The declarative base: `Base.metadata` knows every table of the program."""


class Product:
    """TODO 1: make this a mapped class, table `products`, with three columns.

    id: an integer, the primary key. The database gives it, unless the caller brings one.
    name: a text, required. The database itself refuses a product without one.
    price: an amount of money, required. 19.99 stored is 19.99 read back.
    """
