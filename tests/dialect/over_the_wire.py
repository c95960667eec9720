"""A pytest plugin: the tests of this process use the client of a database server in place of ``sqlite3``."""

import pytest

from grader.observe.child import dbapi
from grader.observe.sandbox.databases import DatabaseServer, Setup
from grader.observe.sandbox.levels import Process

server = DatabaseServer(Process())


def pytest_load_initial_conftests() -> None:
    """Start the server before SQLAlchemy's plugin opens a connection."""
    global scenario  # noqa: PLW0603  # hooks share nothing else
    server.__enter__()
    scenario = server.open()
    scenario.begin(Setup())
    dbapi.attach(scenario.channel, list, lambda: None)
    dbapi.install()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the server, after SQLAlchemy's plugin has closed its engines."""
    server.__exit__(None, None, None)
