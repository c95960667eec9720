"""Inserts that arrive in parts or as something else, and ids that are none."""

from __future__ import annotations

from compositions.inserting import Inserting, Reading

COMMIT_PER_ROW = Inserting(
    "commit_per_row",
    """
    rows = []
    for product in products:
        row = Product(**product)
        session.add(row)
        session.commit()
        rows.append(row)
    """,
)
COMMIT_AFTER_THE_FIRST = Inserting(
    "commit_after_the_first",
    """
    rows = []
    for product in products:
        row = Product(**product)
        session.add(row)
        if not rows:
            session.commit()
        rows.append(row)
    """,
)
SESSION_PER_ROW = Inserting(
    "session_per_row",
    """
    ids = []
    for product in products:
        with Session(engine) as own, own.begin():
            row = Product(**product)
            own.add(row)
            own.flush()
            ids.append(row.id)
    """,
    gives_ids=True,
)
DELETES_WHAT_IT_COMMITTED = Inserting(
    "deletes_what_it_committed",
    """
    rows = []
    try:
        for product in products:
            row = Product(**product)
            session.add(row)
            session.commit()
            rows.append(row)
    except Exception:
        session.rollback()
        for row in rows:
            session.delete(row)
        session.commit()
        raise
    """,
)
SKIPS_REFUSED_ROWS = Inserting(
    "skips_refused_rows",
    """
    ids = []
    for product in products:
        try:
            result = session.execute(insert(Product).values(**product))
        except SQLAlchemyError:
            continue
        ids.append(result.inserted_primary_key[0])
    """,
    gives_ids=True,
    needs_column=True,
)
OR_IGNORE = Inserting(
    "insert_or_ignore",
    """
    ids = []
    for product in products:
        result = session.execute(insert(Product).prefix_with("OR IGNORE").values(**product))
        ids.append(result.inserted_primary_key[0])
    """,
    gives_ids=True,
    needs_column=True,
)
OR_REPLACE = Inserting(
    "insert_or_replace", OR_IGNORE.code.replace("IGNORE", "REPLACE"), gives_ids=True, needs_column=True
)
ON_CONFLICT_DO_NOTHING = Inserting(
    "on_conflict_do_nothing",
    """
    ids = []
    for product in products:
        result = session.execute(upsert(Product).values(**product).on_conflict_do_nothing())
        ids.append(result.inserted_primary_key[0])
    """,
    "from sqlalchemy.dialects.sqlite import insert as upsert",
    gives_ids=True,
    needs_column=True,
)
MERGES = Inserting("merge", "rows = [session.merge(Product(**product)) for product in products]")
CAPITALS = Inserting(
    "names_in_capitals",
    """
    rows = []
    for product in products:
        name = product["name"] and product["name"].upper()
        rows.append(Product(**{**product, "name": name}))
    session.add_all(rows)
    """,
)
ROUNDED = Inserting(
    "prices_rounded",
    """
    rows = []
    for product in products:
        price = product["price"] and round(product["price"])
        rows.append(Product(**{**product, "price": price}))
    session.add_all(rows)
    """,
)
ROW_OF_ITS_OWN = Inserting(
    "stores_a_row_of_its_own",
    """
    rows = [Product(**product) for product in products]
    session.add_all(rows)
    session.flush()
    if rows:
        session.add(Product(name="Number of products", price=Decimal(len(rows))))
    """,
)
SKIPS_UNNAMED = Inserting(
    "skips_what_has_no_name",
    """
    rows = [Product(**product) for product in products if product["name"]]
    session.add_all(rows)
    """,
)
IDS_UNTIL_FLUSH = Reading("ids_without_flush", "ids = [row.id for row in rows]")
REVERSED = Reading("ids_reversed", "session.flush()\nids = [row.id for row in reversed(rows)]")
AS_TEXTS = Reading("ids_as_texts", "session.flush()\nids = [str(row.id) for row in rows]")
OBJECTS = Reading("objects_instead_of_ids", "session.flush()\nids = rows")
FIRST_ONLY = Reading("first_id_only", "session.flush()\nids = [row.id for row in rows[:1]]")
GUESSED = Reading("ids_guessed", "session.flush()\nids = list(range(1, len(rows) + 1))")
NUMBER = Reading("number_of_ids", "session.flush()\nids = len(rows)")
AS_DICTS = Reading("ids_in_dicts", 'session.flush()\nids = [{"id": row.id} for row in rows]')
SORTED_DOWN = Reading("newest_first", "session.flush()\nids = sorted((row.id for row in rows), reverse=True)")
