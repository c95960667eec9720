from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Mapping


@dataclass(frozen=True, slots=True)
class ProductDTO:
    name: str
    price: Decimal
    id: int | None = None

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> "ProductDTO":
        return cls(name=data["name"], price=data["price"], id=data.get("id"))

    def columns(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "id" or value is not None}


@dataclass(slots=True)
class ReloadReport:
    loaded: Decimal | None = None
    stale: Decimal | None = None
    after_expire_all: Decimal | None = None
    after_refresh: Decimal | None = None
