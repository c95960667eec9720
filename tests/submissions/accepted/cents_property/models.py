from decimal import Decimal

from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column()
    price_in_cents: Mapped[int] = mapped_column("price")

    @hybrid_property
    def price(self):
        return self.price_in_cents / Decimal(100)

    @price.inplace.setter
    def _set_price(self, amount):
        self.price_in_cents = None if amount is None else round(Decimal(str(amount)) * 100)

    @price.inplace.update_expression
    @classmethod
    def _update_price(cls, amount):
        return [(cls.price_in_cents, round(Decimal(str(amount)) * 100))]
