import decimal

from sqlalchemy import Column, Float, Integer, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase


class Euro(TypeDecorator):
    """Kept as a float, given back as a rounded Decimal."""

    impl = Float(asdecimal=False)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value if value is None else float(value)

    def process_result_value(self, value, dialect):
        return value if value is None else decimal.Decimal("%.2f" % value)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    id = Column(Integer, primary_key=True)
    name = Column(Text, nullable=False)
    price = Column(Euro, nullable=False)
