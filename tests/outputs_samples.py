"""Believable evidence and grades for the tests of the outputs, with room for what a hostile student writes."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from grader.values import (
    Advice,
    Concept,
    Criterion,
    Evidence,
    Failure,
    Flag,
    GradeReport,
    GraderInfo,
    Outcome,
    OutcomeName,
    Run,
    Source,
    SqlError,
    Step,
    Surroundings,
    Table,
    Where,
)

SCRIPT = "transaction_script.py"
CODE = '''"""Store products."""
from sqlalchemy.orm import Session
from models import Product

def add_products(engine, products):
    session = Session(engine)
    for product in products:
        session.add(Product(**product))
    session.commit()
'''
COLUMNS = ("id", "name", "price")


def step(kind: str, line: int | None = None, **more: Any) -> Step:  # noqa: ANN401  # the fields of Step
    """Return a step at a line of the script."""
    return Step(kind, where=None if line is None else Where(SCRIPT, line), **more)


def insert(line: int, name: str, **more: Any) -> Step:  # noqa: ANN401  # the fields of Step
    """Return the INSERT of a product that the database has carried out."""
    return step(
        "execute",
        line,
        fact=True,
        connection=1,
        sql="INSERT INTO products (name, price) VALUES (?, ?) RETURNING id",
        parameters=[name, 1.5],
        in_transaction=True,
        changed=1,
        **more,
    )


def table(*rows: tuple[Any, ...]) -> Table:
    """Return the table products with these rows."""
    return Table(COLUMNS, rows)


def adding(product: str = "Pen", **more: Any) -> Run:  # noqa: ANN401  # the fields of Run
    """Return a run in which three products were added in one transaction."""
    stored = table((1, "Ink", 2.0), (2, product, 1.5), (3, "Cap", 1.5), (4, "Nib", 1.5))
    steps = (
        step("call", text="add_products"),
        step("created", 6, session=1),
        step("begin", 8, session=1),
        step("state", 8, session=1, object=1, text="pending"),
        step("commit", 9, session=1),
        step("flush", 9, session=1),
        step("connect", 9, fact=True, connection=1, text="shop.db"),
        step("execute", 9, fact=True, connection=1, sql="PRAGMA read_uncommitted"),
        step("rollback", 9, fact=True, connection=1),
        step("uses", 9, session=1, connection=1),
        insert(9, product, began=True),
        insert(9, "Cap"),
        insert(9, "Nib"),
        step("commit", 9, fact=True, connection=1),
        step("seen", fact=True, table=stored),
        step("returned", text="add_products: [2, 3, 4]"),
        step("lost", fact=True, connection=1),
    )
    about: dict[str, Any] = {
        "name": "add.automatic_ids",
        "kind": "add",
        "inputs": {"invocations": [{"products": [{}, {}, {}]}], "refuse_insert": None, "lock_commit": False},
        "outcome": Outcome("returned", value=[2, 3, 4]),
        "before": table((1, "Ink", 2.0)),
        "after": stored,
        "steps": steps,
    }
    return Run(**(about | more))


def refused(message: str = "UNIQUE constraint failed: products.id") -> Run:
    """Return a run in which the second of two rows was refused and everything rolled back."""
    error = SqlError("IntegrityError", message, "SQLITE_CONSTRAINT")
    steps = (
        step("call", text="add_products"),
        step("flush", 9, session=1),
        insert(9, "Pen", began=True),
        insert(9, "Cap", error=error),
        step("fault", fact=True, connection=1, text="refuse_insert"),
        step("rollback", 9, fact=True, connection=1),
        step("raised", text="add_products: IntegrityError"),
    )
    return Run(
        name="refused.2",
        kind="failed_insert",
        inputs={"invocations": [{"products": [{}, {}]}], "refuse_insert": 2},
        outcome=Outcome("raised", failure=Failure("IntegrityError", f"{message}\n[SQL: INSERT …]")),
        before=table((1, "Ink", 2.0)),
        steps=steps,
    )


def evidence(*runs: Run, text: str = "alice", code: str = CODE) -> Evidence:
    """Return the evidence of a submission that is called ``text``."""
    return Evidence(
        submission=text,
        digest="sha256:0",
        files=(Source(SCRIPT, code), Source("unreadable.py", problem=text)),
        findings=(),
        observations="rows_after_first_run = 2\n",
        observations_problem=None,
        surroundings=Surroundings("0.1.0", "3.11.9", "2.1.9", "3.45.0", "bubblewrap"),
        runs=runs,
    )


def criterion(key: str, outcome: OutcomeName = "passed", points: int = 4, **more: Any) -> Criterion:  # noqa: ANN401  # as above
    """Return a criterion of its key's concept; one that is lost has everything a student can be told."""
    about: dict[str, Any] = {
        "title": f"The title of {key}.",
        "points": points if outcome == "passed" else 0,
        "max_points": points,
        "expected": "All products arrive.",
        "seen": "as expected" if outcome == "passed" else "nothing arrived",
        "hint": "" if outcome == "passed" else "Look at where you commit.",
        "cause": None,
        "where": None,
    }
    return Criterion(key=key, concept=key.partition(".")[0], outcome=outcome, **(about | more))


def report(*criteria: Criterion, text: str = "alice", isolation: str = "bubblewrap", **more: Any) -> GradeReport:  # noqa: ANN401  # as above
    """Return the grade that these criteria add up to."""
    concepts = {
        name: Concept(
            sum(c.points for c in criteria if c.concept == name),
            sum(c.max_points for c in criteria if c.concept == name),
        )
        for name in dict.fromkeys(c.concept for c in criteria)
    }
    about: dict[str, Any] = {
        "submission": text,
        "digest": "sha256:0",
        "status": "withheld" if any(c.outcome == "broken" for c in criteria) else "graded",
        "score": sum(c.points for c in criteria),
        "max_score": sum(c.max_points for c in criteria),
        "concepts": concepts,
        "criteria": criteria,
        "advice": (),
        "flags": (),
        "grader": GraderInfo("0.1.0", "3.11.9", "2.1.9", isolation),
    }
    return GradeReport(**(about | more))


def hostile(text: str) -> tuple[GradeReport, Evidence]:
    """Return a grade and its evidence with ``text`` wherever a student can put one."""
    lost = criterion("commit.stored", "failed", seen=text, expected=text, where=Where(text, 1))
    in_code = criterion("rollback.nothing_kept", "failed", where=Where(SCRIPT, 1))
    grade = report(
        lost,
        in_code,
        criterion("commit.ids", "blocked", seen=text, cause="commit.stored"),
        text=text,
        advice=(Advice("advice.bare_except", text, Where(text, 1)),),
        flags=(Flag("flag.contradiction", text),),
    )
    claims = (
        Step(text, session=1, object=1, text=text, where=Where(text, 1)),
        step("returned", text=f"{text}: {text}"),
        step("read", 9, object=1, text=text),
        step("execute", 9, fact=True, connection=1, sql=text, parameters={text: text}, error=SqlError(text, text)),
        step("seen", fact=True, table=table((1, text, text))),
    )
    value = {"dict": [[text, {"decimal": text}], [1, {"object": text, "text": text}]]}
    runs = (
        adding(text, steps=claims, outcome=Outcome("returned", value=value)),
        refused(text),
        adding(name="preview", kind="preview", outcome=Outcome("unfinished", text=text)),
    )
    return grade, evidence(*runs, text=text, code=text)


def console(width: int = 100, **more: Any) -> Console:  # noqa: ANN401  # the arguments of Console
    """Return a console that keeps what is printed."""
    return Console(file=io.StringIO(), width=width, **more)


def printed(kept: Console) -> str:
    """Return what was printed, without the line breaks and the padding that the width has brought."""
    return " ".join(raw(kept).split())


def raw(kept: Console) -> str:
    """Return what was printed."""
    assert isinstance(kept.file, io.StringIO)
    return kept.file.getvalue()
