"""Programs that do too little, too much, or the same again."""

from __future__ import annotations

from compositions.fragment import Fragment
from compositions.program import Pair

NO_PAIR = Fragment("no_failed_pair", 'print("nothing failed")')
ERROR_LEAVES_MAIN = Fragment("error_leaves_main", "add_products(engine, pair)")
EXITS_WITH_ONE = Fragment("exits_with_one", "sys.exit(1)")
NO_SHOWING = Fragment("no_showing", 'print("reloading: see the chapter")')
CALLS_NOTHING = Fragment("main_is_never_called", "pass")
THREE_PRODUCTS = Fragment(
    "three_products",
    'ids = add_products(engine, [{"name": f"Cup {n}", "price": Decimal(n)} for n in (1, 2, 3)])',
)
ONE_PRODUCT = Fragment("one_product", 'ids = add_products(engine, [{"name": "Cup", "price": Decimal("2.5")}]) * 2')
FIXED_IDS = Fragment(
    "fixed_ids",
    """
    ids = add_products(
        engine, [{"id": 1, "name": "Cup", "price": Decimal(2)}, {"id": 2, "name": "Mug", "price": Decimal(3)}]
    )
    """,
)
WAITS_FOR_INPUT = Fragment(
    "waits_for_input",
    'ids = add_products(engine, [{"name": input("Name? "), "price": Decimal("2.5")} for _ in range(2)])',
)
PAIR_WITHOUT_ID = Pair(
    "pair_that_can_be_stored",
    'pair = [{"name": "Rye", "price": Decimal("2.2")}, {"name": "Oat", "price": Decimal("3")}]',
)
PAIR_WITH_FREE_ID = Pair(
    "pair_with_a_free_id",
    """
    free = ids[-1] + 1
    pair = [{"id": free, "name": "Rye", "price": Decimal("2")}, {"id": free + 1, "name": "Oat", "price": Decimal("3")}]
    """,
)
DROPS_FIRST = Fragment("drops_first", "Base.metadata.drop_all(engine)\nBase.metadata.create_all(engine)")
CREATES_AGAIN = Fragment("creates_again", "Base.metadata.create_all(engine, checkfirst=False)")
DELETES_FIRST = Fragment(
    "deletes_first",
    """
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.execute(delete(Product))
    """,
    "from sqlalchemy import delete",
)
REMOVES_THE_FILE = Fragment(
    "removes_the_file",
    'Path("products.db").unlink(missing_ok=True)\nBase.metadata.create_all(engine)',
    "from pathlib import Path",
)
EMPTIES_AT_THE_END = Fragment(
    "empties_at_the_end",
    """
    with Session(engine) as session, session.begin():
        session.execute(delete(Product))
    """,
    "from sqlalchemy import delete",
)
SALE_FOR_ALL = Fragment(
    "sale_for_all",
    """
    def change_elsewhere():
        with Session(engine) as second, second.begin():
            for other in second.scalars(select(Product)):
                other.price = Decimal(str(other.price)) + 1
    """,
)
ALWAYS_PRODUCT_ONE = Fragment(
    "always_product_one",
    """
    def change_elsewhere():
        with Session(engine) as second, second.begin():
            other = second.get(Product, 1)
            other.price = Decimal(str(other.price)) + 1

    print(show_reloading(engine, 1, change_elsewhere))
    """,
)
CHANGE_NEVER_COMMITTED = Fragment(
    "change_never_committed",
    """
    def change_elsewhere():
        with Session(engine) as second:
            second.get(Product, ids[0]).price += 1
            second.flush()
    """,
)
CHANGE_OF_NOTHING = Fragment(
    "change_of_nothing",
    """
    def change_elsewhere():
        with Session(engine) as second, second.begin():
            print("another program has", second.get(Product, ids[0]).price)
    """,
)
CHANGE_OF_ANOTHER = Fragment(
    "change_of_another",
    """
    def change_elsewhere():
        with Session(engine) as second, second.begin():
            second.get(Product, ids[1]).price += 1
    """,
)
PUT_BACK = Fragment(
    "put_back",
    """
    amounts = [Decimal("5.15"), Decimal("6.25")]

    def change_elsewhere():
        with Session(engine) as second, second.begin():
            second.get(Product, 1).price = amounts.pop()

    print(show_reloading(engine, 1, change_elsewhere))
    """,
)
