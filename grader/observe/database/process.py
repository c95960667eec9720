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
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by themselves
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the observer's to handle: it closes the socket
    requests = socket.socket(fileno=descriptor)
    confinement = Confinement(**settings)
    confinement.settle()
    for number in count(1):
        message, descriptors, _, _ = socket.recv_fds(requests, len(HELLO), 2)
        if not message:
            break
        control, channel = (socket.socket(fileno=received) for received in descriptors)
        if os.fork() == 0:
            requests.close()
            confinement.enter(str(number))
            scenario.run(control, channel)
        control.close()
        channel.close()
    if confinement.host_folder is not None:  # the observer may have died without a chance to do it
        folders.remove(confinement.host_folder)
    os._exit(0)  # taking down what was loaded would only cost time
