"""Product model."""

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Base class."""


class Product(Base):
    """A product with a name and a price."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), nullable=False)
    price = mapped_column(sa.Numeric(10, 2), nullable=False)

    def __repr__(self):
        return f"Product({self.id}, {self.name!r}, {self.price})"
