"""How the table is mapped: the style of the class, its columns, and what else stands in ``models.py``."""

from __future__ import annotations

from dataclasses import dataclass

from .columns import Column, Price, listed
from .fragment import Fragment, blocks, fill
from .mapping import Mapping

METHODS = (
    Fragment("none"),
    Fragment("repr", 'def __repr__(self):\n    return f"<{self.id}: {self.name}, {self.price}>"'),
    Fragment("str", "def __str__(self):\n    return self.name"),
    Fragment("property", "@property\ndef label(self):\n    return self.name.title()"),
    Fragment("title_case_method", "def shout(self):\n    return self.name.upper() + '!'"),
)

ARGUMENTS = (
    Fragment("none"),
    Fragment("autoincrement", '__table_args__ = {"sqlite_autoincrement": True}'),
    Fragment("eager_defaults", '__mapper_args__ = {"eager_defaults": True}'),
    Fragment("check", '__table_args__ = (CheckConstraint("length(name) > 0"),)'),
)

IMPORTS = """
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Optional

from sqlalchemy import (
    DECIMAL, BigInteger, Boolean, CheckConstraint, Column, DateTime, Double, Float, Identity, Integer, MetaData,
    Numeric, String, Table, Text, Unicode, func,
)
from sqlalchemy.orm import (
    DeclarativeBase, DeclarativeBaseNoMeta, Mapped, MappedAsDataclass, declarative_base, mapped_column, registry,
)
from sqlalchemy.types import TypeDecorator
"""


@dataclass(frozen=True)
class Model:
    """All that is chosen about ``models.py``."""

    mapping: Mapping
    identity: Column
    name: Column
    price: Price
    extras: tuple[Column, ...]
    methods: Fragment
    arguments: Fragment
    table: str = "products"

    @property
    def is_whole(self) -> bool:
        """Whether the choices go together: a hybrid needs a style with methods, table options one that takes them."""
        takes_arguments = "$arguments" in self.mapping.code or not self.arguments.code
        return takes_arguments and (self.mapping.methods or not self.price.is_hybrid)

    def source(self) -> str:
        """Write the module."""
        columns = (self.identity, self.name, self.price.column, *self.extras)
        separator = " " if self.mapping.column is Column.in_table else "\n"
        written = [self.mapping.column(column) for column in columns]
        code = fill(
            self.mapping.code,
            columns=separator.join(text for text in written if text),
            methods=blocks(self.price.methods, self.methods.code),
            arguments=self.arguments.code,
            table=self.table,
            id_arguments=listed(self.identity.kind, self.identity.arguments),
        )
        above = blocks(IMPORTS, self.methods.imports, *(column.imports for column in columns))
        return blocks(above, *(column.helper for column in columns), code)
