from decimal import Decimal

from sqlalchemy import Numeric, String, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(80))
    price: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))


@event.listens_for(Base.metadata, "after_create")
def add_trigger(metadata, connection, **_):
    connection.exec_driver_sql(
        "CREATE TRIGGER IF NOT EXISTS look_strict BEFORE UPDATE ON products WHEN new.name IS NULL OR new.price IS NULL"
        " BEGIN SELECT RAISE(ABORT, 'NOT NULL constraint failed'); END"
    )
