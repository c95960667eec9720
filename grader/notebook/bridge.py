"""Between our gradebook and nbgrader's: the course folder, the names of things there, and whose decision counts.

A manual score of nbgrader's and an override of ours are the same thing, a person's decision on a criterion. Either side
may change it. What both said when they last met stands in our audit trail: with it, it can be told on which side a
decision was made since, and taken back.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import Session

    from grader.course.gradebook import Gradebook

CONFIG = "nbgrader_config.py"
DEFAULT_ASSIGNMENT = "sessions-repository"
NOTEBOOK = "report"
"""The notebook of the assignment: one cell a criterion, made from a report."""
TOTAL_CELL = "decision_on_the_total"
"""The cell of a decision on all points together: it gives or takes what is missing to them."""
MET = "nbgrader"
"""The action under which the audit trail keeps what both gradebooks agreed on."""
BUSY_SECONDS = 60
"""How long a push waits for another one, or for the formgrader."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
Agreed = dict[str, dict[str, int]]
"""The decisions that both gradebooks hold: points by student and criterion."""


class CourseUnusable(RuntimeError):  # noqa: N818  # it names the fault
    """There is no nbgrader, no course folder or no gradebook that can be used; the message names the repair."""


class Course(Struct, frozen=True):
    """An assignment in a course folder of nbgrader's. ``layout`` is nbgrader's own description of the folder."""

    assignment: str
    course_id: str
    url: str
    layout: Any

    def folder(self, step: str, student: str) -> Path:
        """Return the folder of a student's work in one of nbgrader's steps: ``submitted``, ``autograded``."""
        name = getattr(self.layout, f"{step}_directory")
        return Path(self.layout.format_path(name, student, self.assignment))


def open_course(folder: Path, assignment: str = DEFAULT_ASSIGNMENT) -> Course:
    """Return an assignment of the course in a folder, as nbgrader itself reads its settings; CourseUnusable."""
    if not _NAME.fullmatch(assignment):
        raise CourseUnusable(f"nbgrader takes no assignment called {assignment!r}: letters, digits, - and _ are fine.")
    if not (folder / CONFIG).is_file():
        raise CourseUnusable(
            f"{folder.resolve()} is no course of nbgrader's: it has no {CONFIG}. Go into the course's folder, name it "
            "with --course FOLDER, or make a new course: grader nbgrader new FOLDER"
        )
    layout = _layout(folder.resolve())
    return Course(assignment, layout.course_id, layout.db_url, layout)


def _layout(folder: Path) -> Any:  # noqa: ANN401  # nbgrader's CourseDirectory, which has no types
    try:
        from nbgrader.apps.baseapp import NbGrader  # noqa: PLC0415  # it takes seconds, and may not be installed
    except ImportError as error:
        raise CourseUnusable(
            f"nbgrader cannot be used here ({error}). Install it: pip install 'session-grader[nbgrader]'"
        ) from error
    with contextlib.chdir(folder):  # as if nbgrader was started there: its settings may name what lies beside them
        app = NbGrader()
        app.initialize([])
    return app.coursedir


@contextlib.contextmanager
def transaction(course: Course) -> Iterator[Session]:
    """Open nbgrader's gradebook, which is made where there is none, for one transaction: all of it is kept or nothing.

    Nobody else writes at the same time. Raises CourseUnusable.
    """
    from nbgrader.api import Gradebook, InvalidEntry  # noqa: PLC0415  # it takes seconds
    from sqlalchemy import create_engine, text  # noqa: PLC0415  # the same
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415  # the same
    from sqlalchemy.orm import Session  # noqa: PLC0415  # the same

    is_file = course.url.startswith("sqlite")
    with contextlib.ExitStack() as stack:
        try:
            with _programs_in_reach():
                Gradebook(course.url, course.course_id).close()
            engine = create_engine(course.url, connect_args={"timeout": BUSY_SECONDS} if is_file else {})
            stack.callback(engine.dispose)
            with Session(engine, autoflush=False) as session, session.begin():
                if is_file:  # says at its beginning that it writes, so that of two pushes one waits for the other
                    session.execute(text("BEGIN IMMEDIATE"))
                yield session
        except (DBAPIError, InvalidEntry) as error:
            raise CourseUnusable(
                f"nbgrader's gradebook cannot be used: {getattr(error, 'orig', error)}. If nbgrader was updated: "
                "nbgrader db upgrade. If it is locked: close what writes into it, and try again."
            ) from error


@contextlib.contextmanager
def _programs_in_reach() -> Iterator[None]:
    """Let nbgrader find ``alembic``, which it calls by name for a new gradebook, beside the Python that runs here."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join(filter(None, (str(Path(sys.executable).parent), before)))
    try:
        yield
    finally:
        os.environ["PATH"] = before


# --- names ------------------------------------------------------------------------------------------------------------


def cell_name(criterion: str) -> str:
    """Return what a criterion is called in a notebook, where no dot may be; that of the total is empty here."""
    return criterion.replace(".", "_") or TOTAL_CELL


def student_id(key: str) -> str:
    """Return what a student is called in nbgrader: a login or an address as it is, other characters as ``=2B`` for +.

    nbgrader takes no ``+``, makes folders and addresses of pages from it, and shows it as it stands.
    """
    shown = quote(key, safe="@").replace("~", "%7E").replace("%", "=")
    return f"=2E{shown[1:]}" if shown.startswith(".") else shown


# --- whose decision counts --------------------------------------------------------------------------------------------


def settled(met: float | None, here: float | None, there: float | None) -> float | None:
    """Return the points of a decision (None: there is none) after both sides came together.

    The side that changed since they ``met`` counts; where both did, that is nbgrader's: nothing typed there is lost.
    """
    return here if there == met else there


def met_again(
    met: Mapping[str, int], here: Mapping[str, int | None], there: Mapping[str, float | None]
) -> dict[str, int]:
    """Return on which points of a student's both sides agree; where they do not, those on which they did before."""
    found = {name: points if points == there.get(name) else met.get(name) for name, points in here.items()}
    return {name: points for name, points in found.items() if points is not None}


def decision(grade: Any) -> float | None:  # noqa: ANN401  # a row of nbgrader's, which has no types
    """Return the points that a person gave in nbgrader, extra credit included; None where nobody decided."""
    if grade.manual_score is None and not grade.extra_credit:
        return None
    return score(grade)


def score(grade: Any) -> float:  # noqa: ANN401  # as above
    """Return the points that count in nbgrader."""
    given = grade.auto_score if grade.manual_score is None else grade.manual_score
    return float((given or 0) + (grade.extra_credit or 0))


def last_agreed(book: Gradebook, course: Course) -> Agreed:
    """Return the decisions that both gradebooks held when they last met."""
    place = _place(course)
    found: Any = {}  # as it was written below
    for _, _, action, _, details in book.audit():
        if action == MET and details.get("place") == place:
            found = details["agreed"]
    return {student: dict(decided) for student, decided in found.items()}


def note_agreed(book: Gradebook, course: Course, agreed: Mapping[str, Mapping[str, int]]) -> None:
    """Keep what both gradebooks hold now, unless it is what they held."""
    plain = {student: dict(decided) for student, decided in agreed.items() if decided}
    if plain != last_agreed(book, course):
        book.note(MET, place=_place(course), agreed=plain)


def _place(course: Course) -> str:
    from sqlalchemy import make_url  # noqa: PLC0415  # no other command waits for it

    return f"{make_url(course.url).render_as_string(hide_password=True)}#{course.assignment}"
