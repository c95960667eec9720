"""The settings with which nbgrader grades our notebook through this grader, and how a course folder gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.notebook.bridge import CONFIG
from grader.notebook.source import NOTEBOOK, files
from grader.outputs import files as written

if TYPE_CHECKING:
    from pathlib import Path

    from grader.content import Content

_OF_NBGRADER = "nbgrader.preprocessors."
_OURS = "grader.notebook.preprocessors."
LINES = """\
from grader.notebook.settings import configure

c = get_config()
c.CourseDirectory.course_id = "{course}"
configure(c)  # the notebook of sessions is graded in a sandbox; other notebooks go their ordinary way
"""


def configure(c: Any) -> None:  # noqa: ANN401  # the object that nbgrader reads its settings from
    """Let nbgrader grade our notebook through this grader; call it in ``nbgrader_config.py``."""
    c.Autograde.exporter_class = f"{_OURS}ReadingExporter"
    c.Autograde.sanitize_preprocessors = [
        f"{_OURS}CleanCells",
        *(f"{_OF_NBGRADER}{name}" for name in ("ClearOutput", "DeduplicateIds", "OverwriteKernelspec")),
        *(f"{_OF_NBGRADER}{name}" for name in ("OverwriteCells", "CheckCellMetadata")),
    ]
    c.Autograde.autograde_preprocessors = [
        f"{_OURS}SandboxGrade",
        f"{_OF_NBGRADER}IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        f"{_OF_NBGRADER}LimitOutput",
        f"{_OURS}SaveGrades",
        *(f"{_OF_NBGRADER}{name}" for name in ("AssignLatePenalties", "CheckCellMetadata")),
    ]


def add_to(course: Path, content: Content) -> bool:
    """Write the notebook and its files into a course folder, and its settings if it has none.

    Returns whether the settings of the course have what is needed. Raises OutputUnwritable.
    """
    written.write(course / "source" / NOTEBOOK, files(content))
    config = course / CONFIG
    if not config.exists():
        written.write(course, {CONFIG: LINES.format(course=course.resolve().name)})
    return "grader.notebook" in config.read_text(encoding="utf-8")
