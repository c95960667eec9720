"""Builders of evidence for the tests of the judge: steps, runs and whole pieces of evidence, small and believable."""

from __future__ import annotations

import json
from typing import Any

from grader.judge.grade import grade
from grader.judge.rubric import Rubric, RubricAdvice, RubricConcept, RubricCriterion
from grader.values import (
    CheckResult,
    Evidence,
    GradeReport,
    Outcome,
    Run,
    Source,
    SqlError,
    Step,
    Surroundings,
    Table,
    Where,
)

SCRIPT = "transaction_script.py"
COLUMNS = ("id", "name", "price")
PEN = (1, "Pen", 1.2)
INK = (2, "Ink", 19.99)
CAP = (3, "Cap", 0.5)
REFUSED = SqlError("IntegrityError", "UNIQUE constraint failed: products.id", "SQLITE_CONSTRAINT_PRIMARYKEY")
INSERT = "INSERT INTO products (name, price) VALUES (?, ?)"


def at(line: int) -> Where:
    """Return a line of the script."""
    return Where(SCRIPT, line)


def table(*rows: tuple[Any, ...]) -> Table:
    """Return the table products with these rows."""
    return Table(COLUMNS, rows)


def fact(kind: str, connection: int | None = 1, **more: Any) -> Step:  # noqa: ANN401  # the fields of Step
    """Return what the database server says."""
    return Step(kind, fact=True, connection=connection, **more)


def claim(kind: str, **more: Any) -> Step:  # noqa: ANN401  # the fields of Step
    """Return what the recorder beside the student's code says."""
    return Step(kind, **more)


def sent(sql: str = INSERT, kind: str = "execute", **more: Any) -> Step:  # noqa: ANN401  # the fields of Step
    """Return a statement that reached the database, unless told an INSERT that stored a product or was refused."""
    inserting = {"wrote": ("insert:products",), "changed": 0 if "error" in more else 1} if sql == INSERT else {}
    return fact(kind, sql=sql, **(inserting | more))


def seen(*rows: tuple[Any, ...]) -> Step:
    """Return what another connection finds committed from then on."""
    return fact("seen", None, table=table(*rows))


def call(name: str, *steps: Step, ends: str | None = "returned", value: Any = None) -> tuple[Step, ...]:  # noqa: ANN401  # JSON
    """Return the steps of a watched call; ``ends`` is ``returned`` with a value, ``raised`` or None: never."""
    text = json.dumps(value) if ends == "returned" else "IntegrityError"
    end = () if ends is None else (claim(ends, text=f"{name}: {text}"),)
    return (claim("call", text=name), *steps, *end)


def prices(**shown: str) -> dict[str, Any]:
    """Return a dict of prices as ``show_reloading`` returns it and a child sends it."""
    return {"dict": [[key, {"decimal": price}] for key, price in shown.items()]}


def run(name: str = "add.automatic_ids", *steps: Step, **more: Any) -> Run:  # noqa: ANN401  # the fields of Run
    """Return a run that returned nothing, from an empty table to an empty table unless told."""
    about: dict[str, Any] = {
        "kind": name.partition(".")[0],
        "inputs": {"invocations": [{"products": []}]},
        "outcome": Outcome("returned"),
        "before": table(),
        "after": table(),
    }
    return Run(name=name, steps=steps, **(about | more))


def evidence(*runs: Run, observations: str | None = None, **more: Any) -> Evidence:  # noqa: ANN401  # the fields
    """Return evidence that holds these runs."""
    about: dict[str, Any] = {
        "submission": "alice",
        "digest": "sha256:0",
        "files": (Source(SCRIPT, "pass\n"),),
        "findings": (),
        "observations_problem": None,
        "surroundings": Surroundings("1", "3.11", "2.1", "3.45", "bubblewrap"),
    }
    return Evidence(runs=runs, observations=observations, **(about | more))


RUBRIC = Rubric(
    concepts=(RubricConcept("tea", "Tea"), RubricConcept("milk", "Milk")),
    criteria=(
        RubricCriterion("tea.hot", "tea", 1, 7, "The tea is hot.", "Look at the kettle."),
        RubricCriterion("tea.sweet", "tea", 1, 3, "The tea is sweet.", "Look at the sugar."),
        RubricCriterion("milk.fresh", "milk", 2, 5, "The milk is fresh.", "Look at the date."),
    ),
    advice=(
        RubricAdvice("advice.legacy_query", "Query no more."),
        RubricAdvice("advice.sql_strings", "No text."),
        RubricAdvice("advice.session_at_import", "Open one for each piece of work."),
        RubricAdvice("advice.expire_on_commit_off", "Leave it on."),
        RubricAdvice("advice.float_money", "Count, do not measure."),
    ),
)


def passed(*keys: str, **more: Any) -> list[CheckResult]:  # noqa: ANN401  # the fields of CheckResult
    """Return passed checks of these criteria."""
    return [CheckResult(key, "passed", **more) for key in keys]


def failed(key: str, **more: Any) -> CheckResult:  # noqa: ANN401  # the fields of CheckResult
    """Return a failed check of a criterion."""
    return CheckResult(key, "failed", expected="it is so", seen="it is not", **more)


def unseen(key: str, *needs: str, **more: Any) -> CheckResult:  # noqa: ANN401  # the fields of CheckResult
    """Return a check that found nothing to judge."""
    return CheckResult(key, "unseen", seen="nothing was there", needs=needs, **more)


def broken(key: str) -> CheckResult:
    """Return a check of a criterion that broke."""
    return CheckResult(key, "broken", seen="the grader itself failed here")


def graded(*results: CheckResult, about: Evidence | None = None) -> GradeReport:
    """Return the grade of three criteria; those that no result speaks of have passed."""
    spoken = {result.key for result in results}
    rest = passed(*(c.key for c in RUBRIC.criteria if c.key not in spoken))
    return grade(about or evidence(), [*results, *rest], RUBRIC)
