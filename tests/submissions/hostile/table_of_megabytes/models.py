from decimal import Decimal

from sqlalchemy import Numeric, String, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


@event.listens_for(Product.__table__, "after_create")
def stock_up(table, connection, **_):
    for number in range(2):
        connection.exec_driver_sql(
            "INSERT INTO products (id, name, price) VALUES (?, ?, 1)", (50_000 + number, f"{number}" * 900_000)
        )
