"""Late work: what comes off follows the policy to the minute, and never more than that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.late import after, lateness, moment
from grader.course.nouns import LatePolicy

DUE = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(days=-30), timedelta(days=30))
LENGTHS = st.timedeltas(timedelta(), timedelta(days=20))
POLICIES = st.builds(LatePolicy, st.just(DUE), LENGTHS, st.integers(0, 100), st.none() | LENGTHS)
POINTS = st.integers(0, 200)


@given(POLICIES, SPANS, POINTS)
def test_penalty_takes_no_more_than_there_is(policy: LatePolicy, late: timedelta, points: int) -> None:
    """What is left lies between nothing and what was earned."""
    assert 0 <= after(points, lateness(policy, DUE + late)) <= points


@given(POLICIES, SPANS, st.timedeltas(timedelta(), timedelta(days=5)))
def test_later_is_never_better(policy: LatePolicy, late: timedelta, more: timedelta) -> None:
    """Who pushes later loses at least as much."""
    assert lateness(policy, DUE + late).percent <= lateness(policy, DUE + late + more).percent


@given(POLICIES, SPANS, SPANS)
def test_extension_never_costs(policy: LatePolicy, late: timedelta, extension: timedelta) -> None:
    """Another date leaves a push no worse than without it, an earlier one included."""
    plain = lateness(policy, DUE + late)
    extended = lateness(policy, DUE + late, DUE + extension)
    assert extended.percent <= plain.percent
    assert extended.accepted >= plain.accepted


@given(POLICIES, st.timedeltas(timedelta(days=-30), timedelta()))
def test_in_time_costs_nothing(policy: LatePolicy, early: timedelta) -> None:
    """A push until the very moment keeps every point."""
    assert lateness(policy, DUE + early).percent == 0


@given(POLICIES, SPANS)
def test_reason_is_a_sentence_without_a_gap(policy: LatePolicy, late: timedelta) -> None:
    """There is a reason for every number, and a percentage in it is the one that is taken."""
    found = lateness(policy, DUE + late)
    assert found.reason
    assert not found.accepted or not found.percent or f"{found.percent} %" in found.reason


@pytest.mark.parametrize(
    ("late", "percent", "reason"),
    [
        (timedelta(0), 0, "in time"),
        (timedelta(minutes=15), 0, "within the time of grace"),
        (timedelta(minutes=15, seconds=1), 10, "pushed 16 minutes late: 10 % come off"),
        (timedelta(hours=24), 10, "pushed 24 hours late: 10 % come off"),
        (timedelta(hours=24, seconds=1), 20, "pushed 2 days late: 20 % come off"),
        (timedelta(days=3), 30, "pushed 3 days late: 30 % come off"),
        (timedelta(days=3, seconds=1), 100, "pushed 4 days late, after the last date"),
    ],
)
def test_days_that_have_begun_count_whole(late: timedelta, percent: int, reason: str) -> None:
    """Grace forgives, a begun day counts, and after the last date nothing is left."""
    policy = LatePolicy(DUE, timedelta(minutes=15), 10, timedelta(days=3))
    found = lateness(policy, DUE + late)
    assert (found.percent, found.reason) == (percent, reason)


@pytest.mark.parametrize(("points", "left"), [(100, 90), (87, 79), (5, 5), (0, 0)])
def test_part_of_a_point_stays_with_the_student(points: int, left: int) -> None:
    """Ten per cent of 87 are 8.7: eight come off."""
    assert after(points, lateness(LatePolicy(DUE, percent_per_day=10), DUE + timedelta(hours=1))) == left


def test_without_a_date_or_a_time_nothing_comes_off() -> None:
    """No policy, or a push of unknown time, costs nothing, and the reason says so."""
    assert lateness(None, DUE).reason == "no date is set"
    assert lateness(LatePolicy(DUE, percent_per_day=100), None).reason == "when it was pushed is not known"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-12-01 23:59", "Europe/Berlin", "2026-12-01T22:59:00+00:00"),
        ("2026-07-01 23:59", "Europe/Berlin", "2026-07-01T21:59:00+00:00"),
        ("2026-12-01T23:59-05:00", "Europe/Berlin", "2026-12-02T04:59:00+00:00"),
        (" 2026-12-01 ", "UTC", "2026-12-01T00:00:00+00:00"),
    ],
)
def test_time_is_read_by_the_clocks_of_the_course(text: str, zone: str, expected: str) -> None:
    """A time is that of the named zone, summer and winter, unless it brings its own."""
    assert moment(text, zone).astimezone(UTC).isoformat() == expected


@pytest.mark.parametrize(("text", "zone"), [("tomorrow", "UTC"), ("2026-12-01", "Mars/Base"), ("2026-12-01", "../etc")])
def test_time_that_is_none_is_refused_with_an_example(text: str, zone: str) -> None:
    """What is no time or no zone is answered with one that is."""
    with pytest.raises(ValueError, match="Write it as"):
        moment(text, zone)
