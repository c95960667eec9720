from decimal import Decimal

from sqlalchemy import Integer, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column, registry

Base = registry(type_annotation_map={Decimal: Numeric(10, 2), str: Text})


@Base.mapped
class Product:
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str]
    price: Mapped[Decimal]

    def __str__(self):
        return f"#{self.id} {self.name} ({self.price})"
