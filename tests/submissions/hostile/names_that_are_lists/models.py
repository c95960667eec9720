from decimal import Decimal

from sqlalchemy import Numeric, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Listed(TypeDecorator):
    impl = String
    cache_ok = True

    def process_result_value(self, value, dialect):
        return [value, [value]]


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Listed)
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
