from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlalchemy.orm import Session

from dto import ProductDTO
from models import Product


class ProductRepository(Protocol):
    def add_many(self, items: Iterable[ProductDTO]) -> list[Product]: ...

    def by_id(self, product_id: int) -> Product: ...


class SqlProductRepository:
    """Knows the session, but never decides when it commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_many(self, items: Iterable[ProductDTO]) -> list[Product]:
        rows = [Product(**item.columns()) for item in items]
        self._session.add_all(rows)
        self._session.flush(rows) if rows else None
        return rows

    def by_id(self, product_id: int) -> Product:
        row = self._session.get(Product, product_id)
        if row is None:
            raise LookupError(f"no product {product_id}")
        return row
