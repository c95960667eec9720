"""The timeline of a run on a terminal."""

from __future__ import annotations

from typing import Any

import pytest
from nasty import NASTY, obeyed, unharmed
from outputs_samples import (
    SCRIPT,
    adding,
    console,
    evidence,
    hostile,
    insert,
    printed,
    raw,
    refused,
    step,
)
from rich.cells import cell_len

from grader.outputs.timeline import MOST_ROWS, render
from grader.values import Run


def shown(*runs: Run, width: int = 160, names: tuple[str, ...] = (), **more: Any) -> str:  # noqa: ANN401  # of render
    """Return what a person reads, on one line."""
    kept = console(width)
    render(evidence(*runs), kept, names, **more)
    return printed(kept)


def test_one_run_of_each_kind_is_shown() -> None:
    """Without names, the telling runs are shown in their order, and others are not."""
    text = shown(refused(), adding(), adding(name="add.nothing"))
    assert text.index("add.automatic_ids add_products with 3 products") < text.index("refused.2 add_products")
    assert "add.nothing" not in text


def test_named_runs_are_shown() -> None:
    """With a name, that run is shown, and its stand-in beside it."""
    text = shown(refused(), adding(), adding(model="reference"), names=("add.automatic_ids",))
    assert text.count("add.automatic_ids") == 2
    assert "refused.2" not in text


def test_the_students_own_run_goes_first() -> None:
    """Where a run was made twice, the one without a stand-in is shown, and never one of the reference's functions."""
    text = shown(adding(), adding(model="reference"), adding(name="preview", functions="reference"))
    assert "stood in" not in text


def test_an_unknown_name_is_refused() -> None:
    """A name that no run has is an error that lists the names."""
    with pytest.raises(ValueError, match=r"no run is called 'nothing'; there are: add\.automatic_ids, refused\.2"):
        shown(adding(), refused(), names=("nothing",))


def test_no_run_is_told() -> None:
    """Evidence without runs is said to be empty."""
    assert shown() == "No run was recorded."


def test_a_run_without_steps_is_told() -> None:
    """Where nothing happened there is no empty table."""
    assert "nothing reached a session or the database" in shown(adding(steps=()))


@pytest.mark.parametrize("width", [60, 100])
def test_claims_and_facts_are_told_apart_in_words(width: int) -> None:
    """Wide or narrow, it is written whether something is claimed or a fact."""
    text = shown(adding(), width=width)
    assert "claim" in text
    assert "fact" in text


def test_code_stands_below_its_line_where_there_is_room() -> None:
    """A wide terminal shows the code, a middling one the number alone."""
    assert "session.commit()" in shown(adding(), width=160)
    assert "session.commit()" not in shown(adding(), width=100)
    assert f"{SCRIPT}:9" in shown(adding(), width=100)


def test_a_narrow_terminal_shows_the_code_too() -> None:
    """Where the lanes stand below each other there is room for the code."""
    assert f"line {SCRIPT}:9 session.commit() claim commit" in shown(adding(), width=60)


def test_details_unfold_the_machinery() -> None:
    """What SQLAlchemy does by itself is shown on request."""
    text = shown(adding(), details=True)
    assert "created" in text
    assert "PRAGMA read_uncommitted" in text
    assert "connection never closed" in text


def test_a_long_run_is_cut() -> None:
    """A run of thousands of steps ends with how many rows are not shown."""
    steps = [step(kind, 9, session=1) for _ in range(MOST_ROWS) for kind in ("begin", "commit")]
    facts = [insert(9, f"{n}") for n in range(MOST_ROWS * 2)]
    text = shown(adding(steps=tuple(s for pair in zip(steps, facts, strict=True) for s in pair)))
    assert f"and {MOST_ROWS} rows more" in text


def test_a_cut_record_is_told() -> None:
    """Steps that were not kept are counted below the table."""
    assert "and 7 steps that the record did not keep" in shown(adding(steps_dropped=7))


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("width", [60, 160])
def test_nasty_text_does_not_reach_the_terminal(text: str, width: int) -> None:
    """Whatever a student put into claims, statements and values is visible and inert."""
    kept = console(width, force_terminal=True, color_system="truecolor")
    render(hostile(text)[1], kept, details=True)
    render(evidence(adding(name=text)), kept, (text,))
    assert unharmed(raw(kept))
    assert obeyed(raw(kept)) == []


@pytest.mark.parametrize("width", [30, 60, 100, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """At every width the text is folded to fit."""
    kept = console(width)
    render(hostile("x" * 5000)[1], kept)
    assert max(map(cell_len, raw(kept).splitlines())) <= width


def test_a_refusal_is_red_and_worded() -> None:
    """An error stands out by its words and, where there is colour, by that as well."""
    kept = console(160, force_terminal=True, color_system="standard")
    render(evidence(refused()), kept)
    assert "\x1b[1;31mrefused: IntegrityError" in raw(kept)


def test_a_line_without_code_is_numbered() -> None:
    """A line that the evidence does not hold is shown by its number alone."""
    kept = console(60)
    render(evidence(adding(), code=""), kept)
    assert f"line {SCRIPT}:9 claim commit" in printed(kept)
