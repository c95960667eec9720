"""The visible self-checks: what they say of the untouched starter, of the solution and of typical mistakes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from grader.content import SOLUTION, STARTER, find_content

Repository = Callable[..., Path]


class SelfChecks(Struct, frozen=True):
    """How a run of the self-checks ended: the outcome and message of each by name, and all that was printed."""

    outcomes: dict[str, str]
    messages: dict[str, str]
    printed: str


def self_check(repository: Path, *arguments: str) -> SelfChecks:
    """Run pytest in a repository as a student does."""
    report = repository / "checked.json"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "pytest_jsonreport",
        "--json-report",
        f"--json-report-file={report}",
    ]
    # The student's environment has none of our plugins, and loading them would take most of the time.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(
        [*command, f"--json-report-file={report}", *arguments],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    tests: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["tests"]
    names = {test["nodeid"].split("::")[1]: test for test in tests}
    return SelfChecks(
        outcomes={name: test["outcome"] for name, test in names.items()},
        messages={name: test["call"].get("longrepr", "") for name, test in names.items() if "call" in test},
        printed=run.stdout + run.stderr,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a function that makes a student's repository, with the solution in it where asked for."""

    def make(*, solved: bool) -> Path:
        content, folder = find_content().root, tmp_path / "repository"
        shutil.copytree(content / STARTER, folder)
        if solved:
            shutil.copytree(content / SOLUTION, folder, dirs_exist_ok=True)
        return folder

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


def test_every_task_of_the_untouched_starter_is_to_do(repository: Repository) -> None:
    """Before anything is written each check fails with one line that names what is to do."""
    checked = self_check(repository(solved=False))
    assert set(checked.outcomes.values()) == {"failed"}
    assert all(message.startswith("to do: TODO ") for message in checked.messages.values())
    assert not any("\n" in message for message in checked.messages.values())


def test_untouched_starter_shows_no_traceback(repository: Repository) -> None:
    """What is printed for the untouched starter has no traceback and no name of an exception."""
    printed = self_check(repository(solved=False)).printed
    assert not any(word in printed for word in ("Traceback", "Error", "Exception", "site-packages"))


def test_each_function_is_to_do_once_the_model_is_there(repository: Repository) -> None:
    """With the model written, every other check names its own task."""
    folder = repository(solved=False)
    shutil.copy(find_content().root / SOLUTION / "models.py", folder)
    messages = self_check(folder).messages
    named = {message.removeprefix("to do: TODO ").partition(":")[0] for message in messages.values() if message}
    assert named == {"2", "3", "4", "5", "6"}


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
    "guesses the ids": Mistake(
        SCRIPT, END, GUESSES_THE_IDS + END,
        "test_flush_gives_ids_and_stores_nothing",
        "Flush: preview_ids should return the id that the database gives next.",
    ),
    "does not expire": Mistake(
        SCRIPT, "session.expire_all()", "", "test_one_object_shows_four_prices", "Reloading: the price was"
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
        SCRIPT, END, RETURNS_NO_PRICES + END, "test_one_object_shows_four_prices", "seen:     None"
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


def test_module_that_cannot_be_imported_is_one_line(repository: Repository) -> None:
    """A spelling mistake in models.py is told in one line by every check that needs it."""
    folder = repository(solved=True)
    change(folder, MODEL, "class Product(Base):", "class Product(Base)")
    message = self_check(folder, "tests/test_1_model.py").messages["test_a_product_comes_back_as_it_went_in"]
    assert message.startswith("models.py cannot be imported: SyntaxError: expected ':'")
    assert "\n" not in message


def test_error_is_told_by_the_lines_of_the_student(repository: Repository) -> None:
    """An error inside a function is shown with the student's line and without the lines of libraries."""
    folder = repository(solved=True)
    change(folder, SCRIPT, "session.add_all(rows)", "session.add_all(rows[0])")
    checked = self_check(folder, "-k", "test_commit_stores_all_products")
    message = checked.messages["test_commit_stores_all_products"]
    assert "session.add_all(rows[0])" in message
    assert "TypeError: 'Product' object is not iterable" in message
    assert "site-packages" not in message
