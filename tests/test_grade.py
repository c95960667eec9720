"""From results to a grade: sums, causes, views, parts of points, advice and flags."""

from __future__ import annotations

import pytest
from evidence_samples import RUBRIC, at, broken, claim, evidence, fact, failed, graded, passed, run, sent, unseen

from grader.judge.advice import advice
from grader.judge.flags import flags
from grader.judge.grade import AS_EXPECTED, STOOD_IN, grade
from grader.values import (
    CheckResult,
    Column,
    Concept,
    Criterion,
    Evidence,
    Finding,
    GradeReport,
    Outcome,
    Run,
    Schema,
    Step,
)


def line(report: GradeReport, key: str) -> Criterion:
    """Return the line of a grade that speaks of a criterion."""
    return next(criterion for criterion in report.criteria if criterion.key == key)


# --- sums -------------------------------------------------------------------------------------------------------------


def test_all_passed_is_everything() -> None:
    """Where every check has passed, the score is the sum of the rubric."""
    report = graded()
    assert (report.score, report.max_score, report.status) == (15, 15, "graded")


def test_a_failed_criterion_costs_its_points_and_no_more() -> None:
    """The points of the others stay."""
    assert graded(failed("tea.sweet")).score == 12


def test_points_are_summed_by_concept() -> None:
    """A concept's score is the sum of its own criteria, out of what they can give."""
    assert graded(failed("tea.sweet")).concepts == {"tea": Concept(7, 10), "milk": Concept(5, 5)}


def test_criteria_come_in_the_order_of_the_rubric() -> None:
    """Whatever the order of the results, the report has the rubric's."""
    results = passed("milk.fresh", "tea.sweet", "tea.hot")
    assert [c.key for c in grade(evidence(), results, RUBRIC).criteria] == [c.key for c in RUBRIC.criteria]


def test_a_criterion_is_passed_only_if_all_its_checks_are() -> None:
    """One failed check among passed ones fails the criterion."""
    assert line(graded(*passed("tea.hot"), failed("tea.hot"), *passed("tea.hot")), "tea.hot").outcome == "failed"


def test_a_failure_outweighs_what_could_not_be_seen() -> None:
    """A check that failed says more than one that found nothing to judge."""
    assert line(graded(unseen("tea.hot"), failed("tea.hot")), "tea.hot").seen == "it is not"


@pytest.mark.parametrize(("share", "points"), [(6 / 7, 6), (0.99, 6), (0.5, 3), (1 / 7, 1), (0.1, 0), (0.0, 0)])
def test_a_part_of_the_points_is_rounded_down(share: float, points: int) -> None:
    """A share of seven points is a whole number of them, never more than was earned."""
    assert line(graded(failed("tea.hot", share=share)), "tea.hot").points == points


@pytest.mark.parametrize("right", range(8))
def test_the_part_for_observations_is_the_contracts(right: int) -> None:
    """Three points times right answers by seven, rounded down, whatever a float makes of the share."""
    assert line(graded(failed("tea.sweet", share=right / 7)), "tea.sweet").points == 3 * right // 7


def test_a_passed_criterion_says_so_and_points_nowhere() -> None:
    """A passed criterion expects its title, has seen it, and has neither hint nor line."""
    found = line(graded(*passed("tea.hot", where=at(3))), "tea.hot")
    assert (found.expected, found.seen, found.hint, found.where) == ("The tea is hot.", AS_EXPECTED, "", None)


def test_a_failed_criterion_says_what_was_expected_and_seen() -> None:
    """A failed criterion has the check's words, the rubric's hint and the student's line."""
    found = line(graded(failed("tea.hot", where=at(3))), "tea.hot")
    assert (found.expected, found.seen, found.hint, found.where) == (
        "it is so",
        "it is not",
        "Look at the kettle.",
        at(3),
    )


# --- faults of ours ---------------------------------------------------------------------------------------------------


def test_a_broken_check_withholds_the_grade() -> None:
    """A check that broke makes its criterion broken and the whole grade withheld."""
    report = graded(unseen("tea.hot"), *passed("tea.hot"), failed("tea.hot"), broken("tea.hot"))
    assert (report.status, line(report, "tea.hot").outcome) == ("withheld", "broken")


def test_a_broken_criterion_blames_nobody() -> None:
    """A broken criterion gives the student no hint: there is nothing to repair."""
    assert line(graded(broken("tea.hot")), "tea.hot").hint == ""


def test_a_criterion_that_no_check_judges_is_broken() -> None:
    """A hole in the suite is a fault of ours and no zero."""
    report = grade(evidence(), passed("tea.hot", "tea.sweet"), RUBRIC)
    assert (report.status, line(report, "milk.fresh").outcome) == ("withheld", "broken")


def test_a_view_with_the_reference_alone_judges_nothing() -> None:
    """A criterion that was only judged where a part of the reference stood in has not been judged."""
    report = grade(evidence(), [*passed("tea.hot", "tea.sweet"), *passed("milk.fresh", followed=True)], RUBRIC)
    assert line(report, "milk.fresh").outcome == "broken"


# --- causes -----------------------------------------------------------------------------------------------------------


def test_what_cannot_be_seen_is_blocked_by_what_it_needs() -> None:
    """A criterion with nothing to judge names the failed one that is the cause, and gets no points."""
    found = line(graded(failed("tea.hot"), unseen("tea.sweet", "tea.hot")), "tea.sweet")
    assert (found.outcome, found.cause, found.points) == ("blocked", "tea.hot", 0)


def test_the_cause_is_the_one_that_began_it() -> None:
    """Where one blocked criterion blocks the next, the cause is the first failure of the chain."""
    report = graded(failed("tea.hot"), unseen("tea.sweet", "tea.hot"), unseen("milk.fresh", "tea.sweet"))
    assert line(report, "milk.fresh").cause == "tea.hot"


def test_the_likeliest_of_several_causes_is_named() -> None:
    """Of several failed needs the first in the check's own order is the cause."""
    report = graded(failed("tea.hot"), failed("tea.sweet"), unseen("milk.fresh", "tea.sweet", "tea.hot"))
    assert line(report, "milk.fresh").cause == "tea.sweet"


def test_a_need_that_was_met_is_no_cause() -> None:
    """A passed criterion is passed over in the search for the cause."""
    report = graded(*passed("tea.hot"), failed("tea.sweet"), unseen("milk.fresh", "tea.hot", "tea.sweet"))
    assert line(report, "milk.fresh").cause == "tea.sweet"


def test_what_cannot_be_seen_without_a_cause_has_failed() -> None:
    """A vacuous pass is no pass: where nothing else failed, nothing to judge is a failure."""
    found = line(graded(*passed("tea.hot"), unseen("tea.sweet", "tea.hot")), "tea.sweet")
    assert (found.outcome, found.cause, found.points) == ("failed", None, 0)


def test_a_failure_has_no_cause_but_itself() -> None:
    """What was seen to be wrong is failed, not blocked, although something that it needs failed as well."""
    found = line(graded(failed("tea.hot"), failed("tea.sweet", needs=("tea.hot",))), "tea.sweet")
    assert (found.outcome, found.cause) == ("failed", None)


def test_an_unseen_need_without_a_cause_of_its_own_is_the_cause() -> None:
    """A chain ends at the criterion behind which nothing else stands."""
    report = graded(unseen("tea.hot"), unseen("tea.sweet", "tea.hot"))
    assert [line(report, key).outcome for key in ("tea.hot", "tea.sweet")] == ["failed", "blocked"]


# --- two views --------------------------------------------------------------------------------------------------------


def test_a_part_that_is_right_beside_the_reference_passes() -> None:
    """What failed because of another part passes where the reference stood in, and says so."""
    found = line(graded(failed("tea.hot"), *passed("tea.hot", followed=True)), "tea.hot")
    assert (found.outcome, found.points, found.seen) == ("passed", 7, AS_EXPECTED + STOOD_IN)


def test_what_passes_by_itself_needs_no_second_view() -> None:
    """A passed criterion stays passed, whatever was seen where the reference stood in."""
    found = line(graded(*passed("tea.hot"), failed("tea.hot", followed=True)), "tea.hot")
    assert (found.outcome, found.seen) == ("passed", AS_EXPECTED)


def test_what_fails_in_both_views_is_told_from_the_clearer_one() -> None:
    """Where the reference's part changes nothing, the words are of that view: only this criterion's mistake is left."""
    own = failed("tea.hot")
    other = CheckResult("tea.hot", "failed", seen="cold", followed=True)
    assert line(graded(own, other), "tea.hot").seen == "cold"


def test_a_second_view_in_which_nothing_was_seen_says_nothing() -> None:
    """A failure stays as it was seen where the other view has nothing to judge."""
    assert line(graded(failed("tea.hot"), unseen("tea.hot", followed=True)), "tea.hot").seen == "it is not"


def test_a_second_view_never_takes_points() -> None:
    """The part of the points that was earned stays earned."""
    found = line(graded(failed("tea.hot", share=0.9), failed("tea.hot", share=0.1, followed=True)), "tea.hot")
    assert found.points == 6


def test_a_blocked_criterion_is_judged_in_the_second_view() -> None:
    """What could not be judged beside a broken part is judged beside the reference's."""
    report = graded(failed("tea.hot"), unseen("tea.sweet", "tea.hot"), failed("tea.sweet", followed=True))
    assert line(report, "tea.sweet").outcome == "failed"


# --- advice -----------------------------------------------------------------------------------------------------------


def _advised(about: Evidence) -> list[tuple[str, int | None]]:
    return [(a.key.partition(".")[2], a.where.line if a.where else None) for a in advice(about, RUBRIC)]


def test_advice_comes_once_at_its_first_line_in_the_order_of_the_rubric() -> None:
    """Each piece of advice is given once, at the first line that calls for it, in the rubric's order."""
    findings = (Finding("sql_strings", at(9)), Finding("legacy_query", at(4)), Finding("legacy_query", at(7)))
    assert _advised(evidence(findings=findings)) == [("legacy_query", 4), ("sql_strings", 9)]


def test_a_finding_that_is_no_advice_is_left_out() -> None:
    """What reading the source shows is advice only where the rubric knows it."""
    assert _advised(evidence(findings=(Finding("long_line", at(1)),))) == []


def _model(kind: str, price: str = "price", model: str = "own") -> Run:
    columns = (Column("id", "INTEGER", not_null=True, primary_key=1), Column(price, kind, not_null=True, primary_key=0))
    return run("model", schema=Schema("table", "", columns, {}), model=model)


@pytest.mark.parametrize("kind", ["FLOAT", "float", "REAL", "DOUBLE PRECISION", "FLOAT(53)"])
def test_a_price_that_is_measured_calls_for_advice(kind: str) -> None:
    """A column of a floating type for the price is worth a word."""
    assert _advised(evidence(_model(kind))) == [("float_money", None)]


@pytest.mark.parametrize(
    "about",
    [_model("NUMERIC(10, 2)"), _model("INTEGER"), _model("FLOAT", price="weight"), _model("FLOAT", model="reference")],
    ids=["numeric", "cents", "another column", "the reference's model"],
)
def test_a_price_that_is_counted_calls_for_none(about: Run) -> None:
    """Counted money, floats elsewhere and the reference's model are left alone."""
    assert _advised(evidence(about)) == []


def _imported(*steps: Step) -> tuple[Step, ...]:
    return (claim("call", text="import"), *steps, claim("returned", text="import"))


def test_a_session_that_is_made_during_the_import_calls_for_advice() -> None:
    """A session of the module's own is worth a word, at its line."""
    steps = _imported(claim("created", session=1, where=at(8)))
    assert _advised(evidence(run("add", *steps))) == [("session_at_import", 8)]


def test_a_session_that_is_made_in_a_call_calls_for_none() -> None:
    """A session that a function makes is as it should be."""
    steps = (*_imported(), claim("created", session=1, where=at(8)))
    assert _advised(evidence(run("add", *steps))) == []


@pytest.mark.parametrize(("name", "expected"), [("reload", [("expire_on_commit_off", 5)]), ("add", [])])
def test_sessions_that_never_expire_call_for_advice_where_reloading_is_the_point(
    name: str, expected: list[tuple[str, int]]
) -> None:
    """A session with expire_on_commit=False is worth a word in show_reloading, and nowhere else."""
    step = claim("begin", session=1, text="expire_on_commit=False", where=at(5))
    assert _advised(evidence(run(name, step))) == expected


def test_advice_costs_nothing() -> None:
    """A grade with advice is as high as one without."""
    report = graded(about=evidence(findings=(Finding("legacy_query", at(4)),)))
    assert (len(report.advice), report.score) == (1, 15)


# --- flags ------------------------------------------------------------------------------------------------------------


def _flagged(*runs: Run) -> list[str]:
    return [flag.key for flag in flags(evidence(*runs))]


def test_ordinary_evidence_raises_no_flag() -> None:
    """A refresh that is followed by its SELECT is what it claims to be."""
    assert _flagged(run("reload", claim("refresh"), sent("SELECT price FROM products"))) == []


def test_a_refresh_without_a_select_contradicts_itself() -> None:
    """A refresh that never reached the database is a claim without a fact."""
    held = claim("state", object=1, text="persistent")
    assert _flagged(run("reload", held, claim("refresh", object=1), fact("commit"))) == ["flag.contradiction"]


def test_a_refresh_that_failed_on_its_way_contradicts_nothing() -> None:
    """A call that raised may well have claimed a refresh that never came to be."""
    assert _flagged(run("reload", claim("refresh"), outcome=Outcome("raised"))) == []


def test_a_record_that_was_cut_is_flagged() -> None:
    """Steps that were not kept are named, with the run."""
    (flag,) = flags(evidence(run("preview", steps_dropped=12)))
    assert (flag.key, flag.message.partition(":")[0], "12" in flag.message) == ("flag.record_cut", "preview", True)


def test_code_that_ends_its_own_process_is_flagged() -> None:
    """A process that its own code ended is worth a look; one that ran out of time is not."""
    own = run(
        "reload", outcome=Outcome("unfinished", text="it ended its own process (exit status 0) instead of returning")
    )
    slow = run("add", outcome=Outcome("unfinished", text="it ran longer than 5 seconds and was stopped"))
    assert _flagged(own, slow) == ["flag.process_ended"]


def test_each_kind_of_flag_is_raised_once() -> None:
    """The same thing in several runs is one flag, of the first run."""
    both = [run(name, steps_dropped=1) for name in ("add", "preview")]
    assert [flag.message.partition(":")[0] for flag in flags(evidence(*both))] == ["add"]


def test_flags_take_no_points() -> None:
    """A flag is for a person to decide on."""
    report = graded(about=evidence(run("preview", steps_dropped=1)))
    assert (len(report.flags), report.score, report.status) == (1, 15, "graded")
