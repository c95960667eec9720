from decimal import Decimal

from sqlalchemy import Numeric, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Endless(TypeDecorator):
    impl = Numeric(10, 2)
    cache_ok = True

    def process_result_value(self, value, dialect):
        return Decimal("1E+999999")


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price: Mapped[Decimal] = mapped_column(Endless)
