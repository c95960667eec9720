"""Compositions of independent choices get the verdict that their parts imply.

The same examples are tried in each run of the tests. For a long hunt among others, say how many a property shall try:
``COMPOSITIONS=300 .venv/bin/python -m pytest tests/test_compositions.py``. What fails is shrunk to the plainest choices
that still fail, and shown with its files.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from compositions.composition import Composition, compose
from compositions.mistake import Mistake
from compositions.mistakes import MISTAKES
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from grader.content import find_content
from grader.flow import Graded, judged
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.proof.corpora import Label, differences

T = TypeVar("T")
CONCEPTS = sorted({mistake.concept for mistake in MISTAKES})
WANTED = os.environ.get("COMPOSITIONS")
RIGHT_EXAMPLES, WRONG_EXAMPLES = 28, 5
"""Of the right property, and of each concept: 0.4 s each, 0.7 s where the reference stands in, some 40 s in all."""


def examples(number: int) -> Callable[[T], T]:
    """Return the settings of a property: ``number`` fixed examples, or as many new ones as are wanted."""
    return settings(
        max_examples=int(WANTED or number),
        derandomize=WANTED is None,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@some.composite
def compositions(draw: some.DrawFn) -> Composition:
    """Draw a right composition; the first of each dimension is the plainest."""
    return compose(lambda options: draw(some.sampled_from(options)))


@some.composite
def mistaken(draw: some.DrawFn, concept: str) -> tuple[Mistake, Composition]:
    """Draw a mistake that costs something of a concept, in a composition that is right otherwise."""
    mistake = draw(some.sampled_from([mistake for mistake in MISTAKES if mistake.concept == concept]))
    wrong = mistake.put_into(draw(compositions()), lambda options: draw(some.sampled_from(options)))
    assume(wrong.holds_together())
    return mistake, wrong


def graded(composition: Composition, observer: Observer) -> Graded:
    """Return everything that grading a composition yields."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "composed"
        composition.write(folder)
        return judged(observer.observe(take_in(folder)))


def shown(about: str, wrong: list[str], composition: Composition) -> str:
    """Return what a person needs to see why a composition did not get its verdict."""
    files = [f"--- {name}\n{content.decode('utf-8', 'replace')}" for name, content in composition.files().items()]
    return "\n".join([about, *wrong, "", composition.choices(), "", *files])


@pytest.mark.slow
@examples(RIGHT_EXAMPLES)
@given(composition=compositions())
def test_a_right_composition_gets_everything(walled_observer: Observer, composition: Composition) -> None:
    """Whatever right choices are put together, they get all points and no flag."""
    result = graded(composition, walled_observer)
    wrong = [*differences(result, Label("", {})), *(flag.key for flag in result.report.flags)]
    assert not wrong, shown("a right composition", wrong, composition)


@pytest.mark.slow
@pytest.mark.parametrize("concept", CONCEPTS)
def test_a_single_mistake_loses_exactly_what_it_implies(concept: str, walled_observer: Observer) -> None:
    """Whatever stands around it, a mistake loses the criteria whose sentence it breaks, and no other."""

    @examples(WRONG_EXAMPLES)
    @given(drawn=mistaken(concept))
    def loses_what_it_implies(drawn: tuple[Mistake, Composition]) -> None:
        mistake, composition = drawn
        wrong = differences(graded(composition, walled_observer), Label("", dict(mistake.lost)))
        assert not wrong, shown(mistake.name, wrong, composition)

    loses_what_it_implies()


# --- the choices themselves -------------------------------------------------------------------------------------------


def _first_that_holds(mistake: Mistake, choose: Callable[[Any], Any]) -> tuple[Composition, Composition]:
    """Return a right composition and the same with a mistake in it, tried until the two go together."""
    while True:
        right = compose(choose)
        wrong = mistake.put_into(right, choose)
        if wrong.holds_together():
            return right, wrong


@examples(100)
@given(composition=compositions())
def test_right_choices_hold_together(composition: Composition) -> None:
    """What is composed holds together, and every source of it is Python."""
    assert composition.holds_together(), composition.choices()
    for name, content in composition.files().items():
        if name.endswith(".py"):
            compile(content, name, "exec")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_changes_what_is_handed_in(mistake: Mistake) -> None:
    """A mistake goes together with right choices, and makes other files of them."""
    right, wrong = _first_that_holds(mistake, random.Random(mistake.name).choice)  # noqa: S311  # to be the same again
    assert wrong.files() != right.files()


def test_mistakes_have_names_of_their_own_and_cost_what_there_is() -> None:
    """No two mistakes share a name, and each costs criteria of the rubric."""
    names = [mistake.name for mistake in MISTAKES]
    assert len(set(names)) == len(names)
    assert {key for mistake in MISTAKES for key in mistake.lost} == {
        criterion.key for criterion in find_content().rubric().criteria
    }
