"""A session with the rules of this program: whatever is not committed is rolled back."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models import Product
from repository import ProductRepository


class UnitOfWork:
    session: Session

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __enter__(self) -> UnitOfWork:
        self.session = Session(self.engine)
        self.products = ProductRepository(self.session)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.session.rollback()
        finally:
            self.session.close()

    def commit(self) -> None:
        self.session.commit()

    def forget_everything(self) -> None:
        self.session.expire_all()

    def reload(self, product: Product, **options: Any) -> None:
        self.session.refresh(product, **options)
