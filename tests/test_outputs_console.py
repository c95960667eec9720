"""The grade on a terminal."""

from __future__ import annotations

import io

import pytest
from nasty import NASTY, unharmed
from outputs_samples import SCRIPT, adding, console, criterion, evidence, hostile, printed, raw, report
from rich.cells import cell_len
from rich.console import Console

from grader.outputs.console import render
from grader.values import Advice, Evidence, Flag, GradeReport, Where

PASSED = criterion("model.table")
FAILED = criterion("commit.stored", "failed", 8, where=Where(SCRIPT, 9))
BLOCKED = criterion("rollback.nothing_kept", "blocked", 14, cause="commit.stored")
BROKEN = criterion("flush.ids", "broken", hint="", seen="the grader failed")
RECORD = evidence(adding())


def shown(grade: GradeReport, record: Evidence = RECORD, width: int = 100) -> str:
    """Return what a person reads, on one line."""
    kept = console(width)
    render(grade, record, kept)
    return printed(kept)


def test_the_score_stands_at_the_top() -> None:
    """The first words are whose grade it is and how many points."""
    assert shown(report(PASSED, FAILED)).startswith("alice: 4 of 12 points")


def test_full_points_end_with_a_kind_word() -> None:
    """A submission without a fault gets the table, a kind word, and nothing to do."""
    text = shown(report(PASSED))
    assert text.rstrip().endswith("Well done!")
    assert "What to do first" not in text


def test_full_points_with_a_failed_criterion_are_not_called_perfect() -> None:
    """Praise is for a grade in which every criterion was passed, whatever the sum says."""
    assert "Well done" not in shown(report(PASSED, criterion("flush.ids", "failed", 0)))


@pytest.mark.parametrize("outcome", ["passed", "failed", "blocked", "broken"])
def test_an_outcome_is_a_word(outcome: str) -> None:
    """Each outcome is named in the table; the colour only repeats it."""
    assert outcome in shown(report(PASSED, FAILED, BLOCKED, BROKEN))


def test_a_lost_criterion_says_what_to_know() -> None:
    """Expected, seen, the line, its code and the hint are all there."""
    text = shown(report(FAILED))
    assert (
        "commit.stored (8 of 8 points lost) expected All products arrive. seen nothing arrived "
        "where transaction_script.py:9 9 | session.commit() hint Look at where you commit. "
        "read on handout, task 2; hints, task 2: What to look up"
    ) in text


def test_a_consequence_stands_under_its_cause() -> None:
    """A blocked criterion is named with its cause, and not explained again."""
    text = shown(report(FAILED, BLOCKED))
    assert "blocked because of this, and so not judged: rollback.nothing_kept (14 points)" in text
    assert text.count("Look at where you commit.") == 1


def test_a_consequence_without_its_cause_is_told_by_itself() -> None:
    """A blocked criterion whose cause is not in the report is not lost."""
    assert "cause commit.stored" in shown(report(PASSED, BLOCKED))


def test_what_the_same_line_costs_is_named() -> None:
    """Beside a loss stand the others at its line."""
    other = criterion("rollback.nothing_kept", "failed", 14, where=Where(SCRIPT, 9))
    assert "same line rollback.nothing_kept (14 points)" in shown(report(FAILED, other))


def test_a_line_that_the_evidence_does_not_hold_is_only_named() -> None:
    """A place beyond the end of a file is shown without code."""
    assert f"where {SCRIPT}:99 hint" in shown(report(criterion("flush.ids", "failed", where=Where(SCRIPT, 99))))


def test_a_withheld_grade_shows_no_score() -> None:
    """Where the grader failed there is no sum, but what to do."""
    text = shown(report(PASSED, BROKEN))
    assert text.startswith("alice: NO GRADE, it is withheld")
    assert "failed at flush.ids" in text
    assert "of 8 points" not in text


def test_a_withheld_grade_blames_nobody() -> None:
    """The points of a broken criterion are not decided, and not called lost."""
    assert "flush.ids (4 points not decided)" in shown(report(PASSED, BROKEN))


def test_what_others_wait_for_comes_first() -> None:
    """The last sentence names the criterion that others wait for, and its line."""
    assert shown(report(criterion("model.money", "failed", 30), FAILED, BLOCKED)).endswith(
        "What to do first: Begin with commit.stored (task 2), in line 9 of transaction_script.py: it decides about "
        "22 points, as 1 other criterion waits for it."
    )


def test_what_is_worth_most_comes_first() -> None:
    """Where nothing waits for anything, the last sentence names what costs most."""
    assert "Begin with model.money (task 1): it decides about 30 points." in shown(
        report(FAILED, criterion("model.money", "failed", 30))
    )


def test_with_nothing_lost_nothing_is_left_to_do() -> None:
    """A sum that is short of the maximum although every criterion was passed sends nobody to work."""
    assert shown(report(PASSED, score=3)).endswith("What to do first: Nothing is left to do.")


def test_no_walls_are_called_unsafe() -> None:
    """The isolation that keeps nobody out is marked in words."""
    assert "isolation: process, which is UNSAFE" in shown(report(PASSED, isolation="process"))


def test_walls_are_named() -> None:
    """Real isolation is named without alarm."""
    text = shown(report(PASSED))
    assert "isolation: bubblewrap" in text
    assert "UNSAFE" not in text


def test_advice_names_its_line() -> None:
    """Advice stands below the criteria, with the place it is about."""
    grade = report(PASSED, advice=(Advice("advice.bare_except", "Name it.", Where(SCRIPT, 7)),))
    assert shown(grade).endswith("Advice (costs nothing) - Name it. (transaction_script.py:7)")


def test_flags_are_shown() -> None:
    """On the terminal, flags stand below the advice."""
    grade = report(PASSED, flags=(Flag("flag.record_cut", "7 steps were not kept"),))
    assert "- flag.record_cut: 7 steps were not kept" in shown(grade)


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_does_not_reach_the_terminal(text: str) -> None:
    """Whatever a student put into names, messages and code is visible and inert."""
    kept = console(force_terminal=True, color_system="truecolor")
    render(*hostile(text), kept)
    assert unharmed(raw(kept))


@pytest.mark.parametrize("width", [20, 60, 100, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Narrow or wide, the text is folded to fit."""
    kept = console(width)
    render(*hostile("x" * 5000), kept)
    assert max(map(cell_len, raw(kept).splitlines())) <= width


def test_without_a_terminal_there_is_no_colour() -> None:
    """What is written into a file holds no escape sequence."""
    kept = console()
    render(report(PASSED, FAILED, BLOCKED), RECORD, kept)
    assert "\x1b" not in raw(kept)


def test_an_ascii_terminal_gets_escapes() -> None:
    """A terminal that knows only ASCII shows the rest as escapes; nothing raises."""
    written = io.BytesIO()
    terminal = Console(file=io.TextIOWrapper(written, encoding="ascii", errors="strict"), width=100)
    render(report(FAILED, text="Zoë"), RECORD, terminal)
    terminal.file.flush()
    text = written.getvalue().decode("ascii")
    assert text.startswith("Zo\\xeb: ")
    assert "x failed" in text
