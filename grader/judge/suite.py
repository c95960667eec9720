"""Runs the hidden checks over evidence, with pytest and pytest-json-report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_jsonreport.plugin

from grader.judge import checks as package
from grader.judge.plugin import JudgePlugin

if TYPE_CHECKING:
    from grader.values import CheckResult, Evidence

CHECKS = Path(package.__file__).parent
# Variables with which whoever starts the grader could give pytest options and plugins of their own.
_POLLUTION = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
_UNWANTED = (
    "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "logging", "monkeypatch",
    "pastebin", "python", "recwarn", "reports", "setuponly", "setupplan", "skipping", "stepwise", "subtests",
    "terminal", "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings",
)  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """What the suite found: results, pytest-json-report's document, and the tracebacks of our own faults."""

    results: tuple[CheckResult, ...]
    document: dict[str, Any]
    faults: tuple[str, ...]


def judge(evidence: Evidence, checks: Path = CHECKS) -> Judgement:
    """Run every check in the folder ``checks`` on ``evidence``."""
    plugin = JudgePlugin(evidence)
    with pytest.MonkeyPatch.context() as environment:
        for name in _POLLUTION:
            environment.delenv(name, raising=False)
        status = pytest.main(_arguments(checks), plugins=[plugin, pytest_jsonreport.plugin])
    if status == pytest.ExitCode.INTERRUPTED and not plugin.faults:  # pytest has taken Ctrl-C for its own end
        raise KeyboardInterrupt
    faults = list(plugin.faults)
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        faults.append(f"pytest ended with {pytest.ExitCode(status).name}: the suite of checks cannot run")
    return Judgement(tuple(plugin.results), plugin.document, tuple(faults))


def _arguments(checks: Path) -> list[str]:
    """Return pytest's command line: only what is named here takes part in judging."""
    return [
        f"--config-file={CHECKS / 'pytest.ini'}",
        f"--rootdir={checks}",
        f"--confcutdir={checks}",
        "--disable-plugin-autoload",
        "--assert=plain",
        "--import-mode=importlib",
        *("--json-report", "--json-report-file=none", "--json-report-omit", "collectors", "log", "streams"),
        *(f"-pno:{name}" for name in _UNWANTED),
        str(checks),
    ]
