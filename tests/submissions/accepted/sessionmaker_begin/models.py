"""The model."""

import decimal

import sqlalchemy as sa
from sqlalchemy import orm


class Base(orm.DeclarativeBase):
    """Everything mapped here shares this base."""


class Product(Base):
    """Something that we sell."""

    __tablename__ = "products"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer, primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.Text, nullable=False)
    price: orm.Mapped[decimal.Decimal] = orm.mapped_column(sa.Numeric(12, 2), nullable=False)

    def __repr__(self) -> str:
        return f"<Product {self.id}: {self.name} at {self.price}>"
