"""Calls checks on evidence and says what came of each: the one place where a check is called.

pytest stands around it where a report is made (:mod:`grader.judge.suite`); stored evidence of a whole class is examined
without it, in a tenth of the time and with the same results.
"""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.judge import checks
from grader.judge.checking import CRITERION, NEEDS
from grader.judge.doubts import doubt
from grader.judge.expect import Unseen, Verdict
from grader.judge.record import Record, has_followed
from grader.values import CheckResult

if TYPE_CHECKING:
    from types import ModuleType

    from grader.values import Evidence

Check = Callable[[Record], None]
PREFIX = "check_"
BROKEN = "the grader itself failed here; this is not the student's fault, and the grade is withheld"
_OWN_ONLY = "model."  # the reference's model says nothing about the student's


def examine(check: Check, record: Record) -> tuple[CheckResult, str]:
    """Call a check on a view that no check has looked at; return the result, and the traceback where it broke."""
    error: BaseException | None = None
    try:
        check(record)
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # noqa: BLE001  # whatever leaves a check costs one grade, and the others go on
        error = raised
    result = _result(check, record, error)
    return result, "".join(traceback.format_exception(error)) if result.outcome == "broken" else ""


def examine_all(evidence: Evidence) -> tuple[tuple[CheckResult, ...], tuple[str, ...]]:
    """Call every check on every view; return the results, and the tracebacks of our faults."""
    seen = views(evidence)
    found = [
        examine(check, record)
        for module in modules()
        for _, check in checks_of(module)
        for record in views_for(check, seen)
    ]
    return tuple(result for result, _ in found), tuple(fault for _, fault in found if fault)


def modules() -> Iterator[ModuleType]:
    """Yield the modules of the hidden checks, in the order of their names."""
    for module in pkgutil.iter_modules(checks.__path__):
        if module.name.startswith(PREFIX):
            yield importlib.import_module(f"{checks.__name__}.{module.name}")


def checks_of(module: ModuleType) -> Iterator[tuple[str, Check]]:
    """Yield the checks of a module with their names, as they stand in it; AttributeError if one has no criterion."""
    for name, value in vars(module).items():
        if name.startswith(PREFIX):
            getattr(value, CRITERION)
            yield name, value


def views(evidence: Evidence) -> list[Record]:
    """Return the student's own runs, and where a part was replaced, those as well."""
    kinds = (False, True) if has_followed(evidence) else (False,)
    return [Record(evidence, followed=followed) for followed in kinds]


def views_for(check: Check, seen: list[Record]) -> list[Record]:
    """Return the views on which a check is called, each as if nobody had looked at it."""
    own_only = getattr(check, CRITERION).startswith(_OWN_ONLY)
    return [record.anew() for record in seen if not (own_only and record.followed)]


def expects(check: Check) -> str:
    """Return the sentence that a check says to the student, on one line."""
    return " ".join((check.__doc__ or "").split())


def _result(check: Check, record: Record, error: BaseException | None) -> CheckResult:
    about: dict[str, Any] = {
        "key": getattr(check, CRITERION),
        "expected": expects(check),
        "needs": getattr(check, NEEDS),
        "followed": record.followed,
    }
    doubts = next(filter(None, (doubt(run, about["key"]) for run in record.looked_at)), None)
    if doubts is not None and not isinstance(error, Verdict):
        return CheckResult(outcome="failed", seen=doubts, **about)
    if error is None:
        return CheckResult(outcome="passed", **about)
    if not isinstance(error, Verdict):
        return CheckResult(outcome="broken", seen=BROKEN, **about)
    about["expected"] = error.expected or about["expected"]
    about |= {"seen": error.seen, "where": error.where, "share": 0.0 if doubts else error.share}
    return CheckResult(outcome="unseen" if isinstance(error, Unseen) else "failed", **about)
