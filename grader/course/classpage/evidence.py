"""A sample of the evidence for a mistake: what was expected and seen of one student, and the line of code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from grader.outputs import guidance

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.classpage.classwork import Classwork
    from grader.course.classpage.clusters import Cluster
    from grader.course.nouns import Push
    from grader.values import Evidence


class Sample(Struct, frozen=True):
    """Lines around the place that is to blame, as number, code, whether it is the line; where to read on."""

    code: list[tuple[int, str, bool]]
    read_on: str


def sample(work: Classwork, cluster: Cluster, evidence: Callable[[Push], Evidence]) -> Sample:
    """Return the evidence of the student who shows a mistake best."""
    criterion, push = cluster.sample.criterion, work.counting[cluster.sample.student]
    code = guidance.code_lines(evidence(push), criterion.where, around=1) if criterion.where else []
    pointers = guidance.pointers(criterion.key)
    return Sample(code, f"{pointers.handout}; {pointers.hints}" if pointers else "")
