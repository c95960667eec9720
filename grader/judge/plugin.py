"""The pytest plugin of the hidden checks: gives them their record, and tells a student's failure from a fault of ours.

pytest calls both ``failed``. Here a check that raises a :class:`~grader.judge.expect.Verdict` has judged; one that
raises anything else is broken. What goes into the report is written from the verdict, never from the traceback: that
would show the source of hidden checks.
"""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from grader.judge.checking import CRITERION, NEEDS
from grader.judge.doubts import doubt
from grader.judge.expect import Unseen, Verdict
from grader.judge.record import Record, has_followed
from grader.values import CheckResult

if TYPE_CHECKING:
    from collections.abc import Generator

    from grader.values import Evidence

_OWN_ONLY = "model."  # the reference's model says nothing about the student's
BROKEN = "the grader itself failed here; this is not the student's fault, and the grade is withheld"


class JudgePlugin:
    """Runs each check on each view of one piece of evidence, and collects the results."""

    def __init__(self, evidence: Evidence) -> None:
        self.results: list[CheckResult] = []
        self.faults: list[str] = []
        self.document: dict[str, Any] = {}
        views = {"own": Record(evidence, followed=False)}
        if has_followed(evidence):
            views["followed"] = Record(evidence, followed=True)
        self._views = views

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        """Stand in for the terminal plugin, which is not loaded: pytest-json-report reads this option of its."""
        parser.addoption("--tb", dest="tbstyle", default="no")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a file of checks cannot be used."""
        if report.failed:
            self.faults.append(f"{report.nodeid}: {report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep what went wrong in pytest or in this plugin."""
        self.faults.append(str(excrepr))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each check the student's own runs, and where a part was replaced, those as well."""
        own_only = str(getattr(metafunc.function, CRITERION)).startswith(_OWN_ONLY)
        names = [name for name in self._views if name == "own" or not own_only]
        # A record of its own for each check: it remembers what that looked at.
        metafunc.parametrize("record", [replace(self._views[name]) for name in names], ids=names)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn what a check raised into a result, and into a report that shows no source and no path."""
        report = yield
        if call.when != "call" and call.excinfo is None:
            return report
        result = self._result(item, call)
        self.results.append(result)
        report.outcome = {"passed": "passed", "unseen": "skipped"}.get(result.outcome, "failed")  # type: ignore[assignment]  # a dict knows no Literals
        report.longrepr = None if result.outcome == "passed" else f"expected: {result.expected}\nseen: {result.seen}"
        return report

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Name an outcome as it is: the terminal plugin that would do so is not there."""
        return (report.outcome, "", "") if report.when == "call" or report.failed else ("", "", "")

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Keep the document, without the machine's path: students may see it."""
        json_report["root"] = "."
        self.document = json_report

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_runtest_metadata(self, item: pytest.Item, call: pytest.CallInfo[None]) -> dict[str, Any]:
        """Put the key of the criterion beside each test of the JSON report."""
        return {CRITERION: getattr(_function(item), CRITERION)} if call.when == "call" else {}

    def _result(self, item: pytest.Item, call: pytest.CallInfo[None]) -> CheckResult:
        function = _function(item)
        record: Record = item.callspec.params["record"]  # type: ignore[attr-defined]  # as all parametrized items have
        about: dict[str, Any] = {
            "key": getattr(function, CRITERION),
            "expected": " ".join((function.__doc__ or "").split()),
            "needs": getattr(function, NEEDS),
            "followed": record.followed,
        }
        error = call.excinfo.value if call.excinfo else None
        doubts = next(filter(None, (doubt(run, about["key"]) for run in record.looked_at)), None)
        if doubts is not None and not isinstance(error, Verdict):
            return CheckResult(outcome="failed", seen=doubts, **about)
        if error is None:
            return CheckResult(outcome="passed", **about)
        if not isinstance(error, Verdict):
            self.faults.append("".join(traceback.format_exception(error)))
            return CheckResult(outcome="broken", seen=BROKEN, **about)
        about["expected"] = error.expected or about["expected"]
        about |= {"seen": error.seen, "where": error.where, "share": 0.0 if doubts else error.share}
        return CheckResult(outcome="unseen" if isinstance(error, Unseen) else "failed", **about)


def _function(item: pytest.Item) -> Any:  # noqa: ANN401  # a check
    return item.function  # type: ignore[attr-defined]  # as all items that are functions have
