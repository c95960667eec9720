"""Tries, from inside, what no student's process may be able to do; each thing that works is a hole in the wall."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .confinement import Confinement


@dataclass(frozen=True)
class Bait:
    """What lies outside, within reach of an ordinary user of this machine: a file, its folder, two doors, a process."""

    file: str
    folder: str
    door: str
    port: int
    process: int


def holes(confinement: Confinement, bait: Bait) -> list[str]:
    """Return what a child in ``confinement`` could do though it must not, in words; raises OSError."""
    reading, writing = os.pipe()
    others = (bait.process, os.getpid())  # the second is the same user's, where the first is root's
    pid = confinement.fork()
    if pid == 0:
        _be_child(confinement, bait, others, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        lines = told.read().splitlines()
    _, status = os.waitpid(pid, 0)
    if not lines or lines[-1] != "done":
        return lines or [f"the walls could not be put up (status {status})"]
    return lines[:-1]


def _be_child(confinement: Confinement, bait: Bait, others: tuple[int, ...], writing: int) -> None:
    """Try everything from within and end; does not return."""
    try:
        confinement.enter("probe")
        for line in [*_worked(bait, others), "done"]:
            os.write(writing, f"{line}\n".encode())
    except BaseException as error:  # noqa: BLE001  # whatever it is, it is told
        os.write(writing, f"the walls could not be put up: {error}\n".encode())
    finally:
        os._exit(0)


def _worked(bait: Bait, others: tuple[int, ...]) -> list[str]:
    attempts: dict[str, Callable[[], bool]] = {
        "it reads a file of the machine": lambda: _reads(bait.file),
        "it writes outside of its folder": lambda: _writes(bait.folder),
        "it connects to a port of the machine": lambda: _connects(socket.AF_INET, ("127.0.0.1", bait.port)),
        "it connects to a socket of the machine": lambda: _connects(socket.AF_UNIX, bait.door),
        "it sends signals to other processes": lambda: any(_succeeds(partial(_signals, pid)) for pid in others),
        "it starts processes": _forks,
    }
    return [what for what, attempt in attempts.items() if _succeeds(attempt)]


def _succeeds(attempt: Callable[[], bool]) -> bool:
    with suppress(OSError):
        return attempt()
    return False


def _reads(file: str) -> bool:
    with open(file, "rb") as canary:
        return bool(canary.read(1))


def _writes(folder: str) -> bool:
    with open(os.path.join(folder, "written"), "wb"):
        return True


def _connects(family: int, address: tuple[str, int] | str) -> bool:
    with socket.socket(family) as caller:
        caller.settimeout(1)
        caller.connect(address)
        return True


def _signals(process: int) -> bool:
    os.kill(process, 0)  # asks whether a signal could be sent, and sends none
    return process != os.getpid()  # in a namespace of its own it may bear that number itself


def _forks() -> bool:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True
