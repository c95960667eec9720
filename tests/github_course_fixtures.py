"""The course of the tests, as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from github_course import Course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a course with a student."""
    return Course(tmp_path)
