"""The database server's process: forks a process for each scenario, so that hostile SQL can harm only its own."""

from __future__ import annotations

import os
import signal
import socket
from itertools import count
from typing import Any, NoReturn

from grader.observe.child import folders
from grader.observe.child.confinement import Confinement

from . import scenario
from .messages import HELLO


def main(descriptor: int, settings: dict[str, Any]) -> NoReturn:
    """Serve the observer at ``descriptor`` until it hangs up; scenarios end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the observer's to handle: it closes the socket
    requests = socket.socket(fileno=descriptor)
    confinement = Confinement(**settings)
    confinement.settle()
    alive: dict[int, int] = {}  # number -> pid
    for number in count(1):
        message, descriptors, _, _ = socket.recv_fds(requests, len(HELLO), 2)
        if not message:
            break
        for ended in _ended(alive):
            folders.remove(f"{confinement.scratch}/{ended}")  # one that was killed has not done it
        control, channel = (socket.socket(fileno=received) for received in descriptors)
        pid = os.fork()
        if pid == 0:
            requests.close()
            confinement.enter(str(number))
            scenario.run(control, channel)
        alive[number] = pid
        control.close()
        channel.close()
    if confinement.host_folder is not None:  # the observer may have died without a chance to do it
        folders.remove(confinement.host_folder)
    os._exit(0)  # taking down what was loaded would only cost time


def _ended(alive: dict[int, int]) -> list[int]:
    """Return the numbers of the scenarios that have ended since this was last asked, and forget them."""
    ended = [number for number, pid in alive.items() if os.waitpid(pid, os.WNOHANG)[0]]
    for number in ended:
        del alive[number]
    return ended
