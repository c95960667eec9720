"""Previews that store something, or do not ask the database."""

from __future__ import annotations

from compositions.previewing import Previewing

COMMITS = Previewing("commits", "$insert\nsession.commit()")
COMMITS_AND_DELETES = Previewing(
    "commits_and_deletes",
    """
    $insert
    session.commit()
    for number in ids:
        session.delete(session.get(Product, number))
    session.commit()
    """,
)
CALLS_ADD_PRODUCTS = Previewing("calls_add_products", whole="ids = add_products(engine, products)")
FROM_MAX_ID = Previewing(
    "from_max_id",
    """
    newest = session.scalar(select(func.max(Product.id))) or 0
    ids = [newest + place + 1 for place in range(len(products))]
    """,
)
GUESSES = Previewing("guesses", whole="ids = list(range(1, len(products) + 1))")
ONE_AT_A_TIME = Previewing(
    "one_at_a_time",
    """
    ids = []
    for product in products:
        row = Product(**product)
        session.add(row)
        session.flush()
        ids.append(row.id)
        session.rollback()
    """,
)
