"""Runs the hidden checks over evidence, with pytest and pytest-json-report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.judge import checks
from grader.judge.plugin import JudgePlugin

if TYPE_CHECKING:
    from grader.values import CheckResult, Evidence

CHECKS = Path(checks.__file__).parent
_OPTIONS = (
    "--config-file=" + str(CHECKS / "pytest.ini"),
    "--rootdir=" + str(CHECKS),
    "--confcutdir=" + str(CHECKS),
    "--disable-plugin-autoload",  # only what is named here takes part in judging
    "--assert=plain",
    *("-p", "pytest_jsonreport.plugin", "--json-report", "--json-report-file=none"),
    *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:capture", "-p", "no:doctest", "-p", "no:unittest"),
    *("-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:faulthandler", "-p", "no:nose", "-p", "no:stepwise", "-p", "no:warnings"),
    *("-p", "no:threadexception", "-p", "no:unraisableexception", "-p", "no:recwarn", "-p", "no:tmpdir", "-p", "no:monkeypatch"),
)


@dataclass(frozen=True)
class Judgement:
    """What the suite found: results, pytest-json-report's document, and the tracebacks of our own faults."""

    results: tuple[CheckResult, ...]
    document: dict[str, Any]
    faults: tuple[str, ...]


def judge(evidence: Evidence) -> Judgement:
    """Run every check on ``evidence``."""
    plugin = JudgePlugin(evidence)
    status = pytest.main([*_OPTIONS, str(CHECKS)], plugins=[plugin])
    faults = list(plugin.faults)
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        faults.append(f"pytest ended with {pytest.ExitCode(status).name}: the suite of checks cannot run")
    return Judgement(tuple(plugin.results), plugin.document, tuple(faults))
