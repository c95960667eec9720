"""nbgrader's formgrader as a person meets it: a Jupyter server on a course, and a browser that is signed in."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from browser import Opened
from msgspec import Struct
from playwright.sync_api import Browser
from requests.adapters import HTTPAdapter
from urllib3 import Retry

PATIENCE = 20_000
"""Milliseconds that a page may take: far more than it does."""
TRIES, PAUSE_SECONDS = 240, 0.25
"""A server is up after seconds; on a machine with much else to do, after a minute."""


class Server(Struct, frozen=True):
    """A running server: where it answers, and the token that it asks for."""

    address: str
    token: str

    def get(self, path: str) -> Any:  # noqa: ANN401  # JSON
        """Return what the formgrader's programs read at a path; waits until somebody answers."""
        with requests.Session() as session:
            retries = Retry(TRIES, backoff_factor=PAUSE_SECONDS, backoff_max=PAUSE_SECONDS)
            session.mount("http://", HTTPAdapter(max_retries=retries))
            found = session.get(
                f"{self.address}/formgrader/api/{path}", headers={"Authorization": f"token {self.token}"}
            )
            found.raise_for_status()
            return found.json()

    def submission(self, assignment: str, student: str, notebook: str = "report") -> str:
        """Return the path of the page on which a student's submission is graded."""
        found = self.get(f"submitted_notebooks/{assignment}/{notebook}")
        return f"submissions/{next(each['id'] for each in found if each['student'] == student)}/"


@contextmanager
def serving(course: Path, home: Path) -> Iterator[Server]:
    """Serve a course on a free port of this machine; settings of the person who runs this have no say."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = {
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.root_dir": course,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
    }
    places = {name: str(home) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "jupyter_server", *(f"--{name}={value}" for name, value in options.items())]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=course,
            env=os.environ | places | {"PATH": path},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        try:
            made = Server(f"http://127.0.0.1:{port}", token)
            made.get("status")
            yield made
        finally:
            server.kill()
            server.wait()


@contextmanager
def opened(browser: Browser, server: Server, path: str, size: tuple[int, int] = (1100, 720)) -> Iterator[Opened]:
    """Open a page of the formgrader, signed in, in a window of its own that reaches nothing else."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    context.set_default_timeout(PATIENCE)
    context.route(lambda url: not url.startswith(server.address), lambda route: route.abort())
    try:
        shown = Opened(context.new_page())
        shown.page.goto(f"{server.address}/login?token={server.token}&next=/formgrader/{path}")
        yield shown
    finally:
        context.close()
