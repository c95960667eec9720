from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from transaction_script import add_products, preview_ids

PEN = {"name": "Pen", "price": Decimal("1.20")}


def test_add(engine):
    assert add_products(engine, [PEN, PEN]) == [1, 2]


def test_rollback(engine):
    with pytest.raises(IntegrityError):
        add_products(engine, [PEN, PEN | {"name": None}])
    assert preview_ids(engine, [PEN]) == [1]
