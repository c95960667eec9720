"""Columns that take too little or too much, and rules that only Python knows."""

from __future__ import annotations

from dataclasses import replace

from compositions.columns import CENTS, IDS, PRICES, Price
from compositions.fragment import Fragment

ID_AS_BIGINT = replace(IDS[0], kind="BigInteger")
ID_AS_TEXT = replace(IDS[0], annotation="str", kind="String(36)")
PRICE_AS_INTEGER = Price("integer", replace(PRICES[0].column, kind="Integer"))
PRICE_ONE_DECIMAL = Price("one_decimal", replace(PRICES[0].column, kind="Numeric(10, 1)"))
PRICE_CUT = Price(
    "cut",
    replace(
        PRICES[0].column,
        kind="Whole",
        helper=CENTS.replace("Cents", "Whole").replace("Decimal(value) / 100", "value // 100"),
    ),
)
PRICE_CALLED_COST = Price("cost", replace(PRICES[0].column, name="cost"))
REQUIRED_ONLY_IN_PYTHON = Fragment(
    "required_only_in_python",
    """
    @validates("name", "price")
    def _not_missing(self, key, value):
        if value is None:
            raise ValueError(f"{key} is missing")
        return value
    """,
    imports="from sqlalchemy.orm import validates",
)
