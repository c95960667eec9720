"""Starts the two sandboxes on the best level that this machine really gives: each is tried from inside as it starts."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from grader.observe.sandbox.databases import DatabaseServer
from grader.observe.sandbox.levels import LEVELS
from grader.observe.sandbox.repairs import repair
from grader.observe.sandbox.students import SandboxFailed, StudentSandbox

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from grader.observe.sandbox.levels import Level

FALLBACK = "For your own code only, on your own machine: --isolation process (it walls nothing in)."


class IsolationMissing(RuntimeError):  # noqa: N818  # it names the fault
    """The wanted level cannot be had on this machine; the message says how to repair that."""


def candidates(wanted: str | None) -> tuple[Level, ...]:
    """Return the levels to try, best first: the one called ``wanted``, or every safe one."""
    levels = tuple(level for level in LEVELS if wanted == level.name or (wanted is None and level.safe))
    if not levels:
        raise IsolationMissing(f"there is no level {wanted!r}; choose one of {', '.join(one.name for one in LEVELS)}")
    return levels


def problem(level: Level) -> str | None:
    """Return what keeps this machine from giving ``level``, with the repair, or None; found out by trying."""
    if missing := level.missing():
        return missing
    try:
        with StudentSandbox(level) as students:
            students.settle()
    except SandboxFailed as failed:
        return f"{failed}; {repair(level)}"
    return None


class Sandboxes:
    """The student sandbox and the database server on one level.

    Entering starts them on the first level that seems to be there, and returns at once; :meth:`settle` waits until the
    walls have been tried, and goes on to the next level where they do not hold. ``passed_over`` says what better
    levels lack.
    """

    level: Level
    students: StudentSandbox
    databases: DatabaseServer

    def __init__(self, levels: tuple[Level, ...]) -> None:
        self._waiting = list(levels)
        self._stack = ExitStack()
        self._settled = False
        self.passed_over: list[str] = []

    def __enter__(self) -> Self:
        with self._stack:  # left at once if nothing can be started
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def settle(self) -> None:
        """Wait for a level that holds; raises :class:`IsolationMissing` with the repairs if there is none."""
        while not self._settled:
            try:
                self.students.settle()
                self._settled = True
            except SandboxFailed as failed:
                self._stack.close()
                self.passed_over.append(f"{self.level.name}: it does not work here: {failed}; {repair(self.level)}")
                self._start()

    def _start(self) -> None:
        while self._waiting:
            self.level = self._waiting.pop(0)
            missing = self.level.missing()
            if missing is None:
                self.databases = self._stack.enter_context(DatabaseServer(self.level))
                self.students = self._stack.enter_context(StudentSandbox(self.level))
                return
            self.passed_over.append(f"{self.level.name}: {missing}")
        raise IsolationMissing("\n".join([*self.passed_over, FALLBACK]))
