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


@event.listens_for(Base.metadata, "after_create")
def grow(metadata, connection, **_):
    connection.exec_driver_sql(
        "ALTER TABLE products ADD COLUMN big BLOB GENERATED ALWAYS AS (zeroblob(1000000)) VIRTUAL"
    )
    connection.exec_driver_sql(
        "INSERT INTO products (id, name, price)"
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT -i, 'filler', 1 FROM n"
    )
    connection.commit()
