"""The columns of the table, and how money is kept in one."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Column:
    """A column as any style can write it: its annotation, its SQL type and its further arguments."""

    name: str
    annotation: str
    kind: str
    arguments: str = ""
    required: bool = True
    imports: str = ""
    helper: str = ""
    dataclass_default: str = ""

    def annotated(self) -> str:
        """Write it as ``Mapped[...]``, which says whether it is required."""
        annotation = self.annotation if self.required else f"Optional[{self.annotation}]"
        return f"{self.name}: Mapped[{annotation}] = mapped_column({listed(self.kind, self.arguments)})"

    def as_field(self) -> str:
        """Write it as the field of a dataclass: what need not be given has a default."""
        default = self.dataclass_default or ("" if self.required else "default=None")
        annotation = self.annotation if self.required else f"Optional[{self.annotation}]"
        return f"{self.name}: Mapped[{annotation}] = mapped_column({listed(self.kind, self.arguments, default)})"

    def plain(self, function: str) -> str:
        """Write it without an annotation, as a call of ``function``."""
        return f"{self.name} = {function}({listed(self.kind, self.arguments, self._required())})"

    def in_table(self) -> str:
        """Write it as a column of a ``Table``."""
        return f'Column("{self.name}", {listed(self.kind, self.arguments, self._required())}),'

    def _required(self) -> str:
        return "nullable=False" if self.required and "primary_key" not in self.arguments else ""


def listed(*arguments: str) -> str:
    """Write those arguments that there are."""
    return ", ".join(argument for argument in arguments if argument)


_ID = Column("id", "int", "", "primary_key=True", dataclass_default="default=None")
IDS = (
    replace(_ID, kind="Integer"),
    replace(_ID, kind="Integer", arguments="primary_key=True, autoincrement=True"),
    replace(_ID, kind='BigInteger().with_variant(Integer, "sqlite")'),
    replace(_ID, kind="Integer", arguments="Identity(), primary_key=True"),
    replace(_ID, kind="Integer", arguments='primary_key=True, comment="given by the database"'),
)

_NAME = Column("name", "str", "String(100)")
NAMES = (
    _NAME,
    replace(_NAME, kind="String"),
    replace(_NAME, kind="Text()"),
    replace(_NAME, kind="Unicode(200)"),
    replace(_NAME, arguments="index=True"),
)

CENTS = """
    class Cents(TypeDecorator):
        impl = Integer
        cache_ok = True

        def process_bind_param(self, value, dialect):
            return None if value is None else round(Decimal(str(value)) * 100)

        def process_result_value(self, value, dialect):
            return None if value is None else Decimal(value) / 100
    """
MONEY_TEXT = """
    class MoneyText(TypeDecorator):
        impl = String
        cache_ok = True

        def process_bind_param(self, value, dialect):
            return value if value is None else str(value)

        def process_result_value(self, value, dialect):
            return value if value is None else Decimal(value)
    """
_HYBRID = """
    @hybrid_property
    def price(self):
        return self.cents / Decimal(100)

    @price.inplace.setter
    def _set_price(self, amount):
        self.cents = None if amount is None else round(Decimal(str(amount)) * 100)
    """


@dataclass(frozen=True)
class Price:
    """How money is kept: the column, and the methods that a hybrid needs."""

    name: str
    column: Column
    methods: str = ""

    @property
    def is_hybrid(self) -> bool:
        """Whether the attribute is not the column."""
        return bool(self.methods)


_AMOUNT = Column("price", "Decimal", "Numeric(10, 2)")
PRICES = (
    Price("numeric", _AMOUNT),
    Price("decimal_type", replace(_AMOUNT, kind="DECIMAL(12, 2)")),
    Price("numeric_as_decimal", replace(_AMOUNT, kind="Numeric(precision=10, scale=2, asdecimal=True)")),
    Price("numeric_as_float", replace(_AMOUNT, annotation="float", kind="Numeric(10, 2, asdecimal=False)")),
    Price("float", replace(_AMOUNT, annotation="float", kind="Float")),
    Price("double", replace(_AMOUNT, annotation="float", kind="Double()")),
    Price("float_as_decimal", replace(_AMOUNT, kind="Float(asdecimal=True, decimal_return_scale=2)")),
    Price("text", replace(_AMOUNT, kind="MoneyText(20)", helper=MONEY_TEXT)),
    Price("cents", replace(_AMOUNT, kind="Cents", helper=CENTS)),
    Price(
        "hybrid",
        Column("cents", "int", '"price", Integer', imports="from sqlalchemy.ext.hybrid import hybrid_property"),
        _HYBRID,
    ),
)

EXTRAS = (
    (),
    (Column("note", "str", "Text()", required=False, dataclass_default="default=None"),),
    (Column("stock", "int", "Integer", "default=0"),),
    (Column("created", "datetime", "DateTime", "server_default=func.now()", dataclass_default="init=False"),),
    (
        Column("active", "bool", "Boolean", 'server_default="1"', dataclass_default="init=False"),
        Column("note", "str", "String(9)", required=False, dataclass_default="default=None"),
    ),
)
