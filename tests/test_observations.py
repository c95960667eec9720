"""The observations are compared with what the student's own program was recorded to do."""

from __future__ import annotations

from typing import Any

import pytest
from evidence_samples import CAP, INK, PEN, REFUSED, call, claim, evidence, fact, prices, run, seen, sent, table

from grader.judge.observations import QUESTIONS, Reloading, answers, reloadings, truths
from grader.judge.record import cents, cents_of_text, money
from grader.values import Run, Step, Table

CUP = (4, "Cup", 7.25)
SHOWN = prices(loaded="1.20", stale="1.20", after_expire_all="2.00", after_refresh="3.00")
NEXT_PEN, NEXT_INK = (1, "Pen", 2.0), (1, "Pen", 3.0)


def adding() -> tuple[Step, ...]:
    """Return the call that stores the first two products."""
    return call("add_products", sent(lastrowid=1), sent(lastrowid=2), seen(PEN, INK), value=[1, 2])


def failing(*steps: Step, ends: str = "raised") -> tuple[Step, ...]:
    """Return the call of the pair that cannot be stored: the first insert works, the second is refused."""
    return call("add_products", *(steps or (sent(lastrowid=3), sent(error=REFUSED))), ends=ends, value=[])


def reloading(value: Any = SHOWN, *, ends: str = "returned") -> tuple[Step, ...]:  # noqa: ANN401  # what was returned
    """Return the call that shows reloading, with the price changed twice meanwhile."""
    changed = (seen(NEXT_PEN, INK), claim("expire_all"), seen(NEXT_INK, INK), claim("refresh"))
    return call("show_reloading", *changed, ends=ends, value=value)


def first_run(*parts: tuple[Step, ...]) -> Run:
    """Return the first run of a program that did these things; all that it is asked to do if none is named."""
    steps = [step for part in parts or (adding(), failing(), reloading()) for step in part]
    return run("first_run", *steps, after=table(NEXT_INK, INK))


SECOND = run("second_run", before=table(NEXT_INK, INK), after=table(NEXT_INK, INK, CAP, CUP))


def agrees(question: str, answer: object, first: Run | None = None, second: Run | None = SECOND) -> bool:
    """Tell whether an answer agrees with a first and a second run, sound ones unless told."""
    return truths(first or first_run(), second)[question](answer)


# --- reading the file -------------------------------------------------------------------------------------------------


def test_the_answers_are_read_as_they_stand() -> None:
    """The answers come with the types that TOML gives them; further keys do no harm."""
    given, problem = answers(evidence(observations="a = 2\nb = 2.0\nc = true\nd = '2'\n"))
    assert (given, problem) == ({"a": 2, "b": 2.0, "c": True, "d": "2"}, None)


def test_an_empty_file_answers_nothing() -> None:
    """A file without a line can be read, and holds no answer."""
    assert answers(evidence(observations="")) == ({}, None)


def test_a_missing_file_is_said_to_be_missing() -> None:
    """Without a file there are no answers, and the text names the file."""
    assert answers(evidence()) == ({}, "observations.toml is not there")


@pytest.mark.parametrize("text", ["rows = ", "rows = two", "= 2", "rows_after_first_run = 2\nrows_after_first_run = 2"])
def test_what_is_not_toml_is_said_not_to_be(text: str) -> None:
    """A file that is not TOML holds no answers, and the text says what is wrong in it."""
    given, problem = answers(evidence(observations=text))
    assert (given, (problem or "").partition(": ")[0]) == ({}, "observations.toml cannot be read")


@pytest.mark.parametrize("value", ["9" * 5_000, "[" * 5_000 + "]" * 5_000], ids=["many digits", "nested deeply"])
def test_what_cannot_be_held_is_said_not_to_be_readable(value: str) -> None:
    """A number of thousands of digits and lists in lists are a student's mistake, and none of the judge's."""
    given, problem = answers(evidence(observations=f"rows_after_first_run = {value}"))
    assert given == {}
    assert (problem or "").endswith("a number in it is too long, or it is nested too deeply")


def test_a_file_that_was_not_taken_in_is_not_read() -> None:
    """The problem that intake had with the file is passed on."""
    problem = "observations.toml is not UTF-8 text"
    assert answers(evidence(observations=None, observations_problem=problem)) == ({}, problem)


# --- the types of answers ---------------------------------------------------------------------------------------------

NUMBERS = {"2": 2, "2.0": 2.0}
NO_NUMBERS = {
    "text": "2",
    "true": True,
    "list": [2],
    "table": {"rows": 2},
    "three": 3,
    "almost": 2.0000001,
    "minus": -2,
    "nan": float("nan"),
    "infinity": float("inf"),
    "huge": 10**400,
}


@pytest.mark.parametrize("answer", NUMBERS.values(), ids=list(NUMBERS))
def test_a_number_agrees_as_a_number(answer: object) -> None:
    """Two is two, with or without a point."""
    assert agrees("rows_after_first_run", answer)


@pytest.mark.parametrize("answer", NO_NUMBERS.values(), ids=list(NO_NUMBERS))
def test_another_number_or_another_type_does_not_agree(answer: object) -> None:
    """What is not the number two does not agree with it, and nothing breaks on the way."""
    assert not agrees("rows_after_first_run", answer)


@pytest.mark.parametrize("answer", [False, "true", 1, 1.0, "yes", [True]])
def test_only_true_agrees_with_true(answer: object) -> None:
    """A question that asks whether something is so wants a truth value."""
    assert (agrees("stale_price_was_old", answer), agrees("stale_price_was_old", answer=True)) == (False, True)


# --- what is true -----------------------------------------------------------------------------------------------------


def test_a_sound_program_makes_the_expected_answers_true() -> None:
    """Two rows, four rows, none kept; old, new, new; and the id was given again."""
    expected = (2, 4, 0, True, True, True, True)
    assert [q for q, answer in zip(QUESTIONS, expected, strict=True) if not agrees(q, answer)] == []


def test_the_rows_are_those_that_were_there() -> None:
    """The numbers of rows are counted in the student's own database, whatever was asked for."""
    three = run("first_run", *adding(), after=table(PEN, INK, CAP))
    assert agrees("rows_after_first_run", 3, three)


def test_a_row_kept_of_the_pair_is_counted() -> None:
    """What others saw after the pair had failed, less what they saw before it, was kept."""
    kept = failing(sent(lastrowid=3), seen(PEN, INK, CAP), sent(error=REFUSED))
    assert agrees("rows_kept_of_failed_pair", 1, first_run(adding(), kept))


def test_a_pair_whose_error_is_swallowed_is_still_the_pair() -> None:
    """The call in which the database refused something is the pair, although it returned."""
    assert agrees("rows_kept_of_failed_pair", 0, first_run(adding(), failing(ends="returned")))


def test_without_a_failure_the_second_call_is_the_pair() -> None:
    """Where nothing failed, the second call is taken for the pair that was meant to fail."""
    stored = call("add_products", sent(lastrowid=3), seen(PEN, INK, CAP), value=[3])
    assert agrees("rows_kept_of_failed_pair", 1, first_run(adding(), stored))


def test_an_id_that_no_later_product_got_was_not_reused() -> None:
    """Where the database went on counting, the id was not given again."""
    later = run("second_run", after=table(NEXT_INK, INK, (7, "Cap", 0.5), (8, "Cup", 7.25)))
    assert agrees("failed_id_was_reused", answer=False, second=later)


def test_a_row_of_the_pair_that_stayed_reused_nothing() -> None:
    """The id of a row that was kept was not given to a later product."""
    kept = failing(sent(lastrowid=3), seen(PEN, INK, CAP), sent(error=REFUSED))
    first = run("first_run", *adding(), *kept, after=table(PEN, INK, CAP))
    later = run("second_run", after=table(PEN, INK, CAP, CUP))
    assert agrees("failed_id_was_reused", answer=False, first=first, second=later)


def test_a_price_that_did_not_become_new_is_not_new() -> None:
    """What the program showed decides: an old price after expire_all() is an old one."""
    shown = prices(loaded="1.20", stale="1.20", after_expire_all="1.20", after_refresh="3.00")
    first = first_run(adding(), failing(), reloading(shown))
    assert agrees("expire_all_showed_new", answer=False, first=first)


def test_a_stale_price_that_was_new_was_not_old() -> None:
    """A program that reloads too early shows a new price at once."""
    shown = prices(loaded="1.20", stale="2.00", after_expire_all="2.00", after_refresh="3.00")
    assert agrees("stale_price_was_old", answer=False, first=first_run(adding(), failing(), reloading(shown)))


def test_prices_are_compared_whatever_their_type() -> None:
    """A float and a Decimal of the same amount are the same price."""
    shown = {"dict": [["loaded", {"decimal": "1.20"}], ["stale", 1.2]]}
    assert agrees("stale_price_was_old", answer=True, first=first_run(reloading(shown)))


# --- what is open, and what never happened ----------------------------------------------------------------------------

BOTH = (True, False)


def open_question(question: str, **runs: Any) -> bool:  # noqa: ANN401  # first and second
    """Tell whether either truth value is right, and nothing else is."""
    return all(agrees(question, answer, **runs) for answer in BOTH) and not agrees(question, "true", **runs)


def test_where_no_id_was_given_to_the_pair_either_answer_is_right() -> None:
    """A pair that was refused before any insert worked leaves open whether its id was reused."""
    assert open_question("failed_id_was_reused", first=first_run(adding(), failing(sent(error=REFUSED))))


def test_without_a_second_run_it_is_open_whether_the_id_was_reused() -> None:
    """A second run that left no table cannot tell."""
    assert open_question("failed_id_was_reused", second=None)


def test_a_change_to_the_price_that_was_there_leaves_open_what_expiring_showed() -> None:
    """A program that draws its prices by lot may set the same one again: then nothing new could be shown."""
    shown = prices(loaded="1.20", stale="1.20", after_expire_all="1.20", after_refresh="3.00")
    steps = call("show_reloading", claim("expire_all"), seen(NEXT_INK, INK), claim("refresh"), value=shown)
    assert open_question("expire_all_showed_new", first=first_run(adding(), failing(), steps))


def test_a_price_under_another_key_is_open() -> None:
    """A program that reloaded, but shows the price under another name, leaves its answer open."""
    misspelled = prices(loaded="1.20", old="1.20", after_expire_all="2.00", after_refresh="3.00")
    assert open_question("stale_price_was_old", first=first_run(adding(), failing(), reloading(misspelled)))


def telling(text: str) -> Run:
    """Return a first run whose recorder told this of what show_reloading returned."""
    shown = (*reloading()[:-1], claim("returned", text=f"show_reloading: {text}"))
    return first_run(adding(), failing(), shown)


def test_what_was_cut_off_behind_the_prices_is_not_missed() -> None:
    """Of a returned value that is too long to be kept the beginning is known."""
    text = '{"dict": [["loaded", {"decimal": "1.2"}], ["stale", {"decimal": "1.2"}], ["log", "xxxxx'
    assert agrees("stale_price_was_old", answer=True, first=telling(text))
    assert not agrees("stale_price_was_old", answer=False, first=telling(text))


@pytest.mark.parametrize("answer", [True, False])
def test_what_nobody_can_read_agrees_with_nothing(answer: object) -> None:
    """The recorder puts the prices first: what cannot be read up to there is not its own."""
    assert not agrees("stale_price_was_old", answer, telling('{"dict": [["loaded", "], [", ["st'))


def test_a_table_without_ids_leaves_open_whether_one_was_reused() -> None:
    """Where the table has no column id, nobody can see which ids the later products got."""
    strange = Table(("number", "name"), ((1, "Pen"), (3, "Cap")))
    assert open_question("failed_id_was_reused", second=run("second_run", after=strange))


@pytest.mark.parametrize(
    "question", ["rows_kept_of_failed_pair", "failed_id_was_reused"], ids=["kept of it", "its id reused"]
)
@pytest.mark.parametrize("answer", [0, 2, True, False])
def test_a_pair_that_was_never_tried_agrees_with_nothing(question: str, answer: object) -> None:
    """What is said of a pair is not right where there was none."""
    assert not agrees(question, answer, first_run(adding(), reloading()))


@pytest.mark.parametrize("question", ["stale_price_was_old", "expire_all_showed_new", "refresh_showed_new"])
@pytest.mark.parametrize("answer", BOTH)
def test_reloading_that_was_never_shown_agrees_with_nothing(question: str, answer: object) -> None:
    """What is said of reloading is not right where nothing was reloaded."""
    assert not agrees(question, answer, first_run(adding(), failing()))


# --- whether anything changed meanwhile -------------------------------------------------------------------------------

SAME = prices(loaded="1.20", stale="1.20", after_expire_all="1.20", after_refresh="1.20")
UPDATE = "UPDATE products SET price = ?"
SET_TO_ITSELF = fact("execute", 2, sql=UPDATE, wrote=("update:products",), changed=1, in_transaction=True)


def shown(*steps: Step, value: Any = SAME) -> Reloading:  # noqa: ANN401  # what was returned
    """Return what a call showed in which these things happened."""
    (one,) = reloadings(first_run(adding(), failing(), call("show_reloading", *steps, value=value)))
    return one


def test_what_others_saw_was_written() -> None:
    """A change that others see while show_reloading runs is one."""
    assert shown(seen(NEXT_PEN, INK)).written


def test_a_committed_price_that_was_there_already_was_written() -> None:
    """An UPDATE to the same price is seen by nobody, and counts once it is committed."""
    assert shown(SET_TO_ITSELF, fact("commit", 2)).written
    assert not shown(SET_TO_ITSELF, fact("rollback", 2)).written


def test_a_price_that_a_session_did_not_have_to_send_was_written() -> None:
    """A session that is given the price it has sends no UPDATE: it flushes and commits all the same."""
    assert shown(claim("commit", session=2), claim("flush", session=2)).written


@pytest.mark.parametrize("steps", [(), (claim("flush", session=2),), (claim("flush", session=2), claim("commit"))])
def test_what_was_never_committed_was_not_written(steps: tuple[Step, ...]) -> None:
    """Where nothing is done, or flushed without a commit, nothing was written."""
    assert not shown(*steps).written


def test_one_price_four_times_shows_nothing_new_of_a_change() -> None:
    """Four equal prices show nothing new where something changed, and are open where nothing did."""
    assert shown(seen(NEXT_PEN, INK)).shows_nothing_new
    assert not shown().shows_nothing_new
    assert not shown(seen(NEXT_PEN, INK), value=SHOWN).shows_nothing_new


def test_prices_that_nobody_can_read_may_show_anything() -> None:
    """A dict without the prices that were asked for is another criterion's matter."""
    assert not shown(seen(NEXT_PEN, INK), value=prices(old="1.20")).shows_nothing_new


# --- no table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["rows_after_first_run", "rows_after_second_run"])
@pytest.mark.parametrize("answer", [0, 2, 4])
def test_a_run_without_a_table_has_no_number_of_rows(question: str, answer: int) -> None:
    """Where a run left no table, no number of rows is right."""
    nothing = run("first_run", before=None, after=None)
    assert not agrees(question, answer, nothing, run("second_run", before=None, after=None))


# --- prices -----------------------------------------------------------------------------------------------------------

AMOUNTS = {
    "decimal": ({"decimal": "19.99"}, 1999),
    "many places": ({"decimal": "19.990000"}, 1999),
    "exponent": ({"decimal": "2E+1"}, 2000),
    "float": (19.99, 1999),
    "float with a tail": (0.1 + 0.2, 30),
    "int": (20, 2000),
    "zero": (0, 0),
    "negative": (-1.5, -150),
}
NO_AMOUNTS = {
    "true": True,
    "text": "19.99",
    "none": None,
    "object": {"object": "Money", "text": "19.99"},
    "nan": {"float": "nan"},
    "decimal nan": {"decimal": "NaN"},
    "decimal infinity": {"decimal": "Infinity"},
    "no decimal": {"decimal": "cheap"},
    "list": [19.99],
    "dict": {"dict": []},
}


@pytest.mark.parametrize(("value", "amount"), AMOUNTS.values(), ids=list(AMOUNTS))
def test_a_number_is_an_amount_in_cents(value: object, amount: int) -> None:
    """A price that came as Decimal, float or int is compared in whole cents."""
    assert cents(value) == amount


@pytest.mark.parametrize("value", NO_AMOUNTS.values(), ids=list(NO_AMOUNTS))
def test_what_is_no_number_is_no_amount(value: object) -> None:
    """A price that came as anything else is no amount, and nothing breaks on the way."""
    assert cents(value) is None


def test_a_drawn_price_is_an_amount() -> None:
    """A price written out, as it was drawn, is an amount; a missing one is none."""
    assert (cents_of_text("775.55"), cents_of_text(None)) == (77555, None)


def test_a_huge_number_is_an_amount_or_none_but_no_error() -> None:
    """A number beyond all money is compared like any other."""
    assert cents({"decimal": "1E+40"}) != 1


def test_cents_are_written_as_money() -> None:
    """Cents are shown with two places; what is no amount is said to be none."""
    assert (money(1990), money(5), money(None)) == ("19.90", "0.05", "no amount")
