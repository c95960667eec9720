"""Judges what the jobs of a class workflow have seen, and keeps it in the gradebook. No student code runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader import flow
from grader.course.grading import Tally
from grader.course.places import reports_of
from grader.github import seam, shards
from grader.outputs import files, reports
from grader.outputs.text import markdown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Edition
    from grader.github.shards import Due
    from grader.values import Evidence


class ClassRecording:
    """One run over what is due; ``told`` learns of each push as it ends."""

    def __init__(self, book: Gradebook, edition: Edition, out: Path, told: Callable[[Tally], None]) -> None:
        self._book = book
        self._edition = edition
        self._out = out
        self._told = told
        self.tally = Tally()

    def record(self, work: Path, evidence: Path) -> Tally:
        """Record every push that is due in ``work``, by the evidence that has come back; the rest is told, with why."""
        for due in shards.read_due(work):
            try:
                self._record(due, work, evidence)
            except seam.StepRefused as refused:
                self.tally.failed[due.push.student] = str(refused)
            self._told(self.tally)
        return self.tally

    def _record(self, due: Due, work: Path, evidence: Path) -> None:
        handed = msgspec.structs.replace(due.push.handed, digest=due.digest)
        seen = self._book.evidence_of(handed, self._edition) or self._came_back(due, work, evidence)
        graded = flow.judged(msgspec.structs.replace(seen, submission=handed.student))
        contents = reports.contents(graded.report, graded.evidence, graded.document)
        files.write(reports_of(self._out, handed.student), contents)
        self._book.record(handed, self._edition, graded.evidence, graded.report)
        self.tally.graded.append(handed.student)
        if graded.faults:
            self.tally.withheld[handed.student] = "\n".join(graded.faults)

    @staticmethod
    def _came_back(due: Due, work: Path, evidence: Path) -> Evidence:
        found = seam.read_evidence(evidence / due.file)
        seam.check(found, shards.submission_of(due, work))
        return found


def summary(tally: Tally) -> str:
    """Return how a run went as Markdown, for the page of a workflow's run."""
    owed = {**tally.failed, **tally.withheld}
    lines = [f"# Graded: {len(tally.graded)}", ""]
    if owed:
        lines += ["The grader itself failed over these, whose grades are withheld until the next run:", ""]
    lines += [f"- {markdown(student)}: {markdown(why)}" for student, why in sorted(owed.items())]
    return "\n".join(lines) + "\n"
