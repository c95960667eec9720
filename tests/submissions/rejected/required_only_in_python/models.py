from sqlalchemy import Column, DECIMAL, Integer, String
from sqlalchemy.orm import declarative_base, validates

Base = declarative_base()

class Product(Base):
    __tablename__ = "products"
    id = Column(Integer, primary_key=True, autoincrement=True)
    name = Column(String(100))
    price = Column(DECIMAL(10, 2))

    @validates("name", "price")
    def not_empty(self, key, value):
        if value is None:
            raise ValueError(key + " must not be empty")
        return value
