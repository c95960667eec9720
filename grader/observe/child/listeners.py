"""Takes away, between calls, the listeners that a student's modules put on SQLAlchemy's own classes.

Each call imports the modules afresh, as a new program would, but a listener on ``Engine`` or ``Session`` itself would
stay in the process, and answer a second time: after a recipe that sends BEGIN, the next call's BEGIN would fail.
"""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy.event.registry import _EventKey
from sqlalchemy.exc import InvalidRequestError


class Listeners:
    """Remembers what is put on classes once ``install`` was called, until ``remove`` takes it away."""

    def __init__(self) -> None:
        self._keys: list[_EventKey[Any]] = []

    def install(self) -> None:
        """Watch every registration of this process, for good."""
        listen = _EventKey.listen

        def remembered(key: _EventKey[Any], *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # those of listen
            listen(key, *args, **kwargs)
            if isinstance(key.target, type):  # one on an engine or a session goes with it
                self._keys.append(key)

        _EventKey.listen = remembered  # type: ignore[method-assign, assignment]  # there is no event for this

    def remove(self) -> None:
        """Take away what was registered since the last time."""
        for key in self._keys:
            with contextlib.suppress(InvalidRequestError):  # the student's code has removed it itself
                key.remove()
        self._keys.clear()
