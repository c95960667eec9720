"""What cannot lie in a repository, handed in all the same, is graded honestly or refused in clear words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hostile_files import HOSTILE, SECRET, Hostile

from grader.flow import judged
from grader.observe.observer import Observer
from grader.observe.submission import SubmissionUnreadable, take_in

Build = Callable[..., Path]
REFUSED = [hostile for hostile in HOSTILE if hostile.refused]
GRADED = [hostile for hostile in HOSTILE if not hostile.refused]


def name_of(hostile: Hostile) -> str:
    """Return how a hostile submission is called in a report."""
    return hostile.make.__name__


@pytest.mark.parametrize("hostile", REFUSED, ids=name_of)
def test_what_cannot_be_taken_in_is_refused_in_clear_words(hostile: Hostile, submission: Build) -> None:
    """A folder that cannot be graded is refused with the reason."""
    folder = submission()
    hostile.make(folder)
    with pytest.raises(SubmissionUnreadable, match=hostile.refused):
        take_in(folder)


@pytest.mark.slow
@pytest.mark.parametrize("hostile", GRADED, ids=name_of)
def test_hostile_files_get_what_the_honest_part_deserves(
    hostile: Hostile, submission: Build, walled_observer: Observer
) -> None:
    """The grade is that of the honest part, is given, and holds nothing of files outside of the submission."""
    folder = submission()
    hostile.make(folder)
    graded = judged(walled_observer.observe(take_in(folder)))
    score = graded.report.score
    assert (graded.report.status, graded.faults) == ("graded", ())
    assert score == hostile.honest if hostile.exact else score <= hostile.honest
    assert SECRET.encode() not in msgspec.json.encode(graded.evidence) + msgspec.json.encode(graded.report)
