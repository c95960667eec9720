"""``report.md``, as GitHub shows it."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from markdown_it import MarkdownIt
from nasty import NASTY
from outputs_samples import SCRIPT, criterion, evidence, hostile, report

from grader.outputs.markdown import MOST_BYTES, render
from grader.values import Advice, Flag, GradeReport, OutcomeName, Where

PASSED = criterion("model.table")
FAILED = criterion("commit.stored", "failed", 8, where=Where(SCRIPT, 9))
BLOCKED = criterion("rollback.nothing_kept", "blocked", 14, cause="commit.stored")
OURS = {"h1", "h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code", "pre"}


def shown(grade: GradeReport) -> str:
    """Return the report."""
    return render(grade, evidence())


def as_html(text: str) -> str:
    """Return Markdown as HTML, with GitHub's tables."""
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


def test_the_score_is_the_headline() -> None:
    """The report begins with the points."""
    assert shown(report(PASSED, FAILED)).startswith("# 4 of 12 points\n")


def test_full_points_are_praised() -> None:
    """A submission without a fault reads so."""
    assert "Well done!" in shown(report(PASSED))


def test_concepts_are_rows_of_a_table() -> None:
    """Each concept has a row with its sum."""
    assert "<td><strong>commit</strong></td>" in as_html(shown(report(PASSED, FAILED)))


@pytest.mark.parametrize("outcome", get_args(OutcomeName))
def test_an_outcome_is_a_word(outcome: OutcomeName) -> None:
    """Each outcome is named beside its sign."""
    assert re.search(rf"\S {outcome} \|", shown(report(criterion("model.table", outcome))))


def test_a_lost_criterion_says_what_to_know() -> None:
    """Expected, seen, the numbered line of code and the hint follow each other."""
    assert (
        "- **Expected:** All products arrive.\n- **Seen:** nothing arrived\n\n"
        "Look at transaction_script.py, line 9:\n\n```python\n9 | session.commit()\n```\n\n"
        "**Hint:** Look at where you commit."
    ) in shown(report(FAILED))


def test_a_consequence_stands_under_its_cause() -> None:
    """A blocked criterion has no section of its own where its cause has one."""
    text = shown(report(FAILED, BLOCKED))
    assert "these could not be judged:\n\n- rollback.nothing_kept (14 points): The title" in text
    assert text.count("\n## ") == 1


def test_a_consequence_without_its_cause_is_told_by_itself() -> None:
    """A blocked criterion whose cause is not in the report names it."""
    assert "Not judged because of commit.stored." in shown(report(BLOCKED))


def test_a_line_of_the_observations_is_found() -> None:
    """A place in observations.toml shows its line, too."""
    lost = criterion("observations.agree", "failed", where=Where("observations.toml", 1))
    assert "1 | rows_after_first_run = 2" in shown(report(lost))


def test_a_withheld_grade_shows_no_score() -> None:
    """Where the grader failed the student is told so, and sees no sum."""
    text = shown(report(PASSED, criterion("flush.ids", "broken", hint="", expected="", seen="the grader failed")))
    assert text.startswith("# No grade yet\n")
    assert "not your fault" in text


def test_advice_closes_the_report() -> None:
    """Advice stands at the end, with its line."""
    grade = report(PASSED, advice=(Advice("advice.bare_except", "Name it.", Where(SCRIPT, 7)),))
    assert shown(grade).endswith("- Name it. (transaction_script.py, line 7)\n")


def test_flags_are_not_for_students() -> None:
    """What an instructor should look at is not in the student's report."""
    assert "flag." not in shown(report(PASSED, FAILED, flags=(Flag("flag.record_cut", "flag. 7 steps"),)))


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_adds_no_tag(text: str) -> None:
    """Whatever a student wrote, the page is made of our own elements only."""
    html = as_html(render(*hostile(text)))
    assert set(re.findall(r"<([a-z]\w*)", html)) <= OURS


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_adds_no_headline(text: str) -> None:
    """No text brings a headline, a row or an item of its own."""
    ours = as_html(render(*hostile("x")))
    theirs = as_html(render(*hostile(text)))
    assert [theirs.count(tag) for tag in ("<h1", "<h2", "<tr", "<li")] == [
        ours.count(tag) for tag in ("<h1", "<h2", "<tr", "<li")
    ]


def test_the_largest_report_fits() -> None:
    """Even texts of the widest characters everywhere stay below the limit that GitHub's pages can take."""
    wide = "\N{GRINNING FACE}`" * 1000
    lost = [criterion(f"model.{n}", "failed", seen=wide, expected=wide, title=wide, hint=wide) for n in range(100)]
    text = render(report(*lost), evidence())
    assert len(text.encode()) <= MOST_BYTES
    assert text.endswith("This report is too long to be shown in full.\n")
