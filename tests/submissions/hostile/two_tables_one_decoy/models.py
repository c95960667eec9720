from decimal import Decimal

from sqlalchemy import Numeric, String, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "wares"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


@event.listens_for(Base.metadata, "after_create")
def add_decoy(metadata, connection, **_):
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS products (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, price NUMERIC NOT NULL)"
    )
    connection.exec_driver_sql(
        "CREATE TRIGGER IF NOT EXISTS show AFTER INSERT ON wares WHEN (SELECT count(*) FROM products) < 5 BEGIN"
        " INSERT INTO products (id, name, price) VALUES (new.id, new.name, new.price); END"
    )
    connection.exec_driver_sql(
        "CREATE TRIGGER IF NOT EXISTS keep AFTER UPDATE ON wares BEGIN"
        " UPDATE products SET price = new.price WHERE id = new.id; END"
    )
