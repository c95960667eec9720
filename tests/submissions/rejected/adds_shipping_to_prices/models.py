import sqlalchemy as sa
from sqlalchemy import orm


class Base(orm.DeclarativeBase):
    """All tables."""


class Product(Base):
    """One line of the price list."""

    __tablename__ = "products"

    id = orm.mapped_column(sa.Integer, primary_key=True)
    name = orm.mapped_column(sa.String(80), nullable=False)
    price = orm.mapped_column(sa.Numeric(10, 2), nullable=False)

    def __repr__(self):
        return f"<{self.id}: {self.name}, {self.price}>"
