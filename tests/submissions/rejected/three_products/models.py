from sqlalchemy import Column, DECIMAL, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()

class Product(Base):
    __tablename__ = "products"
    id = Column(Integer, primary_key=True, autoincrement=True)
    name = Column(String(100), nullable=False)
    price = Column(DECIMAL(10, 2), nullable=False)

    def __repr__(self):
        return "<Product(name='%s', price=%s)>" % (self.name, self.price)
