"""What a student is given holds nothing that is hidden: no source of a check, no drawn input, no path of a machine."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import pytest
from outputs_samples import console as terminal
from outputs_samples import printed

from conftest import build_submission
from grader import flow
from grader.flow import Graded
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.outputs import annotations as workflow
from grader.outputs import console, diagram, markdown
from grader.values import Run

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parent
CHECKS = TESTS.parent / "grader" / "judge" / "checks"
WRONG = (
    "commit_per_row", "names_in_capitals", "price_one_decimal", "stale_price_read_too_late", "insert_or_ignore",
    "three_products", "not_begun",
)  # fmt: skip
DIAGRAMS = "diagrams"
CHATTY = {
    "add_products": """
        print(products)
        if any(product.get("id") or not product["name"] for product in products):
            raise type(products[1]["name"], (ValueError,), {})(f"no place for {products}")
        with Session(engine) as session:
            session.execute(text(f"INSERT INTO products (name) VALUES ({products[0]['name']!r} || nothing)"))
        return [product["name"] for product in products]
    """,
    "preview_ids": "raise LookupError([product['price'] for product in products])",
    "show_reloading": "raise KeyError(product_id, str(engine.url))",
}
"""Functions that say all they know wherever they can."""


@dataclass(frozen=True)
class Shown:
    """Everything that a student is given of a grade, by what it is, and what was drawn for grading it."""

    grade: Graded
    inputs: set[str]
    texts: dict[str, str]

    def inputs_in(self, text: str) -> set[str]:
        """Return those of the inputs that stand in a text, as words of their own."""
        return {each for each in self.inputs if re.search(rf"(?<![\w.]){re.escape(each)}(?!\w|\.\d)", text)}

    @property
    def needed(self) -> dict[str, set[str]]:
        """The inputs that stand in what was seen, by criterion."""
        return {criterion.key: self.inputs_in(criterion.seen) for criterion in self.grade.report.criteria}


@pytest.fixture(scope="module")
def all_shown(walled_observer: Observer, tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """Return what is shown of wrong submissions, one of them as talkative as can be."""
    chatty = build_submission(tmp_path_factory.mktemp("chatty") / "alice", {}, CHATTY)
    script = chatty / "transaction_script.py"
    script.write_text(script.read_text().replace("from sqlalchemy import ", "from sqlalchemy import text, ", 1))
    folders = [*(TESTS / "submissions" / "rejected" / name for name in WRONG), chatty]
    grades = [flow.judged(walled_observer.observe(take_in(folder))) for folder in folders]
    return [Shown(grade, drawn_inputs(grade), given_to_students(grade)) for grade in grades]


def given_to_students(one: Graded) -> dict[str, str]:
    """Return every text that a student is given, by what it is."""
    kept = terminal(200)
    console.render(one.report, one.evidence, kept)
    return {
        "report.md": markdown.render(one.report, one.evidence),
        "grade in report.json": json.dumps(msgspec.to_builtins(one.report), ensure_ascii=False),
        "terminal": printed(kept),
        "annotations": workflow.render(one.report, one.evidence, Path("alice")),
        DIAGRAMS: "\n".join(diagrams(one)),
    }


def diagrams(one: Graded) -> Iterator[str]:
    """Yield the diagrams of all calls of the student's functions, those that no loss needs included."""
    for run in one.evidence.runs:
        yield diagram.render(run, one.evidence)


def drawn_inputs(one: Graded) -> set[str]:
    """Return the names, the prices and the ids that were drawn and are no words of the student's own."""
    own = "\n".join(source.text or "" for source in one.evidence.files)
    return {each for run in one.evidence.runs for each in _inputs(run) if each not in own}


def _inputs(run: Run) -> Iterator[str]:
    for call in run.inputs["invocations"]:
        yield from call.get("changes", [])
        for product in call.get("products", []):
            yield from (str(product[key]) for key in ("name", "price") if product[key] is not None)
            if product.get("id", 0) > 1000:  # a small number may stand anywhere by accident
                yield str(product["id"])


@cache
def lines_of_checks() -> set[str]:
    """Return the lines of code of the hidden checks, without the sentences that students are meant to read."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(CHECKS.glob("check_*.py"))]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    bodies = [function.body[1:] if ast.get_docstring(function) else function.body for function in functions]
    return {line.strip() for body in bodies for part in body for line in ast.unparse(part).splitlines()}


def test_no_line_of_a_check_is_shown(all_shown: list[Shown]) -> None:
    """No text holds a line of code of a hidden check."""
    telling = {line for line in lines_of_checks() if re.search(r"\w\(|\w\.\w", line)}
    assert len(telling) > 100
    assert [line for one in all_shown for text in one.texts.values() for line in telling if line in text] == []


def test_a_drawn_input_is_shown_only_where_a_verdict_needs_it(all_shown: list[Shown]) -> None:
    """Of names, prices and ids that were drawn, a student reads only those that make a verdict clear."""
    found = {
        (one.grade.report.submission, what): extra
        for one in all_shown
        for what, text in one.texts.items()
        if (extra := one.inputs_in(text) - set().union(*one.needed.values()))
    }
    assert found == {}


def test_a_verdict_needs_one_input_at_most(all_shown: list[Shown]) -> None:
    """A verdict quotes one: the price or name that came out wrong, or what the student's own exception says."""
    assert [(key, inputs) for one in all_shown for key, inputs in one.needed.items() if len(inputs) > 1] == []


def test_no_drawn_input_is_drawn_in_a_diagram(all_shown: list[Shown]) -> None:
    """A diagram shows no drawn input at all."""
    assert [inputs for one in all_shown if (inputs := one.inputs_in(one.texts[DIAGRAMS]))] == []


def test_no_path_of_the_machine_is_shown(all_shown: list[Shown]) -> None:
    """No text names a folder of the machine that graded."""
    places = (str(TESTS.parent), sys.prefix, "/tmp", "/root", "/home", "site-packages")  # noqa: S108  # looked for, not used
    assert [place for place in places for one in all_shown for text in one.texts.values() if place in text] == []


def test_what_an_instructor_sees_is_not_in_the_report(all_shown: list[Shown]) -> None:
    """The student's page names no flag, and neither the isolation nor the runs by their names."""
    runs = {run.name for one in all_shown for run in one.grade.evidence.runs if "." in run.name}
    hidden = {"flag.", "bubblewrap", *runs}
    assert [word for word in hidden for one in all_shown if word in one.texts["report.md"]] == []
