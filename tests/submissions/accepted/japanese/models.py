"""商品のモデル"""

from decimal import Decimal

from sqlalchemy import Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """宣言的ベース"""


class Product(Base):
    """商品"""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)  # 主キー
    name: Mapped[str] = mapped_column(String(100))  # 商品名
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))  # 価格
