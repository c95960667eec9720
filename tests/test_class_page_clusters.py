"""Clusters: the same mistake in other words and styles is one, and other mistakes are others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from classwork_samples import graded, several
from msgspec.structs import replace

from grader import flow
from grader.course.classpage.clusters import Cluster, clusters, mistakes, phrase
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.values import GradeReport, Where

REJECTED = Path(__file__).parent / "submissions" / "rejected"
# Golden submissions that make the same mistake in different styles. Of all golden submissions with a partner, 110 of
# 110 stood with it when this was measured, and 94 of 100 members of a cluster had made the mistake of its majority.
SAME = {
    "each product is committed": ("commit_per_row", "helper_commits_each_product", "session_per_row",
                                  "validates_then_commits_rows", "commits_in_batches"),
    "committed, and deleted again": ("deletes_what_it_committed", "deletes_through_another_session"),
    "the error goes no further": ("swallows_and_prints", "swallows_with_suppress", "return_in_finally",
                                  "returns_the_error", "warns_instead_of_raising"),
    "bad rows are skipped": ("keeps_the_good_rows", "on_conflict_do_nothing"),
    "never committed": ("no_commit", "flush_instead_of_commit", "begin_without_commit"),
    "a failing commit is not rolled back": ("commit_outside_try", "commit_without_begin",
                                            "rolls_back_for_integrity_errors_only"),
    "columns may be NULL": ("columns_nullable", "price_nullable", "required_only_in_python"),
    "never closed": ("never_closed", "close_after_return", "deleted_instead_of_closed"),
    "the preview is stored": ("preview_calls_add_products", "preview_commits", "preview_in_a_begin_block"),
    "queried instead of refreshed": ("queries_again_populating", "queries_in_a_new_session"),
    "prices lose cents": ("cents_cut_off", "price_cut_to_int", "price_one_decimal"),
}  # fmt: skip


# --- golden submissions -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def golden(walled_observer: Observer) -> dict[str, GradeReport]:
    """Return the reports on golden submissions that make the same mistakes, by name."""
    names = [name for alike in SAME.values() for name in alike]
    return {name: flow.judged(walled_observer.observe(take_in(REJECTED / name))).report for name in names}


@pytest.mark.slow
def test_golden_submissions_stand_with_those_that_make_the_same_mistake(golden: dict[str, GradeReport]) -> None:
    """Whoever makes a mistake, in whatever style, is in one cluster with all who make it, and with nobody else."""
    found = {frozenset(cluster.students) for cluster in clusters(golden)}
    assert found == {frozenset(names) for names in SAME.values()}


# --- what is left out of a text ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("others saw 1, then 4 of the 4 products", "others saw 1, then 2, then 3 of the 3 products"),
        ("a price of 285.59 came back as 285.58", "a price of 19.9 came back as -3"),
        ("the name 'Rake, 50 % wool' was stored as 'RAKE'", "the name \"O'Hara\" was stored as 'X'"),
        ("preview_ids returned [1, 2, 3]: other ids", "preview_ids returned [9]: other ids"),
        ("when the first product had no name, 1 stayed", "when the database refused the third product, 2 stayed"),
        ("storing a price raised TypeError: 'a' is invalid", "storing a price raised TypeError: something else"),
        ("the first run left 1 product", "the first run left 3 products"),
        ("the table products has no column price", "the table products has no column name"),
        ("2 of 7 answers agree; something else: a", "6 of 7 answers agree; something else: c"),
    ],
)  # fmt: skip
def test_what_differs_between_students_splits_no_cluster(one: str, other: str) -> None:
    """Names, ids, prices, numbers, positions and messages of exceptions are left out of what is compared."""
    assert phrase(one) == phrase(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("add_products left a session open", "show_reloading left a session open"),
        ("the commit failed, and 2 products stayed", "when the id of the first product was taken, 2 products stayed"),
        ("storing a price raised TypeError: x", "storing a price raised ValueError: x"),
        ("refresh() was called on another object", "refresh() was not called after the second change"),
    ],
)  # fmt: skip
def test_what_is_another_mistake_stays_another(one: str, other: str) -> None:
    """Another function, another failure, another exception or another verdict is another mistake."""
    assert phrase(one) != phrase(other)


# --- clusters ---------------------------------------------------------------------------------------------------------
def test_the_mistake_of_most_comes_first() -> None:
    """Clusters are sorted by the number of their students, then by what they cost the class."""
    found = clusters(several(("model.money",), ("commit.stored",), ("model.money",), ("model.table",)))
    assert [(c.sample.criterion.key, len(c.students)) for c in found] == [
        ("model.money", 2), ("commit.stored", 1), ("model.table", 1),
    ]  # fmt: skip


def test_a_mistake_is_counted_with_what_follows_from_it() -> None:
    """Who commits each row keeps rows of a failed list: one mistake, and both criteria are what it costs."""
    (mistake,) = mistakes("a", graded("a", "commit.one_transaction", "rollback.nothing_kept"))
    assert mistake.costs == ("commit.one_transaction", "rollback.nothing_kept")
    assert mistake.points == 22


def test_who_made_two_mistakes_is_in_two_clusters() -> None:
    """A student stands with everybody who shares one of the mistakes."""
    found = clusters(several(("model.money", "commit.stored"), ("model.money",), ("commit.stored",)))
    assert Counter(student for cluster in found for student in cluster.students) == {"s3": 2, "s4": 1, "s5": 1}


def test_what_waits_for_a_repair_is_no_mistake() -> None:
    """A criterion that is blocked, and observations of a script that never ran, stand in no cluster."""
    told = graded("a", "script.first_run", "observations.agree", script_second_run="blocked", model_money="broken")
    assert [mistake.criterion.key for mistake in mistakes("a", told)] == ["script.first_run"]


def test_the_sample_has_a_line_and_few_other_mistakes() -> None:
    """Shown is the student who has a line of code for it and made the fewest other mistakes."""
    reports = several(("model.money", "commit.stored"), ("model.money",), ("model.money",))
    reports["s4"] = _without_lines(reports["s4"])
    found = next(cluster for cluster in clusters(reports) if cluster.sample.criterion.key == "model.money")
    assert found.sample.student == "s5"


def _without_lines(told: GradeReport) -> GradeReport:
    return replace(told, criteria=tuple(replace(criterion, where=None) for criterion in told.criteria))


def test_the_order_of_students_makes_no_difference() -> None:
    """The same class gives the same clusters, in whatever order it is read."""
    reports = several(("model.money",), ("model.money", "commit.stored"), (), ("commit.stored",))
    assert clusters(reports) == clusters(dict(reversed(reports.items())))


def test_a_line_elsewhere_is_the_same_mistake() -> None:
    """Where in the code a mistake was made splits no cluster."""
    reports = several(("model.money",), ("model.money",))
    moved = tuple(replace(c, where=Where("helpers.py", 99)) if c.where else c for c in reports["s4"].criteria)
    found: list[Cluster] = clusters({**reports, "s4": replace(reports["s4"], criteria=moved)})
    assert [len(cluster.students) for cluster in found] == [2]


def test_a_class_without_mistakes_has_no_cluster() -> None:
    """Where nothing was lost there is nothing to explain."""
    assert clusters(several((), ())) == []
