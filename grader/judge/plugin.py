"""The pytest plugin of the hidden checks: makes each a test on its view of the evidence, and keeps the results.

pytest calls a student's failure and a fault of ours both ``failed``; :mod:`grader.judge.examining` tells them apart.
What goes into the report is written from its result, never from a traceback: that would show the source of hidden
checks. The tests are items of our own: pytest's functions bring fixtures, which cost more than the checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from grader.judge.checking import CRITERION
from grader.judge.examining import PREFIX, checks_of, examine, views, views_for

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from grader.judge.examining import Check
    from grader.judge.record import Record
    from grader.values import CheckResult, Evidence


class CheckItem(pytest.Item):
    """A check on one view of the evidence, as a test."""

    result: CheckResult
    fault: str

    def __init__(self, *, check: Check, record: Record, **node: Any) -> None:  # noqa: ANN401  # as pytest passes it on
        super().__init__(**node)
        self.check = check
        self.record = record

    def runtest(self) -> None:
        """Call the check; it never raises, as pytest need not look at what is ours to tell."""
        self.result, self.fault = examine(self.check, self.record)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the check stands."""
        return self.path, self.check.__code__.co_firstlineno - 1, self.name


class CheckFile(pytest.Module):
    """A file of checks."""

    views: list[Record]

    def collect(self) -> Iterable[CheckItem]:
        """Yield each check with each view on which it is called."""
        for name, check in checks_of(self.obj):
            for record in views_for(check, self.views):
                view = "followed" if record.followed else "own"
                yield CheckItem.from_parent(self, name=f"{name}[{view}]", check=check, record=record)


class JudgePlugin:
    """Runs each check on each view of one piece of evidence, and collects the results."""

    def __init__(self, evidence: Evidence) -> None:
        self.results: list[CheckResult] = []
        self.faults: list[str] = []
        self.document: dict[str, Any] = {}
        self._views = views(evidence)

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        """Stand in for the terminal plugin, which is not loaded: pytest-json-report reads this option of its."""
        parser.addoption("--tb", dest="tbstyle", default="no")

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> CheckFile | None:
        """Take the files of checks, and nothing else."""
        if not (file_path.name.startswith(PREFIX) and file_path.suffix == ".py"):
            return None
        file: CheckFile = CheckFile.from_parent(parent, path=file_path)
        file.views = self._views
        return file

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a file of checks cannot be used."""
        if report.failed:
            self.faults.append(f"{report.nodeid}: {report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep what went wrong in pytest or in this plugin."""
        self.faults.append(str(excrepr))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: CheckItem, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the result, and put it into a report that shows no source and no path."""
        report = yield
        if call.when != "call":
            return report
        result = item.result
        self.results.append(result)
        if item.fault:
            self.faults.append(item.fault)
        report.outcome = {"passed": "passed", "unseen": "skipped"}.get(result.outcome, "failed")  # type: ignore[assignment]  # a dict knows no Literals
        report.longrepr = None if result.outcome == "passed" else f"expected: {result.expected}\nseen: {result.seen}"
        return report

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        """Name an outcome as it is: the terminal plugin that would do so is not there."""
        return (report.outcome, "", "") if report.when == "call" else ("", "", "")

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Keep the document, without the machine's path: students may see it."""
        json_report["root"] = "."
        self.document = json_report

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_runtest_metadata(self, item: CheckItem, call: pytest.CallInfo[None]) -> dict[str, Any]:
        """Put the key of the criterion beside each test of the JSON report."""
        return {CRITERION: item.result.key} if call.when == "call" else {}
