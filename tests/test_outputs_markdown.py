"""``report.md``, as GitHub shows it."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from markdown_it import MarkdownIt
from nasty import NASTY
from outputs_samples import SCRIPT, adding, criterion, evidence, hostile, report

from grader.outputs import markdown
from grader.outputs.markdown import MOST_BYTES, render
from grader.values import Advice, Flag, GradeReport, OutcomeName, Where

PASSED = criterion("model.table")
FAILED = criterion("commit.stored", "failed", 8, where=Where(SCRIPT, 9))
LINE = Where(SCRIPT, 9)
BLOCKED = criterion("rollback.nothing_kept", "blocked", 14, cause="commit.stored")
OURS = {
    "h1", "h2", "p", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code", "pre", "details",
    "summary",
}  # fmt: skip


def shown(grade: GradeReport) -> str:
    """Return the report."""
    return render(grade, evidence())


def as_html(text: str) -> str:
    """Return Markdown as HTML, with GitHub's tables."""
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


def test_the_score_is_the_headline() -> None:
    """The report begins with the points."""
    assert shown(report(PASSED, FAILED)).startswith("# 4 of 12 points\n")


def test_the_first_step_stands_above_everything_else() -> None:
    """What to do first, and the loss that it is about, come before praise and table."""
    text = shown(report(PASSED, FAILED))
    places = [
        "**What to do first:** Begin with commit.stored",
        "## ❌ failed: commit.stored",
        "## What works",
        "| concept",
    ]
    assert [text.index(place) for place in places] == sorted(text.index(place) for place in places)


def test_full_points_are_praised() -> None:
    """A submission without a fault reads so."""
    assert "Well done!" in shown(report(PASSED))


def test_what_works_is_listed() -> None:
    """A sentence for what works stands in a list of its own."""
    assert "## What works\n\n- The title of model.table.\n" in shown(report(PASSED, FAILED))


def test_nothing_that_works_has_no_headline() -> None:
    """Who has nothing right reads no empty praise."""
    assert "What works" not in shown(report(FAILED))


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
        "Look at transaction_script.py, line 9:\n\n"
        "```python\n  7 | for product in products:\n  8 |     session.add(Product(**product))\n"
        "> 9 | session.commit()\n```\n\n"
        "**Hint:** Look at where you commit.\n\n"
        "**Read on:** handout, task 2; hints, task 2: What to look up"
    ) in shown(report(FAILED))


def test_a_consequence_stands_under_its_cause() -> None:
    """A blocked criterion has no section of its own where its cause has one."""
    text = shown(report(FAILED, BLOCKED))
    assert "these could not be judged:\n\n- rollback.nothing_kept (14 points): The title" in text
    assert text.count("\n## ❌") + text.count("\n## ⏸️") == 1


def test_what_the_same_line_costs_stands_beside_it() -> None:
    """Two criteria that were lost at one line name each other, and no cause is made up."""
    other = criterion("rollback.nothing_kept", "failed", 14, where=Where(SCRIPT, 9))
    text = shown(report(FAILED, other))
    assert "so that one repair may do:\n\n- rollback.nothing_kept (14 points): The title" in text


def test_what_a_silenced_failure_leads_to_stands_under_it() -> None:
    """Where a call went on after a failure, what stayed because of that is named with it."""
    silenced = criterion("rollback.error_reaches_caller", "failed", 5)
    text = shown(
        report(criterion("commit.one_transaction"), criterion(BLOCKED.key, "failed", 14, where=LINE), silenced)
    )
    assert "costs this as well:\n\n- rollback.nothing_kept (14 points): The title" in text


def test_a_consequence_without_its_cause_is_told_by_itself() -> None:
    """A blocked criterion whose cause is not in the report names it."""
    assert "Not judged because of commit.stored." in shown(report(BLOCKED))


def test_a_line_of_the_observations_is_found() -> None:
    """A place in observations.toml shows its line, too."""
    lost = criterion("observations.agree", "failed", where=Where("observations.toml", 1))
    assert "> 1 | rows_after_first_run = 2" in shown(report(lost))


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


# --- diagrams ---------------------------------------------------------------------------------------------------------
STALE = criterion("flush.ids", "failed")


def with_diagrams() -> str:
    """Return a report with two losses, each of which a run explains."""
    return render(report(PASSED, FAILED, STALE), evidence(adding(), adding(name="preview", kind="preview")))


def test_the_run_behind_the_first_loss_is_drawn() -> None:
    """The first loss comes with the diagram of its run, and words for what was called."""
    text = with_diagrams()
    assert "```mermaid\nsequenceDiagram\n" in text
    assert "*What happened in add_products with 3 products, from top to bottom.*" in text
    assert text.index("LOOK HERE, line 9") < text.index("## What works")


def test_further_runs_are_folded() -> None:
    """The diagrams of all other losses stand in details that a reader opens."""
    text = with_diagrams()
    folded = "<details>\n<summary>What happened in preview_ids with 3 products</summary>\n\n```mermaid\nsequenceDiagram"
    assert text.index(folded) > text.index("## ❌ failed: flush.ids")
    assert as_html(text).count("<details>") == as_html(text).count("</details>") == 1


def test_a_diagram_is_a_block_of_its_own_language() -> None:
    """GitHub draws what stands in a fence of the language mermaid: there is one a run, and nothing ends it early."""
    fences = [token for token in MarkdownIt("commonmark").parse(with_diagrams()) if token.info == "mermaid"]
    assert [token.content.count("sequenceDiagram") for token in fences] == [1, 1]


def test_a_grade_without_a_loss_has_no_diagram() -> None:
    """Where nothing was lost there is nothing to explain."""
    assert "mermaid" not in render(report(PASSED), evidence(adding()))


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_leaves_the_diagrams_as_they_are(text: str) -> None:
    """No text ends a diagram, or begins one."""
    tokens = MarkdownIt("commonmark").parse(render(*hostile(text)))
    assert [token.info for token in tokens if token.type == "fence"].count("mermaid") == 2


# --- limits -----------------------------------------------------------------------------------------------------------
def test_the_largest_report_fits() -> None:
    """Even texts of the widest characters everywhere stay below the limit that GitHub's pages can take."""
    wide = "\N{GRINNING FACE}`" * 1000
    lost = [criterion(f"model.{n}", "failed", seen=wide, expected=wide, title=wide, hint=wide) for n in range(100)]
    text = render(report(*lost), evidence())
    assert len(text.encode()) <= MOST_BYTES
    assert text.endswith("This report is too long to be shown in full.\n")


def test_diagrams_are_dropped_before_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that is a little too long loses the last of its diagrams, and no word."""
    whole = with_diagrams()
    monkeypatch.setattr(markdown, "MOST_BYTES", len(whole.encode()) - 1)
    before, folded, after = re.split(r"(<details>.*?</details>\n\n?)", whole, flags=re.DOTALL)
    assert folded
    assert with_diagrams() == before.rstrip() + "\n" + after
