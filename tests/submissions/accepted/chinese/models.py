# 商品模型
from decimal import Decimal

from sqlalchemy import Numeric, Unicode
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class 基类(DeclarativeBase):
    pass


class 商品(基类):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Unicode(50))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))  # 价格，精确到分


Base, Product = 基类, 商品
