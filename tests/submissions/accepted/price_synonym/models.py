from sqlalchemy import Column, Integer, Numeric, Unicode
from sqlalchemy.orm import declarative_base, synonym

Base = declarative_base()


class Product(Base):
    __tablename__ = "products"

    id = Column(Integer, primary_key=True)
    name = Column(Unicode(120), nullable=False)
    _price = Column("price", Numeric(10, 2), nullable=False)

    @property
    def _price_descriptor(self):
        return self._price

    @_price_descriptor.setter
    def _price_descriptor(self, value):
        if value is not None and value < 0:
            raise ValueError("a price is not negative")
        self._price = value

    price = synonym("_price", descriptor=_price_descriptor)
