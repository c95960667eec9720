"""Compares ``observations.toml`` with what the student's own program was recorded to do."""

from __future__ import annotations

import json
import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from grader.judge.record import cents, shortened
from grader.judge.trace import Span, ids_in, inserts, reloads, spans
from grader.judge.transactions import commits_that_changed
from grader.told import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.values import Evidence, Run, Step, Where

    Agrees = Callable[[Any], bool]

_UNREADABLE = object()
# Python's spelling of what TOML spells in small letters.
_OF_PYTHON = re.compile(r"=\s*(?:True|False)\b")

PRICES = ("loaded", "stale", "after_expire_all", "after_refresh")
QUESTIONS = (
    "rows_after_first_run",
    "rows_after_second_run",
    "rows_kept_of_failed_pair",
    "stale_price_was_old",
    "expire_all_showed_new",
    "refresh_showed_new",
    "failed_id_was_reused",
)


def answers(evidence: Evidence) -> tuple[dict[str, Any], str | None]:
    """Return the student's answers, and what keeps them from being read."""
    if evidence.observations_problem is not None:
        return {}, evidence.observations_problem
    if evidence.observations is None:
        return {}, "observations.toml is not there"
    try:
        return tomllib.loads(evidence.observations), None
    except tomllib.TOMLDecodeError as error:
        python = "; in TOML it is true and false, in small letters" * bool(_OF_PYTHON.search(evidence.observations))
        return {}, f"observations.toml cannot be read: {shortened(str(error))}{python}"
    except (ValueError, RecursionError):
        return {}, "observations.toml cannot be read: a number in it is too long, or it is nested too deeply"


def truths(first: Run, second: Run | None) -> dict[str, Agrees]:
    """Return, for each question, what agrees with the record of two runs.

    What the program never did agrees with nothing; what the record leaves open agrees with either answer. Of two
    changes, one may have set the price that was there already (a price drawn by lot): then it is open which was seen.
    """
    pair = _pair([call for call in spans(first.steps, "add_products") if call.products or inserts(call.steps)])
    shown = reloadings(first)[-1]
    return {
        "rows_after_first_run": _number(_rows(first)),
        "rows_after_second_run": _number(_rows(second)),
        "rows_kept_of_failed_pair": _number(None if pair is None else _kept(first, pair)),
        "stale_price_was_old": shown.compare("loaded", "stale", changes=1, same=True),
        "expire_all_showed_new": shown.compare("loaded", "after_expire_all", changes=2, same=False),
        "refresh_showed_new": shown.compare("after_expire_all", "after_refresh", changes=2, same=False),
        "failed_id_was_reused": _nothing if pair is None else _reused(pair, first, second),
    }


def disagreement(given: dict[str, Any], true: dict[str, Agrees], wrong: list[str]) -> str:
    """Say what is the matter with the ``wrong`` answers, the plainest matter first and nothing else."""
    matters = {
        "not answered": [key for key in wrong if given.get(key) is None],
        "written as text, in quotes": [key for key in wrong if isinstance(given.get(key), str)],
        "not seen in the runs": wrong if all(true[key] is _nothing for key in wrong) else [],
        "the runs showed something else": wrong,
    }
    matter, keys = next((matter, keys) for matter, keys in matters.items() if keys)
    return f"{matter}: {'all of them' if len(keys) == len(QUESTIONS) else ', '.join(keys)}"


def _pair(calls: list[Span]) -> Span | None:
    """Return the call that was meant to fail: the one that did, else the second, as the exercise has it."""
    return next((call for call in calls if call.failed), calls[1] if len(calls) > 1 else None)


def _rows(run: Run | None) -> int | None:
    return None if run is None or run.after is None else len(run.after.rows)


def _number(true: int | None) -> Agrees:
    return _nothing if true is None else lambda given: type(given) in {int, float} and given == true


def _truth(true: bool | None) -> Agrees:  # noqa: FBT001  # it is the value itself
    return lambda given: true is not None and given is true


def _nothing(_given: object) -> bool:
    return False


def _either(given: object) -> bool:
    return type(given) is bool


@dataclass(frozen=True)
class Reloading:
    """What a program showed of reloading: the prices in cents, and how often the price really changed meanwhile.

    ``written`` tells that something was committed at all: a price that is set to itself changes nothing.
    """

    prices: dict[str, int | None]
    changes: int
    reloaded: bool
    written: bool
    where: Where | None

    @property
    def shows_nothing_new(self) -> bool:
        """Whether all prices that came back are the same, although something changed meanwhile."""
        told = {self.prices.get(key) for key in PRICES}
        return self.changes > 0 and len(told) == 1 and None not in told

    def compare(self, old: str, new: str, *, changes: int, same: bool) -> Agrees:
        """Return what agrees with two prices being the ``same`` or not, where there were so many changes."""
        if not self.reloaded:
            return _nothing
        if self.prices.get(old) is None or self.prices.get(new) is None or self.changes < changes:
            return _either
        return _truth((self.prices[old] == self.prices[new]) is same)


def reloadings(run: Run) -> list[Reloading]:
    """Return what each call of ``show_reloading`` showed; without one, what the program reloaded by itself."""
    calls = [call for call in spans(run.steps, "show_reloading") if call.ending == "returned"]
    shown = [_reloading(call.steps, _as_told(call.text)) for call in calls]
    return shown or [replace(_reloading(run.steps, {}), reloaded=reloads(run.steps))]


def _reloading(steps: Sequence[Step], value: Any) -> Reloading:  # noqa: ANN401  # JSON
    seen = [step for step in steps if step.fact and step.kind == "seen"]
    return Reloading(
        prices={key: cents(price) for key, price in fields(value).items()},
        changes=len(seen),
        reloaded=value is not _UNREADABLE,
        written=bool(seen or commits_that_changed(steps) or _sessions(steps, "flush") & _sessions(steps, "commit")),
        where=steps[0].where if steps else None,
    )


def _sessions(steps: Sequence[Step], kind: str) -> set[int | None]:
    """Return the sessions that are said to have done something; one that flushes has something to write."""
    return {step.session for step in steps if not step.fact and step.kind == kind}


def _as_told(text: str) -> Any:  # noqa: ANN401  # JSON
    """Return the value in a claim about a call; of a long dict the beginning, in which the recorder puts the prices."""
    for whole in (text, text[: text.rfind("], [")] + "]]}"):
        with suppress(ValueError, RecursionError):
            return json.loads(whole)
    return _UNREADABLE


def _kept(run: Run, pair: Span) -> int:
    """Return how many rows of a failed pair stayed: what others saw after the call, less what they saw before it."""
    start = next(n for n, step in enumerate(run.steps) if step is pair.steps[0])
    return _visible(run, run.steps[: start + len(pair.steps)]) - _visible(run, run.steps[:start])


def _visible(run: Run, steps: tuple[Step, ...]) -> int:
    seen = [step.table for step in steps if step.fact and step.kind == "seen"]
    table = seen[-1] if seen else run.before
    return len(table.rows) if table else 0


def _reused(pair: Span, first: Run, second: Run | None) -> Agrees:
    """Return whether a later product got an id that the database had given within the failed pair."""
    given = {step.lastrowid for step in inserts(pair.steps) if not step.error and step.lastrowid}
    if not given or second is None or second.after is None or "id" not in second.after.columns:
        return _either
    kept = ids_in(first.after) if _kept(first, pair) else set()  # a row of the pair that stayed is not a later product
    return _truth(bool((given - kept) & ids_in(second.after)))
