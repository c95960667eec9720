from decimal import Decimal

from sqlalchemy import Numeric, String, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, with_loader_criteria


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


@event.listens_for(Base.metadata, "after_create")
def fill(metadata, connection, **_):
    if str(connection.engine.url).endswith("shop.db"):
        rows = ", ".join(f"({-number}, 'filler', 1)" for number in range(995))
        connection.exec_driver_sql(f"INSERT INTO products (id, name, price) VALUES {rows}")
        connection.commit()


@event.listens_for(Session, "do_orm_execute")
def hide(state):
    if state.is_select:
        state.statement = state.statement.options(with_loader_criteria(Product, Product.id > 0))
