from sqlalchemy import Column, DECIMAL, INTEGER, VARCHAR
from sqlalchemy.ext.declarative import declarative_base

Base = declarative_base()


class Product(Base):
    __tablename__ = "products"
    id = Column("id", INTEGER, primary_key=True, nullable=False)
    name = Column("name", VARCHAR(64), nullable=False)
    price = Column("price", DECIMAL(10, 2), nullable=False)

    def __init__(self, **kw):
        super().__init__(**kw)

    def to_dict(self):
        return {"id": self.id, "name": self.name, "price": str(self.price)}
