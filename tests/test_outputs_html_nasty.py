"""``report.html`` of a real submission that has a nasty text wherever code can put one, its pictures included."""

from __future__ import annotations

import json
import re
from typing import TypeVar

import msgspec
import pytest
from nasty import NASTY, TEXTS, obeyed, unharmed
from nasty_submission import MARK, marked

from grader import flow
from grader.flow import Graded
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.outputs.html import MOST_BYTES, render

_Value = TypeVar("_Value")


@pytest.fixture(scope="module")
def graded(walled_observer: Observer, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Return the grading of a submission with marks."""
    folder = marked(tmp_path_factory.mktemp("marked") / MARK, module=f"{MARK}.py")
    return flow.judged(walled_observer.observe(take_in(folder)))


def written(text: str, value: _Value) -> _Value:
    """Return a value with ``text`` in place of each mark."""
    replaced = json.dumps(msgspec.to_builtins(value)).replace(MARK, json.dumps(text)[1:-1])
    return msgspec.convert(json.loads(replaced), type(value))


def tags(page: str) -> set[str]:
    """Return the kinds of elements of a page, with the names of their attributes."""
    found = re.findall(r"<([a-z]\w*)((?: [\w-]+(?:=\"[^\"]*\")?)*)\s*/?>", page)
    return {f"{tag} {sorted(re.findall(r' ([a-z-]+)(?:=|$|(?= ))', attributes))}" for tag, attributes in found}


@pytest.mark.parametrize("nasty", [text[:5000] for text in NASTY], ids=list(TEXTS))
def test_the_page_is_made_as_without_the_text(graded: Graded, nasty: str) -> None:
    """Every element is one of ours, no character is unseen, and no line is a command."""
    page = render(written(nasty, graded.report), written(nasty, graded.evidence))
    plain = render(graded.report, graded.evidence)
    assert tags(page) <= tags(plain)
    assert page.count("<") - page.count("<span") - page.count("</span") <= plain.count("<")
    assert unharmed(page)
    assert obeyed(page) == []
    assert len(page.encode()) <= MOST_BYTES


def test_the_marks_are_in_the_page(graded: Graded) -> None:
    """The page that is attacked has the student's texts in its title, its sentences, its facts and its pictures."""
    page = render(graded.report, graded.evidence)
    for part in (
        "<title>",
        '<span class="name">',
        '<p class="step">',
        "<figcaption>",
        "<dd>",
        '<span class="event[^>]*>',
    ):
        assert re.search(f"{part}[^<]*{MARK}", page), part
