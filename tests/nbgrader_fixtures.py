"""A new course of nbgrader's, and a small class to push into it, for the tests of both."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbgrader_course import CONFIG, fill

from grader.course.gradebook import Gradebook, open_gradebook
from grader.notebook.bridge import Course, open_course, transaction


@pytest.fixture(scope="session")
def new_course(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Course]:
    """Return what makes a new course in a folder: a copy, as nbgrader takes seconds for a new gradebook."""
    template = tmp_path_factory.mktemp("nbgrader")
    (template / "nbgrader_config.py").write_text(CONFIG)
    with transaction(open_course(template)):
        pass

    def new(folder: Path) -> Course:
        shutil.copytree(template, folder)
        return open_course(folder)

    return new


@pytest.fixture
def course(new_course: Callable[[Path], Course], tmp_path: Path) -> Course:
    """Return a new course."""
    return new_course(tmp_path / "course")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    """Return the gradebook of a small class."""
    with open_gradebook(tmp_path / "grades", "ms.lee") as opened:
        fill(opened)
        yield opened
