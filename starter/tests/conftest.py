"""What every self-check starts from, and how pytest tells its outcome: short, and in the order of the tasks."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from .expect import ToDo, failed, to_do
from .patience import Patience
from .progress import tasks_done
from .shop import Shop
from .your_lines import raised_by_you, told_by_your_lines

LINES_SHOWN = 20
PATIENCE = pytest.StashKey[Patience]()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Your modules, and a database of their own that is thrown away afterwards."""
    shop = Shop(tmp_path / "products.db")
    yield shop
    shop.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Let a task that is not begun read as one line, and an error as the lines of yours that it passed."""
    try:
        return (yield)
    except NotImplementedError as error:
        raise (to_do(str(error)) if raised_by_you(error) else failed(told_by_your_lines(error))) from None
    except KeyboardInterrupt as interrupt:
        patience = item.stash.get(PATIENCE, None)
        if not patience or not patience.is_over:
            raise
        raise failed(patience.told(interrupt)) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever your code raises is what you need to read
        raise failed(told_by_your_lines(error)) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, Any, pytest.TestReport]:
    """Mark what is to do, and keep only the end of what your code printed."""
    report: Any = yield
    report.to_do = call.excinfo is not None and isinstance(call.excinfo.value, ToDo)
    report.sections = [(title, end_of(text)) for title, text in report.sections]
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """Show what is to do as such: it counts as not passed, but is no failure to read about."""
    return ("to do", "t", ("TO DO", {"yellow": True})) if getattr(report, "to_do", False) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Close with a line for each task, and what comes next."""
    if lines := tasks_done(terminalreporter.stats):
        terminalreporter.section("your tasks")
        terminalreporter.write("\n".join([*lines, ""]))


@pytest.hookimpl(optionalhook=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> bool:  # noqa: ANN401 - not a public class
    """Interrupt a check that does not end, in a way that lets the other checks go on, on Windows as well."""
    item.stash[PATIENCE] = Patience(item, settings)
    item.stash[PATIENCE].start()
    return True


@pytest.hookimpl(optionalhook=True)
def pytest_timeout_cancel_timer(item: pytest.Item) -> bool:
    """Stop waiting: the check has ended."""
    if patience := item.stash.get(PATIENCE, None):
        patience.stop()
    return True


def end_of(text: str) -> str:
    """Return the last lines of a text, and how many there were before."""
    lines = text.splitlines(keepends=True)
    left_out = len(lines) - LINES_SHOWN
    return text if left_out <= 0 else f"... {left_out} lines before\n{''.join(lines[-LINES_SHOWN:])}"
