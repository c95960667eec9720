"""No text of a student's is obeyed: every nasty text, wherever a student can put one, through every output."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from markdown_it import MarkdownIt
from nasty import NASTY, TEXTS, Command, obeyed, unharmed
from nasty_submission import MARK, marked
from outputs_samples import console, raw

from grader import flow
from grader.flow import Graded
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.outputs import annotations as workflow
from grader.outputs import console as result
from grader.outputs import document, markdown, timeline
from grader.outputs.commands import MOST_ANNOTATIONS
from grader.values import Evidence, GradeReport

_Value = TypeVar("_Value")

OURS = {
    "h1", "h2", "p", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code", "pre", "details",
    "summary",
}  # fmt: skip
LEVELS = {"error", "warning", "notice"}


@pytest.fixture(scope="module")
def graded(walled_observer: Observer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Graded, ...]:
    """Return the gradings of two submissions with marks: one that runs, and one whose model cannot be imported."""
    runs = marked(tmp_path_factory.mktemp("runs") / MARK, module=f"{MARK}.py")
    breaks = marked(tmp_path_factory.mktemp("breaks") / MARK, module=f"{MARK}.py")
    (breaks / "models.py").write_text(f"import {MARK}\n{MARK}.fail()\n")
    return tuple(flow.judged(walled_observer.observe(take_in(folder))) for folder in (runs, breaks))


def written(text: str, value: _Value) -> _Value:
    """Return a value with ``text`` in place of each mark."""
    return msgspec.convert(_replaced(text, msgspec.to_builtins(value)), type(value))


def _replaced(text: str, value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, dict):
        return {_replaced(text, key): _replaced(text, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(text, item) for item in value]
    return value.replace(MARK, text) if isinstance(value, str) else value


@pytest.fixture(scope="module", params=[text[:5000] for text in NASTY], ids=list(TEXTS))
def hostile(request: pytest.FixtureRequest, graded: tuple[Graded, ...]) -> list[tuple[GradeReport, Evidence]]:
    """Return the grades and the evidence of the two submissions with a nasty text in place of the marks."""
    return [(written(request.param, one.report), written(request.param, one.evidence)) for one in graded]


def test_marks_stand_wherever_a_student_can_put_a_text(graded: tuple[Graded, ...]) -> None:
    """The two submissions bring the mark into every part of the evidence, and into what is said of most criteria."""
    runs = [run for one in graded for run in one.evidence.runs]
    evidence = graded[0].evidence
    steps = [step for run in runs for step in run.steps]
    failures = [run.outcome.failure for run in runs if run.outcome.failure]
    assert evidence.submission == MARK
    assert f"{MARK}.py" in {failure.where.file for failure in failures if failure.where}
    assert any(failure.type == failure.message == MARK for failure in failures)
    assert any(MARK in run.output for run in runs)
    assert any(MARK in json.dumps(run.outcome.value) for run in runs)
    assert any(step.table and MARK in str(step.table.rows) for step in steps)
    assert any(column.name == MARK for run in runs if run.schema for column in run.schema.columns)
    assert MARK in (evidence.observations or "")
    said = [criterion for one in graded for criterion in one.report.criteria if MARK in criterion.seen]
    assert len({criterion.key for criterion in said}) > 5


@pytest.mark.parametrize("width", [20, 79])
def test_nothing_is_obeyed_on_the_console(hostile: list[tuple[GradeReport, Evidence]], width: int) -> None:
    """The grade on a terminal of any width has no character that a terminal obeys, and no line that a runner does."""
    kept = console(width, force_terminal=True, color_system="truecolor")
    for report, evidence in hostile:
        result.render(report, evidence, kept)
    assert unharmed(raw(kept))
    assert obeyed(raw(kept)) == []


@pytest.mark.parametrize("width", [60, 120])
def test_nothing_is_obeyed_in_the_timeline(hostile: list[tuple[GradeReport, Evidence]], width: int) -> None:
    """So it is with the timeline of each run, its lanes beside or below each other."""
    kept = console(width, force_terminal=True, color_system="truecolor")
    for _, evidence in hostile:
        timeline.render(evidence, kept, details=True)
    assert unharmed(raw(kept))
    assert obeyed(raw(kept)) == []


def test_nothing_is_obeyed_in_the_students_report(hostile: list[tuple[GradeReport, Evidence]]) -> None:
    """The page holds our own elements only, and as a log it is one without commands."""
    for report, evidence in hostile:
        text = markdown.render(report, evidence)
        html = str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
        assert set(re.findall(r"<([a-z]\w*)", html)) <= OURS
        assert unharmed(text)
        assert obeyed(text) == []
        assert len(text.encode()) <= markdown.MOST_BYTES


def test_the_page_is_made_as_without_the_text(
    hostile: list[tuple[GradeReport, Evidence]], graded: tuple[Graded, ...]
) -> None:
    """No text of a student's brings a headline, a row, an item or a paragraph of its own, or takes one away."""
    for (report, evidence), plain in zip(hostile, graded, strict=True):
        pages = markdown.render(report, evidence), markdown.render(plain.report, plain.evidence)
        shapes = [[token.type for token in MarkdownIt("commonmark").enable("table").parse(page)] for page in pages]
        # A text of blanks alone is no line of code, and then the block that shows the line is left out.
        theirs, ours = ([kind for kind in shape if kind != "fence"] for shape in shapes)
        assert theirs == ours


def test_nothing_is_obeyed_in_the_documents(
    hostile: list[tuple[GradeReport, Evidence]], graded: tuple[Graded, ...]
) -> None:
    """Both documents are JSON in printable ASCII, in which a runner finds no command."""
    for (report, evidence), one in zip(hostile, graded, strict=True):
        for content in (document.report_json(one.document, report), document.evidence_json(evidence)):
            json.loads(content)
            assert set(content) <= {*range(0x20, 0x7F), 0x0A}
            assert obeyed(content.decode("ascii")) == []


def test_annotations_are_our_own(hostile: list[tuple[GradeReport, Evidence]]) -> None:
    """Each line is one command of ours, at a file of the submission if at any, and there are ten at most."""
    for report, evidence in hostile:
        text = workflow.render(report, evidence, Path("alice"))
        found = obeyed(text)
        assert len(found) == text.count("\n") <= MOST_ANNOTATIONS
        assert unharmed(text)
        assert all(ours(command, report) for command in found)


def ours(command: Command, report: GradeReport) -> bool:
    """Tell whether a command has a name, properties and a title that only we give."""
    titles = (*(criterion.key for criterion in report.criteria), "Advice")
    wanted = {"file", "line", "title"} if "file" in command.properties else {"title"}
    return (
        command.name in LEVELS
        and command.properties.keys() == wanted
        and command.properties["title"].startswith(titles)
        and command.properties.get("file", "alice/").startswith("alice/")
    )
