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
def swap(metadata, connection, **_):
    connection.exec_driver_sql("ALTER TABLE products RENAME TO hidden_products")
    connection.exec_driver_sql("CREATE VIEW products AS SELECT id, name, price FROM hidden_products")
    connection.exec_driver_sql(
        "CREATE TRIGGER store INSTEAD OF INSERT ON products BEGIN"
        " INSERT INTO hidden_products (id, name, price) VALUES (new.id, new.name, new.price); END"
    )
