"""What hostile submissions are after: a file that anyone may write to, a variable of the grader's, two doors."""

from __future__ import annotations

import fcntl
import secrets
import select
import shutil
import socket
from contextlib import ExitStack
from pathlib import Path
from threading import Lock

CANARY = Path("/tmp/grader-canary")  # noqa: S108  # the submissions have to know where it is


class Trap:
    """The place, as long as ``stack`` is open; several threads may ask it at once."""

    def __init__(self, stack: ExitStack) -> None:
        lock = stack.enter_context(CANARY.with_suffix(".lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)  # one run of the tests at a time: the place is known to all submissions
        shutil.rmtree(CANARY, ignore_errors=True)
        CANARY.mkdir()
        stack.callback(shutil.rmtree, CANARY)
        self.word, self.secret = (f"CANARY-{secrets.token_hex(8)}" for _ in range(2))
        self._doors = [stack.enter_context(socket.socket(family)) for family in (socket.AF_INET, socket.AF_UNIX)]
        self._doors[0].bind(("127.0.0.1", 0))
        self._doors[1].bind(str(CANARY / "door.sock"))
        for door in self._doors:
            door.listen()
        (CANARY / "port.txt").write_text(str(self._doors[0].getsockname()[1]))
        (CANARY / "secret.txt").write_text(self.word)
        for path in (CANARY, *CANARY.iterdir()):
            path.chmod(0o777)  # nothing but the walls is in the way
        self._found = self._look()
        self._asked = Lock()

    def _look(self) -> dict[str, object]:
        """Return all there is to see of the place: names, kinds, times and texts."""
        files = {path.name: path.lstat() for path in CANARY.rglob("*")}
        seen: dict[str, object] = {name: (s.st_mode, s.st_uid, s.st_size, s.st_mtime_ns) for name, s in files.items()}
        return seen | {"the word": (CANARY / "secret.txt").read_text() if "secret.txt" in files else None}

    def changes(self) -> list[str]:
        """Return what is not as it was when this was last asked."""
        with self._asked:
            before, self._found = self._found, self._look()
        names = before.keys() | self._found.keys()
        return sorted(name for name in names if before.get(name) != self._found.get(name))

    def knocks(self) -> int:
        """Return how many connections have arrived at the doors since this was last asked."""
        arrived = 0
        with self._asked:
            while ready := select.select(self._doors, [], [], 0)[0]:
                for door in ready:
                    door.accept()[0].close()
                    arrived += 1
        return arrived
