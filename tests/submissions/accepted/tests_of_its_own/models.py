from sqlalchemy import CheckConstraint, Column, Integer, Numeric, String
from sqlalchemy.orm import declarative_base, validates

Base = declarative_base()


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (CheckConstraint("length(name) > 0", name="name_is_not_empty"),)

    id = Column(Integer, primary_key=True)
    name = Column(String(64), nullable=False)
    price = Column(Numeric(10, 2), nullable=False)

    @validates("name")
    def check_name(self, key, value):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{key} must be a str")
        return value
