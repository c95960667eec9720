"""The visible self-checks: what they say of the untouched starter, of the solution and of typical mistakes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.self_checks import make_repository, self_check
from msgspec import Struct

from grader.content import SOLUTION, find_content

Repository = Callable[..., Path]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a function that makes a student's repository, with the solution in it where asked for."""

    def make(*, solved: bool) -> Path:
        return make_repository(tmp_path / "repository", *([find_content().root / SOLUTION] if solved else []))

    return make


def change(repository: Path, file: str, old: str, new: str) -> None:
    """Replace one passage of a file that is there."""
    text = (repository / file).read_text(encoding="utf-8")
    assert old in text
    (repository / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_solution_passes_every_self_check(repository: Repository) -> None:
    """With the solution in place all self-checks are green."""
    checked = self_check(repository(solved=True))
    assert set(checked.outcomes.values()) == {"passed"}


def test_untouched_starter_is_to_do(repository: Repository) -> None:
    """Before anything is written every check is to do, and names with one line what."""
    checked = self_check(repository(solved=False))
    assert set(checked.outcomes.values()) == {"to do"}
    assert all(message.startswith("to do: TODO ") for message in checked.messages.values())
    assert not any("\n" in message for message in checked.messages.values())


def test_untouched_starter_shows_no_failure(repository: Repository) -> None:
    """What is printed for the untouched starter has no failure to read, and ends with the first step."""
    printed = self_check(repository(solved=False)).printed
    assert not any(word in printed for word in ("FAILURES", "Traceback", "Error", "Exception", "site-packages", " F"))
    assert "0 of 6 tasks done. Next: task 1, make Product in models.py a mapped class." in printed


def test_each_function_is_to_do_once_the_model_is_there(repository: Repository) -> None:
    """With the model written, every other check names its own task, and the summary names the second."""
    folder = repository(solved=False)
    shutil.copy(find_content().root / SOLUTION / "models.py", folder)
    checked = self_check(folder)
    named = {message.removeprefix("to do: TODO ").partition(":")[0] for message in checked.messages.values() if message}
    assert named == {"2", "3", "4", "5", "6"}
    assert "1 of 6 tasks done. Next: task 2, write add_products in transaction_script.py." in checked.printed


def test_solution_is_told_to_push(repository: Repository) -> None:
    """With everything green, the summary says that the grade looks at more."""
    printed = self_check(repository(solved=True)).printed
    assert "6 of 6 tasks done. Push, and read the grade: it looks at more than these checks." in printed


def test_green_task_alone_is_not_all(repository: Repository) -> None:
    """Where only some tasks were checked and are green, the summary says how to check all."""
    printed = self_check(repository(solved=True), "tests/test_1_model.py").printed
    assert "1 of 1 tasks done. All of them: python -m pytest\n" in printed


def test_task_with_a_red_check_is_counted(repository: Repository) -> None:
    """A task of which some checks are green is told as such, and comes next."""
    folder = repository(solved=True)
    change(folder, MODEL, PRICE, PRICE.replace("[Decimal]", "[Decimal | None]"))
    printed = self_check(folder, "tests/test_1_model.py").printed
    assert "task 1  the model         2 of 3 checks pass" in printed
    assert "0 of 1 tasks done. Next: task 1, the model: see its first message above." in printed


class Mistake(Struct, frozen=True):
    """A passage of the solution, what a student wrote instead, and the check that finds it by its concept."""

    file: str
    old: str
    new: str
    check: str
    message: str


MODEL, SCRIPT, OBSERVATIONS = "models.py", "transaction_script.py", "observations.toml"
PRICE = "price: Mapped[Decimal] = mapped_column(Numeric(10, 2))"
# A function written before this line takes the place of the solution's of the same name.
END = 'if __name__ == "__main__":'

COMMITS_IN_THE_LOOP = """
def add_products(engine, products):
    ids = []
    with Session(engine) as session:
        for product in products:
            row = Product(**product)
            session.add(row)
            session.commit()
            ids.append(row.id)
    return ids
"""
SWALLOWS_THE_ERROR = """
def add_products(engine, products):
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        try:
            session.add_all(rows)
            session.commit()
            return [row.id for row in rows]
        except Exception as error:
            print("Error:", error)
            session.rollback()
"""
COMMITS_WITHOUT_BEGIN = """
def add_products(engine, products):
    with Session(engine) as session:
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.commit()
        return [row.id for row in rows]
"""
COMMITS_THE_PREVIEW = """
def preview_ids(engine, products):
    return add_products(engine, products)
"""
TAKES_THE_PREVIEW_BACK = """
def preview_ids(engine, products):
    ids = add_products(engine, products)
    with Session(engine) as session, session.begin():
        for product_id in ids:
            session.delete(session.get_one(Product, product_id))
    return ids
"""
TAKES_BACK_WHAT_WAS_COMMITTED = """
def add_products(engine, products):
    done = []
    with Session(engine) as session:
        try:
            for product in products:
                row = Product(**product)
                session.add(row)
                session.commit()
                done.append(row)
            return [row.id for row in done]
        except Exception:
            session.rollback()
            for row in done:
                session.delete(row)
            session.commit()
            raise
"""
REFUSES_AN_EMPTY_LIST = """
def add_products(engine, products):
    with Session(engine) as session, session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows] or None
"""
NEVER_CLOSES = """
def add_products(engine, products):
    session = Session(engine)
    with session.begin():
        rows = [Product(**product) for product in products]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]
"""
GUESSES_THE_IDS = """
def preview_ids(engine, products):
    return list(range(1, len(products) + 1))
"""
CLOSES_ONLY_ON_SUCCESS = """
def show_reloading(engine, product_id, change_elsewhere):
    session = Session(engine)
    prices = {"loaded": session.get_one(Product, product_id).price}
    change_elsewhere()
    session.close()
    return prices
"""
RETURNS_NO_PRICES = """
def show_reloading(engine, product_id, change_elsewhere):
    with Session(engine) as session:
        print(session.get_one(Product, product_id).price)
"""

MISTAKES = {
    "price may be missing": Mistake(
        MODEL, PRICE, PRICE.replace("[Decimal]", "[Decimal | None]"),
        "test_the_database_refuses_a_gap[price]",
        "Model: the database should refuse a product whose price is None",
    ),
    "whole amounts only": Mistake(
        MODEL, PRICE, PRICE.replace("2)", "0)"),
        "test_a_product_comes_back_as_it_went_in",
        "Model: a product that was stored should come back",
    ),
    "never commits": Mistake(
        SCRIPT, "as session, session.begin():", "as session:",
        "test_commit_stores_all_products",
        "Commit: after add_products another connection should read both products.",
    ),
    "ids in the wrong order": Mistake(
        SCRIPT, "[row.id for row in rows]", "[row.id for row in reversed(rows)]",
        "test_commit_stores_all_products",
        "Commit: add_products should return the ids in the order of the list.",
    ),
    "commits in the loop": Mistake(
        SCRIPT, END, COMMITS_IN_THE_LOOP + END,
        "test_rollback_when_an_insert_fails",
        "Rollback: when an insert fails",
    ),
    "others see a part": Mistake(
        SCRIPT, END, COMMITS_IN_THE_LOOP + END,
        "test_others_see_all_or_nothing",
        "Commit: other connections should see none of the three products, and then all of them",
    ),
    "takes back what was committed": Mistake(
        SCRIPT, END, TAKES_BACK_WHAT_WAS_COMMITTED + END,
        "test_rollback_when_an_insert_fails",
        "Rollback: of a list that fails, other connections should not see anything",
    ),
    "has nothing for an empty list": Mistake(
        SCRIPT, END, REFUSES_AN_EMPTY_LIST + END,
        "test_an_empty_list_stores_nothing",
        "Commit: for an empty list add_products should return an empty list.",
    ),
    "never closes": Mistake(
        SCRIPT, END, NEVER_CLOSES + END,
        "test_every_session_is_closed",
        "Session scope: add_products should close its session. Sessions left open:",
    ),
    "swallows the error": Mistake(
        SCRIPT, END, SWALLOWS_THE_ERROR + END,
        "test_rollback_when_an_insert_fails",
        "Rollback: add_products failed inside; the exception should go on to the caller.",
    ),
    "commits without begin": Mistake(
        SCRIPT, END, COMMITS_WITHOUT_BEGIN + END,
        "test_rollback_when_the_commit_fails",
        "Rollback: after a failed COMMIT others should be able to write again.",
    ),
    "commits the preview": Mistake(
        SCRIPT, END, COMMITS_THE_PREVIEW + END,
        "test_flush_gives_ids_and_stores_nothing",
        "Flush: preview_ids should store nothing.",
    ),
    "takes the preview back": Mistake(
        SCRIPT, END, TAKES_THE_PREVIEW_BACK + END,
        "test_flush_gives_ids_and_stores_nothing",
        "Flush: preview_ids should store nothing, not even for a moment.",
    ),
    "guesses the ids": Mistake(
        SCRIPT, END, GUESSES_THE_IDS + END,
        "test_flush_gives_ids_and_stores_nothing",
        "Flush: preview_ids should return the id that the database gives next.",
    ),
    "does not expire": Mistake(
        SCRIPT, "session.expire_all()", "", "test_one_object_shows_four_prices", "Reloading: the price was"
    ),
    "commits instead of expiring": Mistake(
        SCRIPT, "session.expire_all()", "session.commit()",
        "test_the_session_is_told_to_reload",
        "Reloading: was expire_all() of the session called?",
    ),
    "writes while it looks": Mistake(
        SCRIPT, "session.refresh(product)", "session.refresh(product); product.name = 'Seen'; session.commit()",
        "test_show_reloading_only_looks",
        "Reloading: show_reloading should write nothing",
    ),
    "main shows no reloading": Mistake(
        SCRIPT, "prices = show_reloading(engine, taken, lambda: raise_price(engine, taken))", "prices = {}",
        "test_one_run_shows_reloading",
        "One run of the script should show reloading",
    ),
    "the default is another database": Mistake(
        SCRIPT, "sqlite:///products.db", "sqlite:///shop.db",
        "test_a_second_run_adds_two_and_leaves_the_first_alone",
        "in the folder of that database, should leave four products",
    ),
    "does not refresh": Mistake(
        SCRIPT, "session.refresh(product)", "", "test_one_object_shows_four_prices", "Reloading: the price was"
    ),
    "closes only on success": Mistake(
        SCRIPT, END, CLOSES_ONLY_ON_SUCCESS + END,
        "test_session_is_closed_when_the_change_fails",
        "Session scope: when change_elsewhere raises, the session should be closed.",
    ),
    "returns no prices": Mistake(
        SCRIPT, END, RETURNS_NO_PRICES + END, "test_one_object_shows_four_prices", "should come back"
    ),
    "the failing pair does not fail": Mistake(
        SCRIPT, '"id": taken, ', "",
        "test_one_run_stores_two_products",
        "One run of the script should leave two products.",
    ),
    "an id is fixed": Mistake(
        SCRIPT, '{"name": "Notebook"', '{"id": 1, "name": "Notebook"',
        "test_a_second_run_adds_two_and_leaves_the_first_alone",
        "The script ended with exit status 1: ",
    ),
    "a later run changes what the first stored": Mistake(
        SCRIPT, "raise_price(engine, taken)", "raise_price(engine, 1)",
        "test_a_second_run_adds_two_and_leaves_the_first_alone",
        "A second run should leave the first two products as they were.",
    ),
    "an observation in words": Mistake(
        OBSERVATIONS, "was_old = true", 'was_old = "yes"',
        "test_every_observation_is_written_down",
        "stale_price_was_old should be true or false.",
    ),
    "observations that are not TOML": Mistake(
        OBSERVATIONS, "was_old = true", "was_old = yes",
        "test_every_observation_is_written_down",
        "observations.toml cannot be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_typical_mistake_is_named(repository: Repository, mistake: Mistake) -> None:
    """A typical mistake fails the check of its task, with a message that names the concept."""
    folder = repository(solved=True)
    change(folder, mistake.file, mistake.old, mistake.new)
    checked = self_check(folder, "-k", mistake.check.partition("[")[0])
    assert checked.outcomes[mistake.check] == "failed"
    assert mistake.message in checked.messages[mistake.check]


# --- what stops everything --------------------------------------------------------------------------------------------


def test_module_that_cannot_be_imported_is_one_line(repository: Repository) -> None:
    """A spelling mistake in models.py is told once and in one line; every other check waits for it."""
    folder = repository(solved=True)
    change(folder, MODEL, "class Product(Base):", "class Product(Base)")
    first, *others = self_check(folder, "tests/test_1_model.py", "tests/test_5_script.py").messages.values()
    assert first.startswith("models.py cannot be imported: SyntaxError: expected ':'")
    assert "\n" not in first
    assert set(others) == {"to do: waits until models.py can be imported"}


def test_line_that_cannot_be_imported_is_shown(repository: Repository) -> None:
    """An error while a module is imported names the line of the student's."""
    folder = repository(solved=True)
    change(folder, SCRIPT, "from models import Base, Product", "from models import Base, Products")
    message = self_check(folder, "tests/test_3_preview_ids.py").messages["test_flush_gives_ids_and_stores_nothing"]
    assert message.startswith("transaction_script.py cannot be imported: ImportError: cannot import name 'Products'")
    assert "in <module>\n    from models import Base, Products" in message


def test_error_is_told_by_the_lines_of_the_student(repository: Repository) -> None:
    """An error inside a function is shown with the student's line and without the lines of libraries."""
    folder = repository(solved=True)
    change(folder, SCRIPT, "session.add_all(rows)", "session.add_all(rows[0])")
    checked = self_check(folder, "-k", "test_commit_stores_all_products")
    message = checked.messages["test_commit_stores_all_products"]
    assert "session.add_all(rows[0])" in message
    assert "TypeError: 'Product' object is not iterable" in message
    assert "site-packages" not in message


def test_missing_feature_of_a_library_is_no_task(repository: Repository) -> None:
    """A NotImplementedError that a library raises is an error at the student's line, and nothing to do."""
    folder = repository(solved=True)
    change(folder, SCRIPT, "        session.add_all(rows)", "        Product.price[0]\n        session.add_all(rows)")
    message = self_check(folder, "-k", "commit_stores").messages["test_commit_stores_all_products"]
    assert "Product.price[0]\nNotImplementedError: " in message


def test_program_that_ends_inside_a_function_is_told(repository: Repository) -> None:
    """A function that ends the program fails its check, and the others go on."""
    folder = repository(solved=True)
    change(folder, SCRIPT, "        session.rollback()", "        sys.exit(3)")
    checked = self_check(folder, "tests/test_2_add_products.py", "tests/test_3_preview_ids.py")
    assert "sys.exit(3)\nSystemExit: 3" in checked.messages["test_flush_gives_ids_and_stores_nothing"]
    assert checked.outcomes["test_commit_stores_all_products"] == "passed"


ENDLESS = {
    "an endless loop": "        while True:\n            rows = []\n",
    "a long sleep": "        __import__('time').sleep(1000)\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS.keys())
def test_check_that_does_not_end_is_told_with_its_line(repository: Repository, code: str) -> None:
    """What never ends is interrupted and told with the line where it was; the other checks go on."""
    folder = repository(solved=True)
    change(folder, SCRIPT, "        session.rollback()\n", code)
    checked = self_check(folder, "-o", "timeout=1", "tests/test_3_preview_ids.py", "tests/test_6_observations.py")
    message = checked.messages["test_flush_gives_ids_and_stores_nothing"]
    assert message.startswith(
        "This did not end within 1 seconds: an endless loop? It was here:\n  transaction_script.py:"
    )
    assert checked.outcomes["test_every_observation_is_written_down"] == "passed"


@pytest.mark.slow
def test_loop_that_catches_everything_ends_the_run(repository: Repository) -> None:
    """A loop that catches the interruption as well ends the whole run, and its line is shown."""
    folder = repository(solved=True)
    trap = "while True:\n            try:\n                __import__('time').sleep(60)\n            except: pass\n"
    change(folder, SCRIPT, "session.rollback()\n", trap)
    checked = self_check(folder, "-o", "timeout=1", "tests/test_3_preview_ids.py")
    assert checked.outcomes == {}
    assert "sleep(60)" in checked.printed


def test_only_the_end_of_a_long_output_is_shown(repository: Repository) -> None:
    """Of what a failing check printed, the last lines are shown, and how many there were before."""
    folder = repository(solved=True)
    flood = "        for n in range(1000): print('line', n)\n        1 / 0"
    change(folder, SCRIPT, "        session.rollback()", flood)
    printed = self_check(folder, "-k", "flush_gives").printed
    assert "... 980 lines before\nline 980\n" in printed
    assert "line 979\n" not in printed
