"""A program's end as Python makes it, in a process that goes on: executors, threads, then exit handlers."""

from __future__ import annotations

import atexit
import logging
import sys
import threading
from typing import Any
from weakref import finalize

_FINALIZE: Any = finalize
_THREADING: Any = threading


class Leaving:
    """The end of one call's program. Made when that begins: then nothing that earlier calls left is a part of it."""

    def __init__(self) -> None:
        self._before = set(threading.enumerate())
        atexit._clear()
        atexit.register(logging.shutdown)
        _FINALIZE._registry.clear()
        _FINALIZE._shutdown = _FINALIZE._registered_with_atexit = False  # the next finalizer registers all
        executors: Any = sys.modules.get("concurrent.futures.thread")
        if executors is not None:
            executors._shutdown = False

    def wait_for_threads(self) -> None:
        """Let executors that nobody has shut down finish, and wait for every thread but daemons."""
        for wind_up in reversed(_THREADING._threading_atexits):
            wind_up()
        while threads := [thread for thread in threading.enumerate() if self._holds_up(thread)]:
            for thread in threads:
                thread.join()

    def _holds_up(self, thread: threading.Thread) -> bool:
        """Tell whether a thread is to be waited for; one that is being started is not alive, its starter is."""
        is_its_own = thread not in self._before and thread is not threading.current_thread()
        return is_its_own and thread.is_alive() and not thread.daemon

    def run_handlers(self) -> None:
        """Run what was registered to be run at exit."""
        atexit._run_exitfuncs()
