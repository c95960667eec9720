from decimal import Decimal

from sqlalchemy import Integer, Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    kind: Mapped[str] = mapped_column(String(20))
    version = mapped_column(Integer, nullable=False)

    __mapper_args__ = {
        "polymorphic_on": "kind",
        "polymorphic_identity": "product",
        "version_id_col": version,
    }


class Voucher(Product):
    __mapper_args__ = {"polymorphic_identity": "voucher"}
