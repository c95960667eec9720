"""The grader is graded: everything with a known verdict is observed and judged, and the verdicts are compared."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Literal

from grader import flow
from grader.content import SOLUTION, Content, Problem
from grader.observe.submission import take_in
from grader.proof import corpora
from grader.proof.mutants import EQUIVALENT, Mutant, equivalents, mutants
from grader.proof.verdicts import DIAGNOSED_AT_LEAST, Accuracy, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from grader.flow import Graded
    from grader.observe.observer import Observer
    from grader.values import GraderInfo, Submission

OBSERVERS = 2
_ALL_RIGHT = corpora.Label("The reference.", {})


@dataclass(frozen=True)
class Case:
    """A submission with a known verdict: a folder with its label, or a mutant of a folder."""

    name: str
    kind: Literal["accepted", "rejected", "mutant", "equivalent"]
    folder: Path
    label: corpora.Label | None = None
    mutant: Mutant | None = None

    def take_in(self) -> Submission:
        """Return the submission as intake gives it."""
        with self._handed_in() as folder:
            return take_in(folder)

    @contextmanager
    def _handed_in(self) -> Iterator[Path]:
        if self.mutant is None:
            yield self.folder
            return
        with tempfile.TemporaryDirectory(prefix="mutant-") as place:
            copy = Path(place) / self.folder.name
            shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns("__pycache__", corpora.LABEL))
            (copy / self.mutant.file).write_text(self.mutant.text, encoding="utf-8")
            yield copy

    def verdict(self, graded: Graded) -> Verdict:
        """Compare a grade with what is known."""
        report = graded.report
        unlike = graded.faults if self.label is None else corpora.differences(graded, self.label)
        return Verdict(
            name=self.name,
            kind=self.kind,
            digest=report.digest,
            wanted=tuple(sorted(self.mutant.may_cost if self.mutant else self.label.lost if self.label else ())),
            lost={criterion.key: criterion.outcome for criterion in report.criteria if criterion.outcome != "passed"},
            may_follow=self.mutant.may_follow if self.mutant else (),
            place=self.mutant.place if self.mutant else "",
            unlike=tuple(unlike),
        )


def cases(content: Content) -> list[Case]:
    """Return everything with a known verdict: the solution, the golden submissions, the mutants."""
    root = content.root
    found = [Case("solution", "accepted", root / SOLUTION, _ALL_RIGHT)]
    corpus: Literal["accepted", "rejected"]
    for corpus, place in (("accepted", corpora.ACCEPTED), ("rejected", corpora.REJECTED)):
        folders = corpora.folders(root, place)
        found += [Case(corpora.name_of(folder), corpus, folder, corpora.label_of(folder)) for folder in folders]
    right = equivalents(root)
    for mutant in mutants(root):
        kind: Literal["mutant", "equivalent"] = "equivalent" if mutant.id in right else "mutant"
        found.append(Case(mutant.id, kind, root / mutant.base, mutant=mutant))
    return found


def measure(found: list[Case], isolation: str | None, progress: Callable[[Case], None] = lambda _: None) -> Accuracy:
    """Grade all cases with two observers side by side; ``progress`` is told of each case when it has its verdict."""
    verdicts = []
    info: GraderInfo | None = None
    handed_in = [case.take_in for case in found]
    with closing(graded(handed_in, isolation)) as all_graded:  # an interrupt ends the sandboxes now, not some day
        for case, one in zip(found, all_graded, strict=True):
            info = one.report.grader
            verdicts.append(case.verdict(one))
            progress(case)
    if info is None:
        raise ValueError("there is nothing to measure: no case was given")
    return Accuracy(info, tuple(verdicts))


def graded(submissions: list[Callable[[], Submission]], isolation: str | None) -> Generator[Graded]:
    """Yield what grading each submission yields, in order, with two observers side by side; each is taken in late."""
    with ExitStack() as stack:
        # Left in the opposite order: nothing new is begun, the sandboxes go, and no thread waits for them any more.
        threads = ThreadPoolExecutor(OBSERVERS)
        stack.callback(threads.shutdown)
        bench = _Bench([stack.enter_context(flow.observer(isolation)) for _ in range(OBSERVERS)])
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        yield from threads.map(bench.grade, submissions)


class _Bench:
    """Some observers, each for one thread at a time, and one judge: pytest is not made for two runs at once.

    It judges beside the main thread as well: there, it would take an interrupt for the end of its own run.
    """

    def __init__(self, observers: list[Observer]) -> None:
        self._judge = Lock()
        self._idle: SimpleQueue[Observer] = SimpleQueue()
        for observer in observers:
            self._idle.put(observer)

    def grade(self, submission: Callable[[], Submission]) -> Graded:
        """Observe and judge a submission, on the thread that asks."""
        observer = self._idle.get()
        try:
            evidence = observer.observe(submission())
        finally:
            self._idle.put(observer)
        with self._judge:
            return flow.judged(evidence)


def problems(measured: Accuracy, excused: Iterable[str]) -> list[Problem]:
    """Return where the grader errs, and which of the mutants that are ``excused`` as right was not among the cases."""
    found = [
        Problem(verdict.name, f"is right and loses {_lost(verdict)}.", "Repair the check, or the label.")
        for verdict in measured.marked_down()
    ]
    repair = f"Repair the check; or say in {EQUIVALENT} why it breaks no promise."
    found += [Problem(verdict.name, "is wrong and loses nothing.", repair) for verdict in measured.passed()]
    share = measured.diagnosed()
    if share.part < DIAGNOSED_AT_LEAST * share.whole:
        for verdict in measured.misjudged():
            found.append(Problem(verdict.name, f"loses something else: {_lost(verdict)}.", "Repair the check."))
    made = {verdict.name for verdict in measured.verdicts}
    unknown = [name for name in excused if name not in made]
    return [*found, *(Problem(EQUIVALENT, f"there is no mutant {name}.", "Take the line out.") for name in unknown)]


def _lost(verdict: Verdict) -> str:
    return ", ".join(verdict.lost) or "; ".join(verdict.unlike)
