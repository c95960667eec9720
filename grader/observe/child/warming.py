"""Uses what every submission uses once, so that each child finds it loaded, compiled and cached."""

import site
from decimal import Decimal

from sqlalchemy import Numeric, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

from . import dbapi
from .request import Call, Proceed, decoder


def furnish() -> None:
    """Give Python the names ``exit``, ``quit`` and ``help``, which it lacks without site packages."""
    site.setquit()
    site.sethelper()


def warm_up() -> None:
    """Do all that a session does on an empty database of the real driver's, and make the decoders of requests."""
    decoder(Call)
    decoder(Proceed)

    class Base(DeclarativeBase):
        pass

    class Product(Base):
        __tablename__ = "products"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        price: Mapped[Decimal] = mapped_column(Numeric(10, 2))

    engine = create_engine("sqlite://", creator=lambda: dbapi.native_connect(":memory:"), poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add_all([Product(name="warm", price=Decimal("1.20")) for _ in range(3)])
        session.flush()
        product = session.scalars(select(Product)).first()
        session.expire_all()
        session.refresh(product)
        session.rollback()
    engine.dispose()
    Base.registry.dispose()
