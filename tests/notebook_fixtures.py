"""The course of the notebook, made once for all tests of a worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from notebook_course import Course


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Return a course with the notebook released: to make its gradebook takes seconds. Each test has its students."""
    with pytest.MonkeyPatch.context() as patched:
        # nbgrader calls alembic by name.
        patched.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        yield Course(tmp_path_factory.mktemp("course"))
