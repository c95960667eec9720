import sqlalchemy as db
from sqlalchemy import orm


class Base(orm.DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(200), nullable=False)
    price = db.Column(db.Numeric(10, 2), nullable=False)
