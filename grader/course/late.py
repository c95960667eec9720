"""Late work: what a push loses, as a pure function of the policy, the push and a student's extension."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.course.nouns import Lateness, LatePolicy

NOTHING = timedelta()
DAY = timedelta(days=1)
EVERYTHING = 100


def moment(text: str, zone: str) -> datetime:
    """Return the time that ``text`` says in ISO 8601 (``2026-12-01 23:59``), by the clocks of ``zone`` unless it says.

    ``zone`` is a name such as ``Europe/Berlin``. ValueError says what would be right.
    """
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is no time. Write it as 2026-12-01 23:59, or 2026-12-01T23:59+01:00.") from error
    return said if said.tzinfo is not None else said.replace(tzinfo=clocks(zone))


def clocks(zone: str) -> ZoneInfo:
    """Return the time zone of this name; ValueError says what would be right."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{zone!r} is no time zone. Write it as Europe/Berlin or UTC.") from error


def lateness(policy: LatePolicy | None, pushed_at: datetime | None, extension: datetime | None = None) -> Lateness:
    """Return how late a push is and what that takes; an ``extension`` is a later date that counts for this student.

    Days have 24 hours, and each that has begun counts whole. Grace decides whether a push is late, not how late it is.
    """
    if policy is None:
        return Lateness(NOTHING, 0, "no date is set")
    if pushed_at is None:
        return Lateness(NOTHING, 0, "when it was pushed is not known")
    due = max(policy.due, extension) if extension else policy.due
    late_by = max(pushed_at - due, NOTHING)
    if late_by <= policy.grace:
        return Lateness(late_by, 0, "within the time of grace" if late_by else "in time")
    if policy.cut_off is not None and late_by > max(policy.cut_off, policy.grace):
        return Lateness(late_by, EVERYTHING, f"pushed {_said(late_by)} late, after the last date", accepted=False)
    days = -(-late_by // DAY)
    percent = min(EVERYTHING, days * policy.percent_per_day)
    return Lateness(late_by, percent, f"pushed {_said(late_by)} late: {percent} % come off")


def after(points: int, late: Lateness) -> int:
    """Return what is left of points; a part of a point stays with the student."""
    return points - points * late.percent // EVERYTHING


def _said(late_by: timedelta) -> str:
    """Return a duration in words, by its largest unit: ``2 days``, ``3 hours``, ``5 minutes``, begun ones included."""
    for unit, name in ((DAY, "day"), (timedelta(hours=1), "hour")):
        if late_by > unit:
            return f"{-(-late_by // unit)} {name}s"
    minutes = max(1, -(-late_by // timedelta(minutes=1)))
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
