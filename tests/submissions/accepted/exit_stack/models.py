import sqlalchemy
import sqlalchemy.orm


class Base(sqlalchemy.orm.DeclarativeBase):
    metadata = sqlalchemy.MetaData(naming_convention={"pk": "pk_%(table_name)s"})


class Product(Base):
    __table__ = sqlalchemy.Table(
        "products",
        Base.metadata,
        sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True),
        sqlalchemy.Column("name", sqlalchemy.Unicode(60), nullable=False),
        sqlalchemy.Column("price", sqlalchemy.DECIMAL(10, 2), nullable=False),
    )
