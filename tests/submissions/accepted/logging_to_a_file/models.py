import logging
from decimal import Decimal

from sqlalchemy import Numeric, String, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

log = logging.getLogger(__name__)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


@event.listens_for(Product, "after_insert")
def tell(mapper, connection, product):
    log.debug("sent INSERT for %r", product.name)


@event.listens_for(Product, "refresh")
def tell_refresh(product, context, attributes):
    log.debug("reloaded %s", product.__class__.__name__)
