from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_mixin, declared_attr, mapped_column


class Base(DeclarativeBase):
    @declared_attr.directive
    def __tablename__(cls) -> str:
        return cls.__name__.lower() + "s"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'id', None)}>"


@declarative_mixin
class Numbered:
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-10)


@declarative_mixin
class Named:
    name: Mapped[str] = mapped_column(String(100))


class Priced:
    @declared_attr
    def price(cls) -> Mapped[Decimal]:
        return mapped_column(Numeric(10, 2), nullable=False)


class Product(Numbered, Named, Priced, Base):
    pass
