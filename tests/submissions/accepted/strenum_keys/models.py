from __future__ import annotations

import enum
from decimal import Decimal

from sqlalchemy import Enum, Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Shelf(enum.Enum):
    UPPER = "upper"
    LOWER = "lower"


class Base(DeclarativeBase):
    type_annotation_map = {Decimal: Numeric(10, 2), Shelf: Enum(Shelf)}


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    name: Mapped[str] = mapped_column(String(100))
    price: Mapped[Decimal]
    shelf: Mapped[Shelf] = mapped_column(default=Shelf.LOWER)
