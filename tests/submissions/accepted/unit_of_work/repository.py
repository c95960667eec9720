from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from models import Product


class ProductRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, products: Sequence[Mapping[str, Any]]) -> list[int]:
        new = [Product(**values) for values in products]
        self.session.add_all(new)
        self.session.flush()
        return [product.id for product in new]

    def get(self, product_id: int) -> Product:
        return self.session.get_one(Product, product_id)
