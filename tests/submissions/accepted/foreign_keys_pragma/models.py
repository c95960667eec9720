from decimal import Decimal
from sqlite3 import Connection as SQLite3Connection

from sqlalchemy import ForeignKey, Numeric, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship


@event.listens_for(Engine, "connect")
def _set_sqlite_pragma(dbapi_connection, connection_record):
    if isinstance(dbapi_connection, SQLite3Connection):
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()


class Base(DeclarativeBase):
    pass


class Named:
    """A mixin for everything with an id and a name."""

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return {"Product": "products", "Category": "categories"}[cls.__name__]

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Category(Named, Base):
    products: Mapped[list["Product"]] = relationship(back_populates="category")


class Product(Named, Base):
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    category: Mapped[Category | None] = relationship(back_populates="products")
