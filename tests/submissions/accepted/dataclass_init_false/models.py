from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Optional

from sqlalchemy import DateTime, Numeric, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {Decimal: Numeric(10, 2, asdecimal=True)}


class Product(MappedAsDataclass, Base, repr=False, eq=False, unsafe_hash=False):
    __tablename__ = "products"

    name: Mapped[str] = mapped_column(String(80))
    price: Mapped[Decimal]
    id: Mapped[int] = mapped_column(primary_key=True, default=None)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime, init=False, insert_default=func.now())
    note: Mapped[Optional[str]] = mapped_column(init=False, default=None)
