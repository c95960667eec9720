from decimal import Decimal

from sqlalchemy import Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Cents(TypeDecorator):
    """Decimal in Python, whole cents in the table."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is not None:
            return int(round(Decimal(str(value)) * 100))

    def process_result_value(self, value, dialect):
        if value is not None:
            return Decimal(value) / 100


class Base(DeclarativeBase):
    type_annotation_map = {Decimal: Cents}


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[Decimal]
