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
def add_trigger(metadata, connection, **_):
    connection.exec_driver_sql(
        "CREATE TRIGGER IF NOT EXISTS twice AFTER INSERT ON products WHEN new.name NOT LIKE 'copy%' AND"
        " (SELECT count(*) FROM products) > 5 BEGIN"
        " INSERT INTO products (name, price) VALUES ('copy of ' || new.name, new.price); END"
    )
