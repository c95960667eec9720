"""One mistake costs once: what depends on a wrong part is judged independently of it.

Each mistake is put into a copy of the reference solution, and costs exactly the criteria whose sentence it breaks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader.content import SOLUTION, find_content
from grader.flow import judged
from grader.judge.grade import STOOD_IN
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.values import Criterion, GradeReport

Builder = Callable[..., Path]
MODEL = find_content().read(f"{SOLUTION}/models.py").replace("import Numeric", "import Integer, Numeric")
ANSWERS = tomllib.loads(find_content().read(f"{SOLUTION}/observations.toml"))


@dataclass(frozen=True)
class Mistake:
    """A wrong part of a submission: bodies of functions, words of the model, what is seen then; and what it costs."""

    lost: str
    bodies: dict[str, str] = field(default_factory=dict)
    model: tuple[str, str] | None = None
    saw: dict[str, Any] = field(default_factory=dict)


SHOW = """
    with Session(engine) as session:
        product = session.get_one(Product, product_id)
        loaded = product.price
        change_elsewhere()
        stale = product.price
        session.expire_all()
        after_expire_all = product.price
        change_elsewhere()
        session.refresh(product)
        shown = [loaded, stale, after_expire_all, product.price]
        return dict(zip(("loaded", "stale", "after_expire_all", "after_refresh"), shown, strict=True))
"""
MAIN = """
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    ids = add_products(engine, [{"name": name, "price": Decimal("3.50")} for name in ("Nib", "Ink")])
    try:
        add_products(engine, [{"name": "Cap", "price": Decimal("0.80")}, {"id": ids[0], "name": "Cup", "price": 1}])
    except IntegrityError:
        print("rolled back")
    show_reloading(engine, ids[0], lambda: raise_price(engine, ids[0]))
"""

MISTAKES = {
    "nullable name": Mistake("model.required", model=("name: Mapped[str]", "name: Mapped[str | None]")),
    "whole prices": Mistake("model.money", model=("Numeric(10, 2)", "Integer")),
    "another table": Mistake("model.table model.required", model=('"products"', '"product"')),
    "no commit": Mistake(
        "commit.stored commit.one_transaction rollback.commit_failure",
        {
            "add_products": """
            with Session(engine) as session:
                rows = [Product(**product) for product in products]
                session.add_all(rows)
                session.flush()
                return [row.id for row in rows]
            """
        },
    ),
    "a commit for each row": Mistake(
        "commit.one_transaction rollback.nothing_kept",
        {
            "add_products": """
            ids = []
            for product in products:
                with Session(engine) as session, session.begin():
                    row = Product(**product)
                    session.add(row)
                    session.flush()
                    ids.append(row.id)
            return ids
            """
        },
    ),
    "a savepoint for each row": Mistake(
        "commit.one_transaction rollback.nothing_kept",
        {
            "add_products": """
            with Session(engine) as session, session.begin():
                rows = [Product(**product) for product in products]
                for row in rows:
                    with session.begin_nested():
                        session.add(row)
                return [row.id for row in rows]
            """
        },
    ),
    "names in capitals": Mistake(
        "commit.stored",
        {
            "add_products": """
            with Session(engine) as session, session.begin():
                rows = [Product(**product) for product in products]
                for row in rows:
                    row.name = row.name and row.name.upper()
                session.add_all(rows)
                session.flush()
                return [row.id for row in rows]
            """
        },
    ),
    "an end of the program": Mistake(
        "rollback.error_reaches_caller",
        {
            "add_products": """
            try:
                with Session(engine) as session, session.begin():
                    rows = [Product(**product) for product in products]
                    session.add_all(rows)
                    session.flush()
                    return [row.id for row in rows]
            except Exception:
                sys.exit(1)
            """
        },
    ),
    "a connection that is kept": Mistake(
        "scope.closed_after_success scope.closed_after_failure",
        {
            "add_products": """
            add_products.kept = engine.connect()
            with Session(engine) as session, session.begin():
                rows = [Product(**product) for product in products]
                session.add_all(rows)
                session.flush()
                return [row.id for row in rows]
            """
        },
    ),
    "a swallowed error": Mistake(
        "rollback.error_reaches_caller",
        {
            "add_products": """
            try:
                with Session(engine) as session, session.begin():
                    rows = [Product(**product) for product in products]
                    session.add_all(rows)
                    session.flush()
                    return [row.id for row in rows]
            except Exception:
                return []
            """
        },
    ),
    "a commit that nobody rolls back": Mistake(
        "rollback.commit_failure",
        {
            "add_products": """
            with Session(engine) as session:
                rows = [Product(**product) for product in products]
                session.add_all(rows)
                session.commit()
                return [row.id for row in rows]
            """
        },
    ),
    "no close": Mistake(
        "scope.closed_after_success scope.closed_after_failure",
        {
            "add_products": """
            session = Session(engine)
            with session.begin():
                rows = [Product(**product) for product in products]
                session.add_all(rows)
                session.flush()
                return [row.id for row in rows]
            """
        },
    ),
    "no ids": Mistake(
        "commit.ids",
        {
            "add_products": """
            with Session(engine) as session, session.begin():
                session.add_all([Product(**product) for product in products])
            """
        },
    ),
    "ids after the session": Mistake(
        "commit.ids",
        {
            "add_products": """
            rows = [Product(**product) for product in products]
            with Session(engine) as session, session.begin():
                session.add_all(rows)
            return [row.id for row in rows]
            """
        },
    ),
    "ids by name": Mistake(
        "commit.ids",
        {
            "add_products": """
            with Session(engine) as session, session.begin():
                session.add_all([Product(**product) for product in products])
                ids = [select(Product.id).where(Product.name == product["name"]) for product in products]
                return [session.scalars(statement).first() for statement in ids]
            """
        },
    ),
    "a preview that commits": Mistake(
        "flush.nothing_stored",
        {
            "preview_ids": """
            with Session(engine) as session, session.begin():
                rows = [Product(**product) for product in products]
                session.add_all(rows)
                session.flush()
                return [row.id for row in rows]
            """
        },
    ),
    "a preview that guesses": Mistake(
        "flush.ids flush.nothing_stored", {"preview_ids": "return list(range(1, len(products) + 1))"}
    ),
    "no expire_all": Mistake(
        "reload.expire_all",
        {"show_reloading": SHOW.replace("expire_all()", "flush()")},
        saw={"expire_all_showed_new": False},
    ),
    "no refresh": Mistake(
        "reload.refresh",
        {"show_reloading": SHOW.replace("refresh(product)", "flush()")},
        saw={"refresh_showed_new": False},
    ),
    "a stale price that was copied": Mistake(
        "reload.stale", {"show_reloading": SHOW.replace("stale = product.price", "stale = loaded")}
    ),
    "prices that are texts": Mistake(
        "reload.stale", {"show_reloading": SHOW.replace("price]", "price]; shown = map(str, shown)")}
    ),
    "three products": Mistake(
        "script.first_run script.second_run",
        {"main": MAIN.replace('"Ink"', '"Ink", "Pad"')},
        saw={"rows_after_first_run": 3, "rows_after_second_run": 6},
    ),
    "a new table for each run": Mistake(
        "script.second_run",
        {"main": MAIN.replace("    Base", "    Base.metadata.drop_all(engine)\n    Base", 1)},
        saw={"rows_after_second_run": 2, "failed_id_was_reused": False},
    ),
    "no failing pair": Mistake(
        "script.first_run observations.agree",
        {"main": re.sub(r"    try:.*?rolled back.*?\n", "", MAIN, flags=re.DOTALL)},
    ),
    "a wrong answer": Mistake("observations.agree", saw={"rows_after_second_run": 2}),
}


@pytest.fixture
def lose(submission: Builder, walled_observer: Observer) -> Callable[..., dict[str, Criterion]]:
    """Return a grader of the reference with these mistakes in it: it returns the criteria that were lost."""

    def grade_with(*mistakes: Mistake, **bodies: str) -> dict[str, Criterion]:
        model, saw = MODEL, dict(ANSWERS)
        for mistake in mistakes:
            model = model.replace(*mistake.model) if mistake.model else model
            bodies |= mistake.bodies
            saw |= mistake.saw
        answers = "".join(f"{key} = {str(value).lower()}\n" for key, value in saw.items())
        files = {
            "models.py": model,
            "observations.toml": answers,
        }
        report = judged(walled_observer.observe(take_in(submission(files=files, **bodies)))).report
        assert report.status == "graded"
        return lost(report)

    return grade_with


def lost(report: GradeReport) -> dict[str, Criterion]:
    """Return the criteria without full points, by key."""
    return {criterion.key: criterion for criterion in report.criteria if criterion.outcome != "passed"}


# --- one mistake ------------------------------------------------------------------------------------------------------


def test_without_a_mistake_nothing_is_lost(lose: Callable[..., dict[str, Criterion]]) -> None:
    """The pieces from which the mistakes are made are right where nothing is changed in them."""
    assert lose(show_reloading=SHOW, main=MAIN) == {}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_one_mistake_costs_once(mistake: Mistake, lose: Callable[..., dict[str, Criterion]]) -> None:
    """A mistake costs the criteria whose sentence it breaks, and none of those that depend on it."""
    assert set(lose(mistake)) == set(mistake.lost.split())


# --- odd, and right ---------------------------------------------------------------------------------------------------

LISTING = "for each in session.scalars(select(Product)):\n            print(each.name, each.price)\n        "
ODD = {
    "a default that fills every gap": Mistake("", model=("Numeric(10, 2))", "Numeric(10, 2), default=0)")),
    "all products are read first": Mistake(
        "", {"show_reloading": SHOW.replace("product = ", LISTING + "product = ", 1)}
    ),
    "a session for each row in one transaction": Mistake(
        "",
        {
            "add_products": """
            ids = []
            with engine.begin() as connection:
                for product in products:
                    with Session(connection) as session:
                        row = Product(**product)
                        session.add(row)
                        session.commit()
                        ids.append(row.id)
            return ids
            """
        },
    ),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_what_is_odd_but_right_costs_nothing(odd: Mistake, lose: Callable[..., dict[str, Criterion]]) -> None:
    """What other connections could see and what stays decides, not the look of the code."""
    assert lose(odd) == {}


def test_a_script_that_runs_when_it_is_imported_loses_nothing(submission: Builder, walled_observer: Observer) -> None:
    """What the script does while it is imported is not taken for the work of the function that is called then."""
    script = find_content().read(f"{SOLUTION}/transaction_script.py").replace('if __name__ == "__main__":', "if True:")
    folder = submission(files={"transaction_script.py": script})
    assert lost(judged(walled_observer.observe(take_in(folder))).report) == {}


# --- two mistakes -----------------------------------------------------------------------------------------------------

PAIRS = (
    ("nullable name", "a commit for each row"),
    ("nullable name", "a preview that guesses"),
    ("whole prices", "a preview that commits"),
    ("whole prices", "a swallowed error"),
    ("another table", "no close"),
    ("another table", "a commit that nobody rolls back"),
    ("another table", "a new table for each run"),
    ("no commit", "a preview that guesses"),
    ("no commit", "three products"),
    ("a swallowed error", "a preview that commits"),
    ("no ids", "prices that are texts"),
    ("ids after the session", "a stale price that was copied"),
    ("a wrong answer", "no close"),
)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_mistakes_cost_what_each_costs(first: str, second: str, lose: Callable[..., dict[str, Criterion]]) -> None:
    """Neither of two mistakes hides the other, and neither makes the other dearer."""
    both = MISTAKES[first], MISTAKES[second]
    assert set(lose(*both)) == {key for mistake in both for key in mistake.lost.split()}


# --- a whole part that does not work ----------------------------------------------------------------------------------

COMMITS = "commit.stored commit.one_transaction commit.ids"
ROLLBACKS = "rollback.nothing_kept rollback.commit_failure rollback.error_reaches_caller"
PARTS = {
    "add_products": f"{COMMITS} {ROLLBACKS} scope.closed_after_failure",
    "preview_ids": "flush.ids flush.nothing_stored",
    "show_reloading": "reload.stale reload.expire_all reload.refresh",
    "main": "script.first_run script.second_run observations.agree",
}
ENDINGS = {"raises": "raise ValueError('no')", "is not written": "raise NotImplementedError", "does nothing": "pass"}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=list(ENDINGS))
@pytest.mark.parametrize(("function", "costs"), PARTS.items(), ids=list(PARTS))
def test_a_broken_function_costs_its_own_criteria(
    function: str, costs: str, ending: str, lose: Callable[..., dict[str, Criterion]]
) -> None:
    """A function that does not work costs what it is asked to do; what calls it is judged with the reference's."""
    assert set(lose(**{function: ending})) == set(costs.split())


@pytest.mark.parametrize("text", ["", "1 / 0\n", "class Product(\n", "import nothing_of_the_kind\n"])
def test_a_broken_model_costs_the_model(text: str, submission: Builder, walled_observer: Observer) -> None:
    """A right script beside a models.py that cannot be used keeps all points that are its own."""
    report = judged(walled_observer.observe(take_in(submission(files={"models.py": text})))).report
    assert set(lost(report)) == {"model.table", "model.required", "model.money"}


def test_a_broken_script_costs_all_but_the_model(submission: Builder, walled_observer: Observer) -> None:
    """A right model beside a script that cannot be imported keeps its points."""
    report = judged(walled_observer.observe(take_in(submission(files={"transaction_script.py": "1 / 0\n"})))).report
    assert (report.score, report.concepts["model"].score) == (15, 15)


# --- what the report says of it ---------------------------------------------------------------------------------------


def test_the_report_says_where_the_reference_stood_in(submission: Builder, walled_observer: Observer) -> None:
    """A criterion that passed because a part was replaced says so; one that needed no help does not."""
    report = judged(walled_observer.observe(take_in(submission(files={"models.py": ""})))).report
    seen = {criterion.key: criterion.seen for criterion in report.criteria}
    assert (STOOD_IN in seen["commit.stored"], STOOD_IN in seen["model.table"]) == (True, False)


def test_a_blocked_criterion_names_the_function_that_is_the_cause(lose: Callable[..., dict[str, Criterion]]) -> None:
    """What cannot be judged is blocked by the criterion that failed first."""
    criteria = lose(add_products=ENDINGS["raises"])
    causes = {criterion.cause for criterion in criteria.values() if criterion.outcome == "blocked"}
    assert causes == {"commit.stored"}


def test_a_failure_points_at_the_students_line(lose: Callable[..., dict[str, Criterion]], tmp_path: Path) -> None:
    """The line of a failure is one of the student's own: that of the commit inside the loop."""
    where = lose(MISTAKES["a commit for each row"])["rollback.nothing_kept"].where
    assert where is not None
    source = (tmp_path / "alice" / where.file).read_text().splitlines()
    assert "session.begin()" in source[where.line - 1]


def test_a_savepoint_that_is_released_too_early_is_explained(lose: Callable[..., dict[str, Criterion]]) -> None:
    """Whoever wrote one commit and is told of several learns that the savepoints were commits."""
    assert "savepoint" in lose(MISTAKES["a savepoint for each row"])["commit.one_transaction"].seen


@pytest.mark.parametrize("status", [0, 3])
def test_code_that_ends_its_own_process_loses_its_own_criteria(
    status: int, submission: Builder, walled_observer: Observer
) -> None:
    """A function that ends the process loses what it is asked to do, and an instructor is told to look."""
    folder = submission(show_reloading=f"import os; os._exit({status})")
    report = judged(walled_observer.observe(take_in(folder))).report
    assert ([flag.key for flag in report.flags], set(lost(report))) == (
        ["flag.process_ended"],
        set(PARTS["show_reloading"].split()),
    )


def test_no_text_shows_a_folder_of_the_machine(submission: Builder, walled_observer: Observer) -> None:
    """An error whose message names a file of the student's names it as the student does."""
    files = {"transaction_script.py": "from models import Products\n"}
    report = judged(walled_observer.observe(take_in(submission(files=files)))).report
    assert "(models.py)" in next(criterion.seen for criterion in report.criteria if criterion.key == "commit.stored")
