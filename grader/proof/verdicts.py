"""What a run over everything with a known verdict found, and the sums over it: how often the grader errs."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from grader.values import GraderInfo, OutcomeName

ACCURACY_FORMAT = 1
RIGHT, WRONG = ("accepted", "equivalent"), ("rejected", "mutant")
DIAGNOSED_AT_LEAST = 0.98
"""The share of wrong submissions that have to lose what is wrong and nothing else."""


class Verdict(Struct, frozen=True, omit_defaults=True):
    """A submission whose verdict is known, and the one it got.

    ``kind`` tells who knows: a label (``accepted``, ``rejected``), or the machine that made it (``mutant``), unless it
    was shown that this broke no promise (``equivalent``). ``wanted`` are the criteria that may be lost, ``may_follow``
    those that may be lost besides; ``lost`` are those that were, each with its outcome. ``place`` is where a machine
    made the mistake. ``unlike`` says what is not as a label wants it, or that the grader failed.
    """

    name: str
    kind: Literal["accepted", "rejected", "mutant", "equivalent"]
    digest: str
    wanted: tuple[str, ...] = ()
    lost: dict[str, OutcomeName] = field(default_factory=dict)
    place: str = ""
    may_follow: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()

    @property
    def failed(self) -> set[str]:
        """The criteria that were judged and not met; a blocked one only follows."""
        return {key for key, outcome in self.lost.items() if outcome != "blocked"}

    @property
    def as_wanted(self) -> bool:
        """Whether what is wrong was lost and nothing else: by a label exactly, by a mistake of a machine's at most."""
        if self.kind in RIGHT:
            return not self.lost and not self.unlike
        wanted = set(self.wanted)
        fits = self.kind == "rejected" or (self.failed & wanted and self.failed <= wanted.union(self.may_follow))
        return bool(self.lost and fits) and not self.unlike


class Share(Struct, frozen=True):
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> str:
        """Rounded to a tenth, down from above and up from below: only all of them are 100 %, and only none are 0 %."""
        if self.part in {0, self.whole}:
            return "100 %" if self.part else "0 %"
        return f"{min(max(round(1000 * self.part / self.whole), 1), 999) / 10} %"


class Accuracy(Struct, frozen=True):
    """All verdicts of a run, in the order of the corpora, and with what they were found."""

    grader: GraderInfo
    verdicts: tuple[Verdict, ...]
    format: int = ACCURACY_FORMAT

    def of(self, *kinds: str) -> list[Verdict]:
        """Return the verdicts of these kinds."""
        return [verdict for verdict in self.verdicts if verdict.kind in kinds]

    def marked_down(self, *kinds: str) -> list[Verdict]:
        """Return the right submissions that lost something."""
        return [verdict for verdict in self.of(*(kinds or RIGHT)) if not verdict.as_wanted]

    def passed(self, *kinds: str) -> list[Verdict]:
        """Return the wrong submissions that lost nothing."""
        return [verdict for verdict in self.of(*(kinds or WRONG)) if not verdict.lost]

    def misjudged(self, *kinds: str) -> list[Verdict]:
        """Return the wrong submissions that lost something else than what is wrong, or more, or less."""
        return [verdict for verdict in self.of(*(kinds or WRONG)) if verdict.lost and not verdict.as_wanted]

    def caught(self, *kinds: str) -> Share:
        """Return how many wrong submissions lost something."""
        return Share(len(self.of(*(kinds or WRONG))) - len(self.passed(*kinds)), len(self.of(*(kinds or WRONG))))

    def diagnosed(self, *kinds: str) -> Share:
        """Return how many of the wrong submissions that were caught lost what is wrong and nothing else."""
        caught = self.caught(*kinds).part
        return Share(caught - len(self.misjudged(*kinds)), caught)
