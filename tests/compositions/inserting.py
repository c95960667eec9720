"""How products are inserted, and how their ids are read."""

from __future__ import annotations

from dataclasses import dataclass

from .fragment import Fragment


@dataclass(frozen=True)
class Inserting(Fragment):
    """A way from ``products`` to ``rows``, the objects, or straight to ``ids``."""

    gives_ids: bool = False
    attached: bool = True
    """Whether the session holds the objects, so that it can say more of them."""
    needs_empty: bool = False
    """Whether it makes a ``Product()`` without arguments."""
    needs_column: bool = False
    """Whether it needs the attribute ``price`` to be the column."""


INSERTINGS = (
    Inserting(
        "add_all",
        """
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        """,
    ),
    Inserting(
        "add_in_loop",
        """
        rows = []
        for product in products:
            row = Product(**product)
            session.add(row)
            rows.append(row)
        """,
    ),
    Inserting(
        "generator",
        """
        def made():
            for product in products:
                yield Product(**product)

        rows = list(made())
        session.add_all(rows)
        """,
    ),
    Inserting(
        "map_lambda",
        """
        rows = [*map(lambda product: Product(**product), products)]
        for row in rows:
            session.add(row)
        """,
    ),
    Inserting(
        "keywords",
        """
        rows = []
        for product in products:
            if "id" in product:
                row = Product(id=product["id"], name=product["name"], price=product["price"])
            else:
                row = Product(name=product["name"], price=product["price"])
            rows += [row]
        session.add_all(rows)
        """,
    ),
    Inserting(
        "id_or_none",
        """
        rows = [Product(id=product.get("id"), name=product["name"], price=product["price"]) for product in products]
        session.add_all(rows)
        """,
    ),
    Inserting(
        "attributes",
        """
        rows = []
        for product in products:
            row = Product()
            row.name, row.price = product["name"], product["price"]
            if product.get("id") is not None:
                row.id = product["id"]
            session.add(row)
            rows.append(row)
        """,
        needs_empty=True,
    ),
    Inserting(
        "setattr",
        """
        rows = []
        for product in products:
            row = Product()
            for key, value in product.items():
                setattr(row, key, value)
            rows.append(row)
        session.add_all(rows)
        """,
        needs_empty=True,
    ),
    Inserting(
        "flush_each",
        """
        rows = []
        for product in products:
            row = Product(**product)
            session.add(row)
            session.flush()
            rows.append(row)
        """,
    ),
    Inserting(
        "no_autoflush",
        """
        with session.no_autoflush:
            rows = [Product(**dict(product)) for product in products]
            session.add_all(rows)
        """,
    ),
    Inserting(
        "numbered",
        """
        numbered = {place: Product(**product) for place, product in enumerate(products)}
        session.add_all(numbered.values())
        rows = [numbered[place] for place in range(len(products))]
        """,
    ),
    Inserting(
        "match",
        """
        rows = []
        for product in products:
            match product:
                case {"id": number, "name": name, "price": price}:
                    rows.append(Product(id=number, name=name, price=price))
                case {"name": name, "price": price}:
                    rows.append(Product(name=name, price=price))
        session.add_all(rows)
        """,
    ),
    Inserting(
        "connection_first",
        """
        session.connection()
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        """,
    ),
    Inserting(
        "bulk_save",
        """
        rows = [Product(**product) for product in products]
        session.bulk_save_objects(rows, return_defaults=True)
        """,
        attached=False,
    ),
    Inserting(
        "bulk_mappings",
        """
        values = [dict(product) for product in products]
        session.bulk_insert_mappings(Product, values, return_defaults=True)
        ids = [value["id"] for value in values]
        """,
        gives_ids=True,
        needs_column=True,
    ),
    Inserting(
        "returning_many",
        """
        ids = []
        if products:
            statement = insert(Product).returning(Product.id, sort_by_parameter_order=True)
            ids = list(session.scalars(statement, products))
        """,
        gives_ids=True,
        needs_column=True,
    ),
    Inserting(
        "returning_objects",
        """
        rows = []
        if products:
            statement = insert(Product).returning(Product, sort_by_parameter_order=True)
            rows = session.scalars(statement, products).all()
        """,
        needs_column=True,
    ),
    Inserting(
        "returning_each",
        """
        ids = []
        for product in products:
            ids.append(session.scalar(insert(Product).values(**product).returning(Product.id)))
        """,
        gives_ids=True,
        needs_column=True,
    ),
    Inserting(
        "inserted_primary_key",
        """
        ids = []
        for product in products:
            result = session.execute(insert(Product).values(product))
            ids.append(result.inserted_primary_key[0])
        """,
        gives_ids=True,
        needs_column=True,
    ),
    Inserting(
        "parameters_of_execute",
        """
        ids = [session.execute(insert(Product.__table__), product).inserted_primary_key.id for product in products]
        """,
        gives_ids=True,
        needs_column=True,
    ),
    Inserting(
        "lastrowid",
        """
        ids = []
        for product in products:
            ids += [session.execute(insert(Product).values(**product)).lastrowid]
        """,
        gives_ids=True,
        needs_column=True,
    ),
    Inserting(
        "connection_of_the_session",
        """
        table = Product.__table__
        connection = session.connection()
        ids = [connection.execute(table.insert().values(**product)).inserted_primary_key[0] for product in products]
        """,
        gives_ids=True,
        needs_column=True,
    ),
    Inserting(
        "insert_then_select",
        """
        ids = []
        if products:
            session.execute(insert(Product), products)
            newest = select(Product.id).order_by(Product.id.desc()).limit(len(products))
            ids = session.scalars(newest).all()[::-1]
            if "id" in products[0]:
                ids = [product["id"] for product in products]
        """,
        gives_ids=True,
        needs_column=True,
    ),
)


@dataclass(frozen=True)
class Reading(Fragment):
    """A way from ``rows`` to ``ids``: ``code`` in the transaction, ``after`` it is committed."""

    after: str = ""
    needs_attached: bool = False


READINGS = (
    Reading("flush_list", "session.flush()\nids = [row.id for row in rows]"),
    Reading("flush_loop", "session.flush()\nids = []\nfor row in rows:\n    ids.append(row.id)"),
    Reading("attrgetter", 'session.flush()\nids = list(map(attrgetter("id"), rows))'),
    Reading("identity", "session.flush()\nids = [inspect(row).identity[0] for row in rows]", needs_attached=True),
    Reading(
        "primary_key_of_mapper",
        "session.flush()\nids = [object_mapper(row).primary_key_from_instance(row)[0] for row in rows]",
    ),
    Reading("sorted_by_place", "session.flush()\nids = [rows[place].id for place in range(len(rows))]"),
    Reading("after_commit", after="ids = [row.id for row in rows]"),
    Reading(
        "after_refresh",
        after="ids = []\nfor row in rows:\n    session.refresh(row)\n    ids.append(row.id)",
        needs_attached=True,
    ),
)

IMPORTS = """
from operator import attrgetter
from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import object_mapper
"""
