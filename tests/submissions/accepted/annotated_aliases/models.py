from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from sqlalchemy import Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

intpk = Annotated[int, mapped_column(primary_key=True)]
str_100 = Annotated[str, 100]
money = Annotated[Decimal, "money"]


class Base(DeclarativeBase):
    registry = registry(type_annotation_map={str_100: String(100), money: Numeric(10, 2)})


class Product(Base):
    __tablename__ = "products"

    id: Mapped[intpk]
    name: Mapped[str_100]
    price: Mapped[money]
