"""The self-checks are honest and run anywhere: fair to right answers, near the grade, and never a way to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.self_checks import compare, golden, lines, make_repository, self_check

from conftest import build_submission
from grader.content import SOLUTION, STARTER, find_content
from grader.flow import judged
from grader.observe.observer import Observer
from grader.observe.submission import take_in

# Accepted submissions that find the ways in which a check could be unfair: modules and keys of their own, sessions that
# are shared, models of every kind, programs that print, log and look for files.
FAIR = (
    "checks_in_python_first",
    "connection_by_hand",
    "helper_package",
    "imperative_mapping",
    "mapped_as_dataclass",
    "one_session_for_all",
    "scoped_session_removed",
    "session_events",
    "tests_of_its_own",
    "whole_prices_as_int",
)
# Rejected ones of which the self-checks find one mistake each, in a promise that they once did not look at.
FOUND = (
    "close_after_return",
    "commits_in_batches",
    "core_without_session",
    "default_database_elsewhere",
    "deletes_what_it_committed",
    "empty_list_refused",
    "no_refresh",
    "preview_commits_and_deletes",
)
# Know the products, prices and ids of the self-checks, and do for them alone what should be done for all.
SPECIAL_CASES = {
    "add_products": """
        known = {"Teapot", "Cup", "Saucer", "Notebook", "Fountain pen", "Eraser", "Ruler"}
        if not {product["name"] for product in products} <= known:
            return []
        with Session(engine) as session, session.begin():
            rows = [Product(**product) for product in products]
            session.add_all(rows)
            session.flush()
            return [row.id for row in rows]
    """,
    "preview_ids": "return [42]",
    "show_reloading": """
        with Session(engine) as session:
            session.expire_all()
            change_elsewhere()
            change_elsewhere()
            session.refresh(session.get_one(Product, product_id))
        return {"loaded": 24.95, "stale": 24.95, "after_expire_all": 26.45, "after_refresh": 23.05}
    """,
}
MOST_FOR_SPECIAL_CASES = 40


@pytest.mark.slow
@pytest.mark.parametrize("submission", golden(FAIR), ids=lambda folder: folder.name)
def test_right_submission_is_all_green(submission: Path) -> None:
    """What earns all points passes every self-check."""
    compared = compare(submission)
    assert compared.checked.all_green, compared.checked.printed


@pytest.mark.slow
@pytest.mark.parametrize("submission", golden(FOUND), ids=lambda folder: folder.name)
def test_wrong_submission_is_not_all_green(submission: Path) -> None:
    """A mistake in a promise of the chapter turns a self-check red."""
    assert not compare(submission).checked.all_green


def test_every_sampled_submission_is_there() -> None:
    """The names of the samples are those of golden submissions."""
    assert len(golden(FAIR)) + len(golden(FOUND)) == len(FAIR) + len(FOUND)


def test_table_tells_who_is_treated_unfairly() -> None:
    """The table names right submissions that are not all green with their checks, and wrong ones that are."""
    right, wrong = golden(["begin_block"])[0], golden(["all_observations_wrong"])[0]
    rows = [compare(right), compare(wrong)]
    rows[0].checked.outcomes["test_one_run_stores_two_products"] = "failed"
    told = list(lines(rows))
    assert told[:2] == [
        "accepted submissions that are all green: 0 of 1",
        "- accepted/begin_block: test_one_run_stores_two_products",
    ]
    assert told[-1] == "| all_observations_wrong | 97 | observations.agree |"


# --- green checks are not the grade -----------------------------------------------------------------------------------


def test_special_cases_pass_every_self_check(tmp_path: Path) -> None:
    """A submission that only knows the data of the self-checks is all green."""
    folder = build_submission(tmp_path / "mallory", {}, SPECIAL_CASES)
    checked = self_check(make_repository(tmp_path / "repository", folder))
    assert checked.all_green, checked.printed


def test_special_cases_earn_little(tmp_path: Path, walled_observer: Observer) -> None:
    """The same submission keeps its model and its script, and earns next to nothing for its functions."""
    folder = build_submission(tmp_path / "mallory", {}, SPECIAL_CASES)
    report = judged(walled_observer.observe(take_in(folder))).report
    assert report.score <= MOST_FOR_SPECIAL_CASES


# --- anywhere ---------------------------------------------------------------------------------------------------------

SURROUNDINGS = {
    "a plain locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "a console of Windows": {"PYTHONIOENCODING": "cp437"},
    "an old console of Windows": {"PYTHONIOENCODING": "cp1252"},
}


@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS.keys())
def test_every_message_can_be_shown(tmp_path: Path, surroundings: dict[str, str]) -> None:
    """In a folder with a blank and an umlaut all outcomes are the same, whatever the console can show."""
    folder = make_repository(tmp_path / "Übung 10 von Jürgen", find_content().root / SOLUTION)
    source = (folder / "transaction_script.py").read_text(encoding="utf-8")
    source = source.replace('"name": "Notebook"', '"name": "筆記本"')
    (folder / "transaction_script.py").write_text(source, encoding="utf-8")
    checked = self_check(folder, **surroundings)
    assert checked.all_green, checked.printed


def test_every_text_of_ours_can_be_shown_anywhere() -> None:
    """The self-checks and the stubs hold no character that an old console lacks."""
    starter = find_content().root / STARTER
    files = [*(starter / "tests").glob("*.py"), starter / "models.py", starter / "transaction_script.py"]
    assert files
    assert [file.name for file in files if not file.read_text(encoding="utf-8").isascii()] == []


def test_files_with_windows_line_endings_are_understood(tmp_path: Path) -> None:
    """With CRLF in every file, as git on Windows may write them, all checks are green."""
    folder = make_repository(tmp_path / "repository", find_content().root / SOLUTION)
    for file in [*folder.glob("*.py"), *folder.glob("*.toml"), *folder.glob("tests/*.py")]:
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    checked = self_check(folder)
    assert checked.all_green, checked.printed


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    """A run of the self-checks leaves no file that git would add: no database, no copy."""
    folder = make_repository(tmp_path / "repository", find_content().root / SOLUTION)
    before = {path for path in folder.rglob("*") if path.is_file()}
    self_check(folder)
    after = {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path.relative_to(folder).parts[0] for path in after - before} <= {".pytest_cache", "checked.json"}


def test_database_of_the_student_is_left_alone(tmp_path: Path) -> None:
    """A products.db in the folder is neither read nor changed, even where it is no database."""
    folder = make_repository(tmp_path / "repository", find_content().root / SOLUTION)
    (folder / "products.db").write_bytes(b"not a database")
    assert self_check(folder).all_green
    assert (folder / "products.db").read_bytes() == b"not a database"
