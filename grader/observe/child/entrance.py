"""The first thing in a sandbox: confine, try the walls from inside, and only then load what students need.

Messages to the observer are JSON datagrams: ``{"holes": [...]}`` here, the rest in :mod:`child.zygote`. A wall with
holes ends the program before the costly part; so the next level can be tried at once.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Any

from .confinement import Confinement
from .probe import Bait, holes


def main(descriptor: int, settings: dict[str, Any], bait: dict[str, Any] | None) -> None:
    """Serve the observer at ``descriptor``; without ``bait`` the walls are not tried, as there are none."""
    control = socket.socket(fileno=descriptor)
    confinement = Confinement(**settings)
    try:
        confinement.settle()
        found = holes(confinement, Bait(**bait)) if bait else []
    except OSError as error:  # most likely something that this level may not do on this machine
        found = [f"the walls cannot be put up ({error})"]
    control.send(json.dumps({"holes": found}).encode())
    if not found:
        from .zygote import serve  # noqa: PLC0415  # it loads SQLAlchemy: the costly part

        serve(control, confinement)
    os._exit(0)  # taking down what was loaded would cost a tenth of a second, for nothing
