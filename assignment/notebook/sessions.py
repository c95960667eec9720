# %% [markdown] locked="intro"
# # Sessions and transactions
#
# The exercise that closes the chapter *Session Management and Transactions*. You write a model and four functions that
# store products in one transaction, take everything back when something fails, and show when an object in a session
# notices that its row was changed elsewhere. Then you run it all again, and look at what stayed.
#
# Work from top to bottom. Each task has
#
# - a cell for **your answer**: write it where it says `YOUR CODE HERE`, in place of the line that raises;
# - a **timeline** of what your session really does, beside what the database hears and what other connections see;
# - short **checks**, one for each thing that earns points. They are no more than a first look: the grade makes calls of
#   its own, with other products, on a database that notes every statement, and sometimes refuses one.
#
# You may add cells. What your functions use of them belongs to your answer: imports, functions, classes, values. The
# rest is for trying things out. So are calls of the four functions, also in the cell of an answer. What comes from
# `practice` is for the checks: your functions do without. All of your work stands in this notebook: modules beside it
# are not looked at. Where the grade is made, SQLAlchemy is the only package, there is no network, and no other program
# can be started.

# %% locked="setup"
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from practice import Shop, attempt, called, cents, expect, left_behind, timeline
from sqlalchemy import Engine, Numeric, String, create_engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

TEAPOT = {"name": "Teapot", "price": Decimal("24.95")}
CUP = {"name": "Cup", "price": Decimal("4.10")}
SAUCER = {"name": "Saucer", "price": Decimal("2.00")}

# %% [markdown] locked="task_1"
# ## Task 1: the model
#
# Make `Product` a mapped class, with the table `products` and these columns:
#
# - `id`: an integer and the primary key. The database gives it when the caller does not; a caller may give it.
# - `name`: a text, required. The *database* refuses a product without a name, whatever program it comes from.
# - `price`: an amount of money, required. 19.99 stored is 19.99 read back, to the cent, also on another connection.
#
# Any style of declaring a mapped class is good, and any way of storing the price that gives it back to the cent.
#
# *Think about:* which types keep the cents, and who says no to NULL.


# %% answer="models"
class Base(DeclarativeBase):
    """The declarative base: its metadata knows every table of the program."""


class Product(Base):
    """Something that can be sold: with an id, a name and a price, in the table products."""

    ### BEGIN SOLUTION
    __tablename__ = "products"

    # An integer primary key needs nothing more: the database gives the next number unless the caller brings one.
    id: Mapped[int] = mapped_column(primary_key=True)

    # Neither annotation says Optional, so both columns are NOT NULL: the last guard is the database, not the program.
    name: Mapped[str] = mapped_column(String(100))

    # Money is counted, not measured. A float cannot hold 19.99 exactly; Numeric gives the Decimal back to the cent.
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))

    def __repr__(self) -> str:
        return f"Product(id={self.id!r}, name={self.name!r}, price={self.price!r})"

    ### END SOLUTION


# %% locked="timeline_1"
# What happens when one product is stored. Your own lines are in the first column.
shop = Shop(Base, Product)
with timeline(), Session(shop.engine) as session:
    product = Product(name="Pen", price=Decimal("1.20"))
    session.add(product)
    session.flush()
    session.commit()

# %% criterion="model.table" points=5
# model.table (5 points): The table products has the columns id, name and price; id is the primary key, given by the
# database or by you.
shop = Shop(Base, Product)
shop.store(**TEAPOT)
shop.store(id=7, **CUP)
expect("the database gives an id, and takes yours", expected=[1, 7], seen=[row[0] for row in shop.stored()])
expect("the table is called products", expected=True, seen="products" in Base.metadata.tables)

# %% criterion="model.required" points=5
# model.required (5 points): The database refuses a product without a name and one without a price.
expect("a product without a name is refused", expected=True, seen=shop.refuses(price=Decimal("1.20")))
expect("a product without a price is refused", expected=True, seen=shop.refuses(name="Pen"))

# %% criterion="model.money" points=5
# model.money (5 points): A price comes back as it went in, to the cent.
shop = Shop(Base, Product)
shop.store(name="Fountain pen", price=Decimal("19.99"))
expect("19.99 comes back", expected=[(1, "Fountain pen", Decimal("19.99"))], seen=shop.stored())

# %% [markdown] locked="task_2"
# ## Task 2: `add_products(engine, products)`
#
# `products` is a list of dicts with `name`, `price` and sometimes `id`. Store all of them in **one** transaction, and
# return their ids in the same order. An empty list stores nothing and gives `[]`.
#
# If any insert fails, or if the commit fails:
#
# - everything is rolled back, and the database is as it was before the call;
# - the exception reaches the caller, the original one or one that is chained to it (`raise ... from error`).
#
# The session is closed on every path. Nothing is visible to another connection before all of it is.
#
# **When the COMMIT itself fails**, SQLAlchemy does not roll back by itself. A session that is only closed then gives
# its connection back to the pool with the transaction still open: other programs find the database locked, and the next
# commit on that engine also stores the rows that failed. Somebody has to say `rollback`: you, or a block that
# begins a transaction and ends it. Look up `session.begin()` and `sessionmaker.begin()` used with `with`.
#
# *Think about:* when an object has its id; what is already stored when the third of five products is refused.


# %% answer="add_products"
def add_products(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    """Store all products in one transaction, or none of them; return their ids in the order of the list."""
    ### BEGIN SOLUTION
    # Two promises in one line. `session.begin()` commits when the block ends well and rolls back when anything in it
    # fails, the COMMIT itself included; `Session(engine)` closes the session on every path. Without `begin()`, a COMMIT
    # that the database refuses would leave the transaction open on a connection that the pool lends out again.
    # Nothing is caught: the caller must learn of a failure, and knows better what to do about it.
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        # The flush sends the INSERTs, so that the ids are known. Nobody else can see the rows yet.
        session.flush()
        return [row.id for row in rows]
    ### END SOLUTION


# %% locked="timeline_2"
# First all goes well. Then the id of the last product is taken: look at what others see, and how the session ends.
shop = Shop(Base, Product)
with timeline():
    add_products(shop.engine, [TEAPOT, CUP])
with timeline():
    attempt(add_products, shop.engine, [SAUCER, {"id": 1, **CUP}])

# %% criterion="commit.stored" points=8
# commit.stored (8 points): After add_products another connection reads every product as it was given, and nothing else
# has changed.
shop = Shop(Base, Product)
add_products(shop.engine, [TEAPOT, CUP])
expect("both are stored", expected=[(1, "Teapot", Decimal("24.95")), (2, "Cup", Decimal("4.10"))], seen=shop.stored())

# %% criterion="commit.one_transaction" points=8
# commit.one_transaction (8 points): All products of a list arrive in one commit; nobody ever sees a part of them.
shop = Shop(Base, Product)
with shop.others_looking() as counts:
    add_products(shop.engine, [TEAPOT, CUP, SAUCER])
expect("others see none, then all three", expected=[0, 3], seen=sorted(set(counts)))

# %% criterion="commit.ids" points=4
# commit.ids (4 points): add_products returns the ids in the order of the list, and an empty list for an empty list.
shop = Shop(Base, Product)
expect("the ids come back in order", expected=[1, 2], seen=add_products(shop.engine, [TEAPOT, CUP]))
expect("an empty list gives an empty list", expected=[], seen=add_products(shop.engine, []))

# %% criterion="rollback.nothing_kept" points=14
# rollback.nothing_kept (14 points): When an insert fails, nothing of the list stays, and what was there before is
# untouched.
shop = Shop(Base, Product)
add_products(shop.engine, [TEAPOT])
attempt(add_products, shop.engine, [SAUCER, {"id": 1, **CUP}])
expect("only what was there before is there", expected=["Teapot"], seen=shop.names())

# %% criterion="rollback.commit_failure" points=3
# rollback.commit_failure (3 points): When the commit itself fails, nothing stays either, not even with the next commit
# on the same engine.
shop = Shop(Base, Product)
with shop.somebody_reading():
    attempt(add_products, shop.engine, [TEAPOT])
add_products(shop.engine, [CUP])
expect("only the second list is stored", expected=["Cup"], seen=shop.names())

# %% criterion="rollback.error_reaches_caller" points=5
# rollback.error_reaches_caller (5 points): The caller of add_products learns of every failure, a failing commit
# included.
shop = Shop(Base, Product)
shop.store(id=1, **TEAPOT)
expect("a taken id raises", expected=True, seen=attempt(add_products, shop.engine, [{"id": 1, **CUP}]) is not None)
with shop.somebody_reading():
    expect("a failing commit raises", expected=True, seen=attempt(add_products, shop.engine, [SAUCER]) is not None)

# %% criterion="scope.closed_after_success" points=5
# scope.closed_after_success (5 points): Every session is closed when its work is done, and its connection goes back to
# the pool.
shop = Shop(Base, Product)
expect("nothing is left open", expected=[], seen=left_behind(add_products, shop.engine, [TEAPOT]))

# %% [markdown] locked="task_3"
# ## Task 3: `preview_ids(engine, products)`
#
# Return the ids that the database would give these products *now*, without storing anything: flush, read the ids, roll
# back. The session is closed afterwards.
#
# *Think about:* what `flush` has done at this point, and who can see it.


# %% answer="preview_ids"
def preview_ids(engine: Engine, products: list[dict[str, Any]]) -> list[int]:
    """Return the ids that the database would give these products now, without storing anything."""
    ### BEGIN SOLUTION
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        # Closing the session would do the same; said aloud, it tells the reader that it is the point.
        session.rollback()
    return ids
    ### END SOLUTION


# %% locked="timeline_3"
# The INSERT reaches the database. What do others see of it?
shop = Shop(Base, Product)
with timeline():
    preview_ids(shop.engine, [TEAPOT])

# %% criterion="flush.ids" points=4
# flush.ids (4 points): preview_ids returns the ids that the products would really have got.
shop = Shop(Base, Product)
shop.store(id=41, **TEAPOT)
expect("the next id is 42", expected=[42], seen=preview_ids(shop.engine, [CUP]))

# %% criterion="flush.nothing_stored" points=4
# flush.nothing_stored (4 points): preview_ids stores nothing, because it flushes and rolls back and never commits.
shop = Shop(Base, Product)
with shop.others_looking() as counts:
    preview_ids(shop.engine, [CUP])
expect("nothing is stored, not even for a moment", expected=[0], seen=sorted(set(counts)))

# %% [markdown] locked="task_4"
# ## Task 4: `show_reloading(engine, product_id, change_elsewhere)`
#
# `change_elsewhere()` changes the price of that row through another connection, as another program would. Each call
# sets a new price. In **one** session, with one and the same object:
#
# 1. load the product, and note its price: `loaded`;
# 2. call `change_elsewhere()`, and read the price again without reloading: `stale`;
# 3. `expire_all()`, and read the price: `after_expire_all`;
# 4. call `change_elsewhere()` once more, then `refresh` the object, and read the price: `after_refresh`.
#
# Return a dict with these four keys. The function only looks: it writes nothing. The session is closed on every path,
# also when `change_elsewhere()` raises.
#
# *Think about:* before you run it, write down which of the four prices you expect to be the same.


# %% answer="show_reloading"
def show_reloading(engine: Engine, product_id: int, change_elsewhere: Callable[[], object]) -> dict[str, Decimal]:
    """Return the price that one object shows before and after each way of reloading it."""
    ### BEGIN SOLUTION
    with Session(engine) as session:
        product = session.get_one(Product, product_id)
        loaded = product.price

        change_elsewhere()
        # The row has changed, the object has not: a session does not ask again for what it already knows.
        stale = product.price

        # Nothing is read here. Everything is only marked as out of date, and the next access reads.
        session.expire_all()
        after_expire_all = product.price

        change_elsewhere()
        # This one reads at once, and only this object.
        session.refresh(product)
        return {
            "loaded": loaded,
            "stale": stale,
            "after_expire_all": after_expire_all,
            "after_refresh": product.price,
        }
    ### END SOLUTION


# %% locked="timeline_4"
# A teapot costs 24.95. Another program makes that 26.45, and later 23.05.
shop = Shop(Base, Product)
shop.store(id=1, **TEAPOT)
new_prices = iter([Decimal("26.45"), Decimal("23.05")])
with timeline() as trace:
    prices = show_reloading(shop.engine, 1, lambda: shop.change_price(1, next(new_prices)))
prices

# %% criterion="scope.closed_after_failure" points=5
# scope.closed_after_failure (5 points): Every session is closed when something failed, too, also in show_reloading.
shop = Shop(Base, Product)
shop.store(id=1, **TEAPOT)
expect("add_products", expected=[], seen=left_behind(add_products, shop.engine, [{"id": 1, **CUP}]))
expect("show_reloading", expected=[], seen=left_behind(show_reloading, shop.engine, 1, lambda: 1 / 0))

# %% criterion="reload.stale" points=3
# reload.stale (3 points): show_reloading reads the price once more before it reloads, in the same session, and returns
# the four prices.
expect("loaded", expected=Decimal("24.95"), seen=cents(prices["loaded"]))
expect("stale: still the old price", expected=Decimal("24.95"), seen=cents(prices["stale"]))

# %% criterion="reload.expire_all" points=5
# reload.expire_all (5 points): expire_all() is used, and the next read brings the new price.
expect("expire_all() is called", expected=True, seen=called(trace, "expire_all"))
expect("the next read brings the new price", expected=Decimal("26.45"), seen=cents(prices["after_expire_all"]))

# %% criterion="reload.refresh" points=5
# reload.refresh (5 points): refresh() is used on the same object and brings the newest price; the session writes
# nothing.
expect("refresh() is called", expected=True, seen=called(trace, "refresh"))
expect("it brings the newest price", expected=Decimal("23.05"), seen=cents(prices["after_refresh"]))

# %% [markdown] locked="task_5"
# ## Task 5: `main(database_url="sqlite:///products.db")`
#
# One whole run of the exercise. Print what happens, in words of your own:
#
# 1. create the engine, and the table if it is not there;
# 2. add two products of your choice with `add_products`; leave their ids to the database;
# 3. try to add two more of which the second cannot be stored, because its id is taken. Catch the error and go on.
#    Nothing of this pair stays;
# 4. show reloading with `show_reloading` on one of your products, changing its price through a second session.
#
# Every run, the first and each later one, leaves exactly two more products, and ends without an error. The grade runs
# your cells as a program, `python transaction_script.py`, which calls `main()`.
#
# *Think about:* which id is surely taken; which errors you want to catch, and which you would rather hear of.


# %% answer="main"
def main(database_url: str = "sqlite:///products.db") -> None:
    """Run the whole exercise once, and print what happens: add a pair, fail to add a pair, show reloading."""
    ### BEGIN SOLUTION
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    print(f"Products at the start: {count_products(engine)}")

    ids = add_products(
        engine,
        [{"name": "Notebook", "price": Decimal("3.50")}, {"name": "Fountain pen", "price": Decimal("19.99")}],
    )
    print(f"Added the products {ids}: {count_products(engine)} now")

    taken = ids[0]
    try:
        add_products(
            engine,
            [{"name": "Eraser", "price": Decimal("0.80")}, {"id": taken, "name": "Ruler", "price": Decimal("1.20")}],
        )
    except IntegrityError as error:
        # Only the failure that was asked for: any other one should be heard.
        print(f"The pair with the taken id {taken} was rolled back: {error.orig}")
    print(f"Products after the failed pair: {count_products(engine)}")

    # Only a product of this run is changed: what earlier runs stored is left as it is.
    prices = show_reloading(engine, taken, lambda: raise_price(engine, taken))
    for moment, price in prices.items():
        print(f"{moment:>16}: {price}")

    # The pool still holds a connection; a program that ends with its engine gives that back, too.
    engine.dispose()


def raise_price(engine: Engine, product_id: int) -> None:
    """Add one to a price in a session of its own, as another program would."""
    with Session(engine) as session, session.begin():
        session.get_one(Product, product_id).price += 1


def count_products(engine: Engine) -> int:
    """Return how many products are stored."""
    with Session(engine) as session:
        return session.scalars(select(func.count()).select_from(Product)).one()


### END SOLUTION


# %% locked="timeline_5"
shop = Shop(Base, Product)
with timeline():
    main(shop.url)

# %% criterion="script.first_run" points=5
# script.first_run (5 points): One run of the script ends well: two products stored, the failed pair tried and not
# stored, reloading shown.
expect("one run leaves two products", expected=2, seen=len(shop.stored()))

# %% [markdown] locked="task_6"
# ## Task 6: run it again, and observe
#
# Look at the rows and at the ids after the first run and after the second, in the cell below: run it as often as you
# like. What the first run stored must still be there as it was, prices included.
#
# *Think about:* the first product of the failed pair was inserted without trouble. Where is it now, and its id?

# %% locked="timeline_6"
shop = Shop(Base, Product)
main(shop.url)
after_first_run = shop.stored()
main(shop.url)
after_second_run = shop.stored()
print(after_first_run, after_second_run, sep="\n")

# %% criterion="script.second_run" points=4
# script.second_run (4 points): A second run on the same database adds two more and leaves the first two as they were,
# their prices included.
expect("two more are there", expected=4, seen=len(after_second_run))
expect("the first two are as they were", expected=after_first_run, seen=after_second_run[:2])

# %% [markdown] locked="questions"
# Now answer what you saw. The answers are compared with what *your* functions are seen to do, so there is nothing to
# guess. Write a number, or `True` or `False`, in place of each `None`, and delete the line that raises.

# %% answer="observations"
# How many products does the table hold after the first run, and how many after the second? (numbers)
rows_after_first_run = None
rows_after_second_run = None
# How many products of the pair that failed are in the table? (a number)
rows_kept_of_failed_pair = None
# Right after the change elsewhere: did the object still show the old price? (True or False)
stale_price_was_old = None
# After expire_all(): did it show the new price? (True or False)
expire_all_showed_new = None
# After refresh(): did it show the newest price? (True or False)
refresh_showed_new = None
# Did a later product get an id that the rolled-back insert had been given? (True or False)
failed_id_was_reused = None
### BEGIN SOLUTION
# The pair of each run, and nothing else.
rows_after_first_run = 2
rows_after_second_run = 4

# The eraser was inserted without trouble; it went away with the ruler, whose id was taken.
rows_kept_of_failed_pair = 0

# The object kept the old price until the session was told to read again.
stale_price_was_old = True
expire_all_showed_new = True
refresh_showed_new = True

# The eraser of the first run had been given id 3; the notebook of the second run got it.
failed_id_was_reused = True
### END SOLUTION

# %% criterion="observations.agree" points=3
# observations.agree (3 points): The observations agree with what the script was seen to do.
numbers = [rows_after_first_run, rows_after_second_run, rows_kept_of_failed_pair]
answers = [stale_price_was_old, expire_all_showed_new, refresh_showed_new, failed_id_was_reused]
expect("three numbers", expected=[int] * 3, seen=[type(number) for number in numbers])
expect("four answers", expected=[bool] * 4, seen=[type(answer) for answer in answers])
