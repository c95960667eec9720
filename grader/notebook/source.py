"""The notebook's source, text that can be reviewed, and the notebook that is built from it, the same bytes each time.

A cell's first line names what it is: ``answer="models"``, ``criterion="model.table" points=5``, ``locked="setup"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.notebook.bridge import cell_name

if TYPE_CHECKING:
    from grader.content import Content

NOTEBOOK = "sessions"
"""The name of the notebook, and of the assignment that it is."""
SOURCE = "assignment/notebook/sessions.py"
BESIDE = ("assignment/notebook/practice.py", "starter/session_trace.py")
"""What the notebook imports: students get it in the same folder."""
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_NOTHING = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}


def files(content: Content) -> dict[str, str]:
    """Return the files of the assignment's source folder by name: the notebook with its solution, and what it needs."""
    beside = {name.rpartition("/")[2]: content.read(name) for name in BESIDE}
    return {f"{NOTEBOOK}.ipynb": built(content.read(SOURCE)), **beside}


def built(text: str) -> str:
    """Return the notebook that a source describes, as JSON."""
    import jupytext  # noqa: PLC0415  # it takes a second, and the lean installation has none
    import nbformat  # noqa: PLC0415  # the same

    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        about = _metadata(cell.metadata)
        cell.id = about["grade_id"].replace("_", "-")
        cell.metadata = {"nbgrader": about}
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def _metadata(said: dict[str, Any]) -> dict[str, Any]:
    """Return nbgrader's metadata for a cell of the source."""
    if "criterion" in said:
        about = {"grade_id": cell_name(said["criterion"]), "grade": True, "locked": True, "points": said["points"]}
    elif "answer" in said:
        about = {"grade_id": said["answer"], "solution": True}
    else:
        about = {"grade_id": said["locked"], "locked": True}
    return dict(sorted({**_NOTHING, **about}.items()))
