"""The browser of the tests of pages, started once for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import chromium
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return the Chromium of this machine, without a window."""
    with chromium() as browser:
        yield browser
