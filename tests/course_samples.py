"""A class for tests: students, pushes, reports and gradebooks, small and known."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import evidence_samples as samples
from msgspec.structs import replace
from sqlalchemy import create_engine

from grader.content import find_content
from grader.course.gradebook import Gradebook
from grader.course.nouns import Edition, Handed
from grader.judge.grade import grade
from grader.values import CheckResult, Evidence, GradeReport

EDITION = Edition("1.0", "checks-1", "rubric-1", "plan-1")
RUBRIC = find_content().rubric()
DUE = datetime(2026, 12, 1, 22, 59, tzinfo=UTC)
NOBODY = 65_534


def evidence(digest: str = "sha256:a") -> Evidence:
    """Return evidence about some files."""
    return samples.evidence(digest=digest)


def report(*lost: str, broken: tuple[str, ...] = (), about: Evidence | None = None) -> GradeReport:
    """Return a report in which these criteria are lost, or broken, and all others passed."""
    results = [
        CheckResult(c.key, "broken" if c.key in broken else "failed" if c.key in lost else "passed", seen="it is not")
        for c in RUBRIC.criteria
    ]
    return grade(about or evidence(), results, RUBRIC)


def handed(student: str = "alice", digest: str = "sha256:a", **more: Any) -> Handed:  # noqa: ANN401  # the fields of Handed
    """Return a push of a student's."""
    return Handed(student, digest, **more)


def keep(book: Gradebook, push: Handed, *lost: str, edition: Edition = EDITION, **more: Any) -> None:  # noqa: ANN401  # the arguments of report
    """Record a push in which these criteria are lost."""
    seen = evidence(push.digest)
    book.record(push, edition, seen, report(*lost, about=seen, **more))


def another(edition: Edition = EDITION, /, **parts: str) -> Edition:
    """Return an edition that differs in these parts."""
    return replace(edition, **parts)


def points(key: str) -> int:
    """Return what a criterion gives."""
    return next(c.points for c in RUBRIC.criteria if c.key == key)


# --- a PostgreSQL of our own ------------------------------------------------------------------------------------------


def _program(name: str) -> str:
    """Return a program of PostgreSQL's: Debian keeps those of the server out of the search path."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(beside[-1]) if beside else None)
    assert found, f"{name} is missing; repair: sudo apt-get install postgresql"
    return found


def _run(*command: str) -> None:
    """Run a program of the server's as an ordinary user: it refuses to be root's."""
    who: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": ()} if os.geteuid() == 0 else {}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, check=False, capture_output=True, env=environment, cwd="/", **who)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def postgresql() -> Iterator[Callable[[], str]]:
    """Start a server on a socket in a folder of its own, and give what makes a new database and returns its URL."""
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name), f"{name}/data"
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        _run(_program("initdb"), "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        control = (_program("pg_ctl"), "-D", data, "-w")
        _run(*control, "-l", f"{name}/log", "-o", options, "start")
        try:
            yield _Databases(folder).new
        finally:
            _run(*control, "-m", "immediate", "stop")


class _Databases:
    def __init__(self, folder: Path) -> None:
        self._url = f"postgresql+psycopg://grader@/{{}}?host={folder}"
        self._made = 0

    def new(self) -> str:
        self._made += 1
        name = f"gradebook_{self._made}"
        engine = create_engine(self._url.format("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self._url.format(name)
