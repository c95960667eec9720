"""How long a check may take, and what happens then."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest
import pytest_timeout

from .your_lines import your_lines

SOMETHING_HUNG = pytest.StashKey[bool]()
SECONDS_AFTER_THAT = 3.0


class Patience(threading.Thread):
    """Waits for the end of a check, and interrupts it as Ctrl-C does when it takes too long.

    The ways of pytest-timeout itself end the whole run on Windows. They are kept for code that catches the interrupt.
    """

    def __init__(self, item: pytest.Item, settings: Any) -> None:  # noqa: ANN401 - not a public class
        super().__init__(name=f"patience with {item.name}", daemon=True)
        self.item = item
        self.settings = settings
        # What hangs once hangs in many checks: nobody wants to wait as long for each of them.
        hung = item.config.stash.get(SOMETHING_HUNG, False)
        self.seconds = min(settings.timeout, SECONDS_AFTER_THAT) if hung else settings.timeout
        self.is_over = False
        self._ended = threading.Event()

    def run(self) -> None:
        """Wait, interrupt, and wait once more."""
        if self._ended.wait(self.seconds) or pytest_timeout.is_debugging():
            return
        self.is_over = self.item.config.stash[SOMETHING_HUNG] = True
        press_ctrl_c()
        if not self._ended.wait(SECONDS_AFTER_THAT):
            pytest_timeout.timeout_timer(self.item, self.settings)

    def stop(self) -> None:
        """Wait no longer; the thread has ended when this returns."""
        self._ended.set()
        self.join()

    def told(self, interrupt: KeyboardInterrupt) -> str:
        """Say where the check was when it was interrupted."""
        lines = your_lines(interrupt)
        return f"This did not end within {self.seconds:g} seconds: an endless loop? It was here:\n{lines}"


def press_ctrl_c() -> None:
    """Raise KeyboardInterrupt in the main thread, also when it sleeps or waits for a lock."""
    if hasattr(signal, "pthread_kill"):
        os.kill(os.getpid(), signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
