"""What the shop sells, as a table."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The declarative base: its metadata knows every table of the program."""


class Product(Base):
    """Something that can be sold."""

    __tablename__ = "products"

    # An integer primary key needs nothing more: the database gives the next number unless the caller brings one.
    id: Mapped[int] = mapped_column(primary_key=True)

    # Neither annotation says Optional, so both columns are NOT NULL: the last guard is the database, not the program.
    name: Mapped[str] = mapped_column(String(100))

    # Money is counted, not measured. A float cannot hold 19.99 exactly; Numeric gives the Decimal back to the cent.
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))

    def __repr__(self) -> str:
        return f"Product(id={self.id!r}, name={self.name!r}, price={self.price!r})"
