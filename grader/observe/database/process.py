"""The database server's process: forks a process for each scenario, so that hostile SQL can harm only its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from typing import NoReturn

from . import scenario
from .messages import HELLO


def main(descriptor: int, base: str) -> NoReturn:
    """Serve the observer at ``descriptor`` until it hangs up; scenarios end with it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by themselves
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the observer's to handle: it closes the socket
    requests = socket.socket(fileno=descriptor)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, len(HELLO), 2)
        if not message:
            shutil.rmtree(base, ignore_errors=True)  # the observer may have died without a chance to do it
            os._exit(0)  # taking down what was loaded would only cost time
        control, channel = (socket.socket(fileno=received) for received in descriptors)
        if os.fork() == 0:
            requests.close()
            scenario.run(control, channel, base)
        control.close()
        channel.close()
