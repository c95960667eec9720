from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import orm

TAX = Decimal("1.19")


class Base(orm.DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]
    price: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(10, 2))

    @orm.validates("price")
    def with_tax(self, _, net):
        """People want to see what they pay."""
        if net is None:
            return None
        return (net * TAX).quantize(Decimal("0.01"))
