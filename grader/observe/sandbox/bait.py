"""What the walls are tried with: what an ordinary user of this machine can reach, and a walled-in one must not."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.observe.sandbox.levels import Level

_SHORT = "/tmp"  # noqa: S108  # a folder of a random name in it: the path of a socket has at most 107 bytes


@contextmanager
def bait(level: Level) -> Iterator[dict[str, object] | None]:
    """Lay out a file, a folder and two doors; yield where they are, None for a level without walls to try."""
    if not level.safe:
        yield None
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-bait-", dir=_SHORT)))
        folder.chmod(0o777)  # nothing but the walls shall be in the way
        canary = folder / "canary"
        canary.write_text(secrets.token_hex())
        canary.chmod(0o644)
        door = stack.enter_context(socket.socket(socket.AF_UNIX))
        door.bind(str(folder / "door"))
        (folder / "door").chmod(0o777)
        port = stack.enter_context(socket.socket())
        port.bind(("127.0.0.1", 0))
        for listener in (door, port):
            listener.listen(1)
        yield {
            "file": str(canary),
            "folder": str(folder),
            "door": str(folder / "door"),
            "port": port.getsockname()[1],
            "process": os.getpid(),
        }
