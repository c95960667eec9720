"""The timeline as a picture: what it shows of a run, what it hides, and what it says should have been."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from outputs_samples import SCRIPT, adding, insert, refused, step, table
from outputs_samples import evidence as told

from grader import flow
from grader.content import SOLUTION, find_content
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.outputs import telling
from grader.outputs.html import render
from grader.outputs.html.expected import compare, expected, timelines, title
from grader.outputs.html.picture import MOST_BEATS, OWN, Event, Picture, of_run
from grader.outputs.timeline import TELLING
from grader.values import Evidence, Run, Step, Where

REJECTED = Path(__file__).parent / "submissions" / "rejected"
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture(scope="module")
def solution(walled_observer: Observer) -> Evidence:
    """Return what was recorded of the reference solution."""
    return walled_observer.observe(take_in(find_content().root / SOLUTION))


def lanes(picture: Picture) -> list[tuple[list[str], ...]]:
    """Return the texts of a picture, beat by beat and lane by lane."""
    return [tuple([event.text for event in lane] for lane in beat.lanes()) for beat in picture.beats]


def drawn(*steps: Step, **more: Any) -> Picture:  # noqa: ANN401  # the fields of Run
    """Return the picture of a run with these steps."""
    run = adding(steps=steps, **more)
    return of_run(told(run), run)


def said(picture: Picture) -> str:
    """Return all that a picture says."""
    return "\n".join(chain.from_iterable(chain.from_iterable(lanes(picture))))


# --- what is expected is what the reference solution does -------------------------------------------------------------
def test_the_expected_picture_is_the_solutions(solution: Evidence) -> None:
    """Each call of a function of the solution's looks as its timeline says, event by event."""
    runs = [run for run in solution.runs if run.kind not in {*OWN, "model"}]
    assert len(runs) > 15
    assert [run.name for run in runs if lanes(of_run(solution, run)) != lanes(expected(run))] == []


@pytest.mark.parametrize("name", sorted(OWN))
def test_the_expected_script_is_the_solutions(solution: Evidence, name: str) -> None:
    """What a script should do is in each of its three calls what the solution's does, in this order."""
    run = next(run for run in solution.runs if run.name == name)
    calls = [beat for beat in of_run(solution, run).beats if beat.calls]
    wanted = expected(run).beats
    assert len(calls) == len(wanted) == 3
    for theirs, ours in zip(calls, wanted, strict=True):
        for done, asked in zip(theirs.lanes(), ours.lanes(), strict=True):
            happened = iter(_plainly(done))
            assert all(any(text.startswith(event.text) for text in happened) for event in asked)


def _plainly(events: list[Event]) -> list[str]:
    """Return what events say, each as often as it happened."""
    texts = [event.said for event in events]
    return [text for text in texts for _ in range(2 if text.endswith(f"row {TIMES}2") or "(1) " in text else 1)]


def test_every_run_that_tells_has_a_timeline() -> None:
    """Each kind of run that may be drawn has its picture of what is right, and a title."""
    kinds = {kind for kinds in telling._KINDS.values() for kind in kinds}  # noqa: SLF001  # the table is what is meant
    missing = {kind for kind in kinds if kind not in timelines() and f"{kind}.1" not in timelines()}
    assert missing == set()


def test_a_title_says_what_was_done() -> None:
    """A title names the row that cannot be stored and why, and no product."""
    assert title(refused()) == (
        "add_products is called with 2 products, and row 2 cannot be stored: the grader's doing"
    )


# --- what is shown ----------------------------------------------------------------------------------------------------
def test_a_run_is_drawn_without_its_inputs() -> None:
    """The statements, states and rows are counted; no name and no price is shown."""
    assert lanes(of_run(told(adding()), adding())) == [
        (["add_products() is called"], [], [], []),
        ([], ["begin", "now pending"], [], []),
        ([], ["commit", "flush"], ["BEGIN", f"INSERT products {TIMES}3", "COMMIT"], ["3 new rows"]),
        (["add_products() returns a list of 3"], [], [], []),
    ]


def test_the_line_to_blame_is_marked() -> None:
    """Of all beats, those at the line that a criterion names are marked, with their code."""
    run = adding()
    picture = of_run(told(run), run, Where(SCRIPT, 9))
    assert [(beat.place, beat.code) for beat in picture.beats if beat.blamed] == [("line 9", "session.commit()")]


def test_rails_show_what_is_open() -> None:
    """A session and a transaction are lit from where they begin to where they end."""
    picture = drawn(
        step("begin", 7, session=1),
        insert(8, "Pen", began=True),
        step("commit", 9, session=1),
        step("commit", 9, fact=True, connection=1),
        step("close", 10, session=1),
    )
    assert [beat.session_rail for beat in picture.beats] == ["opens", "through", "through", "closes"]
    assert [beat.database_rail for beat in picture.beats] == ["", "opens", "closes", ""]


def test_a_refused_commit_leaves_the_transaction_open() -> None:
    """After a COMMIT that the database refused, its rail goes on."""
    locked = refused("database is locked").steps[3].error
    picture = drawn(
        insert(8, "Pen", began=True),
        step("commit", 9, fact=True, connection=1, in_transaction=True, error=locked),
        step("close", 10, session=1),
    )
    assert [beat.database_rail for beat in picture.beats] == ["opens", "through", "through"]


def test_squares_count_the_rows_that_others_see() -> None:
    """There is a square for each row from before and one for each new row."""
    assert [beat.squares for beat in of_run(told(adding()), adding()).beats if beat.squares] == [(1, 3)]


def test_a_run_that_shows_others_nothing_says_so() -> None:
    """Where nothing was committed, the last beat tells that others saw nothing new."""
    assert lanes(of_run(told(refused()), refused()))[-1][3] == ["nothing new"]


def test_changed_and_vanished_rows_are_counted() -> None:
    """What others see is told in numbers of new, changed and vanished rows."""
    seen = [step("seen", 9, fact=True, table=table((1, "Ink", 3.0), (5, "Nib", 1.0)))]
    assert said(drawn(*seen, before=table((1, "Ink", 2.0), (2, "Cap", 1.0)))) == "1 new row, 1 changed row, 1 row gone"


def test_a_long_run_is_cut() -> None:
    """A picture has no more beats than anybody would read, and tells how many it leaves out."""
    steps = [step("flush", line, session=1) for line in range(1, MOST_BEATS + 4)]
    picture = drawn(*steps)
    assert (len(picture.beats), picture.cut) == (MOST_BEATS, 3)


def test_prices_are_numbered() -> None:
    """Of reloading it is shown which price came back where, and not how much it is."""
    prices = {"loaded": "7.77", "stale": "7.77", "after_expire_all": "9.99", "after_refresh": "8.88", "more": "6.66"}
    value = {"dict": [[key, {"decimal": price}] for key, price in prices.items()]}
    picture = drawn(
        step("elsewhere", 8, text="9.99"),
        step("elsewhere", 9, text="fails"),
        step("returned", text=f"show_reloading: {json.dumps(value)}"),
        inputs={"invocations": [{"changes": ["9.99", "8.88"]}]},
    )
    assert said(picture).splitlines()[:3] == [
        "change_elsewhere() sets price 2",
        "change_elsewhere() raises",
        (
            "show_reloading() returns loaded: price 1, stale: price 1, after_expire_all: price 2, "
            "after_refresh: price 3, another key: another price"
        ),
    ]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ([], "an empty list"),
        (None, "None"),
        (True, "True"),
        (3, "a number"),
        ("x", "a text"),
        ({"odd": 1}, "an object"),
    ],
)
def test_a_returned_value_is_told_by_its_shape(value: object, shape: str) -> None:
    """What a function returned is named, not shown."""
    assert f"preview_ids() returns {shape}" in said(drawn(step("returned", text=f"preview_ids: {json.dumps(value)}")))


def test_a_forged_end_of_a_call_does_no_harm() -> None:
    """A claim about a returned value that is no JSON, or too deep, is something."""
    for text in ("f: [1", "f: " + "[" * 20_000):
        assert "returns something" in said(drawn(step("returned", text=text)))


@pytest.mark.parametrize(
    "leak",
    [
        step("execute", 9, fact=True, connection=1, sql='SELECT 1 FROM "Zylophone"'),
        step("execute", 9, fact=True, connection=1, sql="SELECT 'Zylophone'"),
        step("execute", 9, fact=True, connection=1, sql="Zylophone"),
        step("call", text="Zylophone"),
        step("raised", text="add_products: Zylophone"),
        step("returned", text='show_reloading: {"dict": [["Zylophone", 1]]}'),
        step("state", 9, text="Zylophone"),
        step("read", 9, text="Zylophone"),
        step("Zylophone", 9),
        refused("Zylophone").steps[3],
        insert(9, "Zylophone"),
    ],
)
def test_a_word_that_is_not_the_students_is_not_shown(leak: Step) -> None:
    """A hidden name is not shown, wherever a student's process says it, unless it stands in their own files."""
    assert "Zylophone" not in said(drawn(leak))


def test_a_word_of_the_students_is_shown() -> None:
    """What stands in the student's files may be named: their own exception, say."""
    run = adding(steps=(step("raised", text="add_products: StoreFull"),))
    assert "raises StoreFull" in said(of_run(told(run, code="class StoreFull(Exception): ..."), run))


# --- what differs -----------------------------------------------------------------------------------------------------
def test_what_only_one_picture_has_is_marked() -> None:
    """A commit too many and a close that is missing are marked, each in its picture."""
    run = adding()
    seen, wanted = of_run(told(run), run), expected(run)
    seen.beats[2].database.append(Event("COMMIT"))
    compare(seen, wanted)
    assert [event.text for event in seen.events() if event.mark] == ["COMMIT"]
    assert [event.text for event in wanted.events() if event.mark] == ["close"]


# --- nothing hidden ---------------------------------------------------------------------------------------------------
HIDDEN_AT = ("commit_per_row", "swallows_and_prints", "stale_price_read_too_late")


@pytest.mark.slow
@pytest.mark.parametrize("name", HIDDEN_AT)
def test_no_hidden_input_is_on_the_page(walled_observer: Observer, name: str) -> None:
    """No name, price or given id that was drawn for a hidden run stands on a page, save what a verdict itself names."""
    evidence = walled_observer.observe(take_in(REJECTED / name))
    report = flow.judged(evidence).report
    page, verdicts = render(report, evidence), " ".join(criterion.seen for criterion in report.criteria)
    values = [value for run in evidence.runs if run.kind not in OWN for value in _inputs(run)]
    assert len(values) > 100
    assert [value for value in values if value in page and value not in verdicts] == []


def _inputs(run: Run) -> list[str]:
    """Return the names and prices of a run's inputs, and the ids that were given."""
    invocations = run.inputs.get("invocations", [])
    products = [product for invocation in invocations for product in invocation.get("products", [])]
    values = [product.get(key) for product in products for key in ("name", "price")]
    given = [product["id"] for product in products if (product.get("id") or 0) > 1999]
    changes = [price for invocation in invocations for price in invocation.get("changes", [])]
    return [str(value) for value in (*values, *given, *changes) if value is not None]


def test_one_run_of_each_kind_is_drawn(solution: Evidence) -> None:
    """Where nothing was lost, the page still shows one run of each kind."""
    page = render(flow.judged(solution).report, solution)
    assert page.count("<summary><span>Timeline:</span>") == len(TELLING)
