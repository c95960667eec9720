"""The mapped classes of the exercise.

There is only one table. Its price is declared with a scale of two, since the
shop sells in whole cents, and both name and price are required.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from sqlalchemy import Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

intpk = Annotated[int, mapped_column(primary_key=True)]
"""An integer primary key that the database gives."""

money = Annotated[Decimal, mapped_column(Numeric(10, 2), nullable=False)]
"""An amount of money, exact to the cent."""

str100 = Annotated[str, mapped_column(String(100), nullable=False)]
"""A short text."""


class Base(DeclarativeBase):
    """The declarative base of all mapped classes."""


class Product(Base):
    """A product of the shop."""

    __tablename__ = "products"

    id: Mapped[intpk]
    name: Mapped[str100]
    price: Mapped[money]

    def __repr__(self) -> str:
        """Show the values that identify the product."""
        return f"Product(id={self.id!r}, name={self.name!r}, price={self.price!r})"
