"""The styles in which a class is mapped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .columns import Column
from .fragment import Fragment, blocks


@dataclass(frozen=True)
class Mapping(Fragment):
    """A style of mapping; ``code`` has the places ``$columns``, ``$methods``, ``$table`` and ``$arguments``."""

    column: Callable[[Column], str] = Column.annotated
    empty: bool = True
    """Whether ``Product()`` can be made, its attributes to be set later."""
    methods: bool = True
    """Whether the class may have a hybrid property."""


DECLARED = """
    class Product(Base):
        __tablename__ = "$table"
        $arguments
        $columns
        $methods
    """
PLAIN_BASE = """
    class Base(DeclarativeBase):
        pass
    """


def _column(column: Column) -> str:
    return column.plain("Column")


def _mapped_column(column: Column) -> str:
    return column.plain("mapped_column")


def _annotated_id(column: Column) -> str:
    return column.annotated() if column.name != "id" else "id: Mapped[Identifier]"


def _without_id(column: Column) -> str:
    return column.annotated() if column.name != "id" else ""


MAPPINGS = (
    Mapping("annotated", blocks(PLAIN_BASE, DECLARED)),
    Mapping("mapped_column", blocks(PLAIN_BASE, DECLARED), column=_mapped_column),
    Mapping("column", blocks(PLAIN_BASE, DECLARED), column=_column),
    Mapping("declarative_base", blocks("Base = declarative_base()", DECLARED), column=_column),
    Mapping("base_without_metaclass", blocks("class Base(DeclarativeBaseNoMeta):\n    pass", DECLARED)),
    Mapping("generated_base", blocks("Base = registry().generate_base()", DECLARED)),
    Mapping(
        "registry_decorator",
        """
        Base = registry()


        @Base.mapped
        class Product:
            __tablename__ = "$table"
            $arguments
            $columns
            $methods
        """,
    ),
    Mapping(
        "dataclass",
        blocks("class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):\n    pass", DECLARED),
        column=Column.as_field,
        empty=False,
        methods=False,
    ),
    Mapping(
        "imperative",
        """
        Base = registry()
        table = Table("$table", Base.metadata, $columns)


        class Product:
            def __init__(self, name, price, id=None):
                self.name = name
                self.price = price
                if id is not None:
                    self.id = id
            $methods


        Base.map_imperatively(Product, table)
        """,
        column=Column.in_table,
        empty=False,
        methods=False,
    ),
    Mapping(
        "imperative_default_init",
        """
        Base = registry(metadata=MetaData())


        class Product:
            '''Something for sale.'''
            $methods


        Base.map_imperatively(Product, Table("$table", Base.metadata, $columns))
        """,
        column=Column.in_table,
        methods=False,
    ),
    Mapping(
        "declarative_table",
        blocks(
            PLAIN_BASE,
            """
            class Product(Base):
                __table__ = Table("$table", Base.metadata, $columns)
                $methods
            """,
        ),
        column=Column.in_table,
        methods=False,
    ),
    Mapping(
        "mixin",
        """
        class HasId:
            id: Mapped[int] = mapped_column($id_arguments)


        class Base(HasId, DeclarativeBase):
            pass


        class Product(Base):
            __tablename__ = "$table"
            $arguments
            $columns
            $methods
        """,
        column=_without_id,
    ),
    Mapping(
        "annotated_type",
        """
        Identifier = Annotated[int, mapped_column($id_arguments)]


        class Base(DeclarativeBase):
            pass


        class Product(Base):
            __tablename__ = "$table"
            $arguments
            $columns
            $methods
        """,
        column=_annotated_id,
    ),
    Mapping(
        "abstract_base",
        """
        class Base(DeclarativeBase):
            __abstract__ = True
            metadata = MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "pk": "pk_%(table_name)s"})


        class Product(Base):
            __tablename__ = "$table"
            $arguments
            $columns
            $methods
        """,
    ),
)
