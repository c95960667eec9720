"""Runs programs under the starter's session_trace.py, as students do, and reads what it shows."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.content import SOLUTION, find_content
from grader.shipped import TRACE

REJECTED = Path(__file__).parent / "submissions" / "rejected"
SOURCE = find_content().root / TRACE
WIDE, NARROW = "600", "70"

# A program that calls add_products while somebody reads, so that its COMMIT is refused, and then once more.
FAILING_COMMIT = """
import sqlite3
from decimal import Decimal
from sqlalchemy import create_engine
from models import Base
from transaction_script import add_products

engine = create_engine("sqlite:///shop.db", connect_args={"timeout": 0})
Base.metadata.create_all(engine)
reader = sqlite3.connect("shop.db", isolation_level=None)
reader.execute("BEGIN")
reader.execute("SELECT * FROM products").fetchall()
try:
    add_products(engine, [{"name": "Pen", "price": Decimal(1)}])
except Exception as error:
    print(type(error).__name__)
reader.close()
add_products(engine, [{"name": "Ink", "price": Decimal(2)}])
engine.dispose()
"""


def load() -> Any:  # noqa: ANN401  # a module of students, who have no types for it
    """Import session_trace.py from where it lies."""
    spec = importlib.util.spec_from_file_location("session_trace", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Shown(Struct, frozen=True):
    """How a traced program ended, and what it and the trace wrote."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The lines of the table as cells: code, session, database, others."""
        lines = [line.split("│") for line in self.out.splitlines() if line.count("│") == 3]
        return [tuple(cell.strip() for cell in cells) for cells in lines]

    def lane(self, name: str) -> list[str]:
        """Return what stands in a lane, from top to bottom."""
        number = self.rows[0].index(name)
        return [row[number] for row in self.rows[1:] if row[number]]


class Folder:
    """A student's repository with session_trace.py in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.add(SOURCE)

    def add(self, *files: Path, **texts: str) -> Folder:
        """Put in files, and texts as ``NAME.py``."""
        for file in files:
            (self.path / file.name).write_bytes(file.read_bytes())
        for name, text in texts.items():
            (self.path / f"{name}.py").write_text(text, encoding="utf-8")
        return self

    def solution(self) -> Folder:
        """Put in the reference solution."""
        return self.add(*(find_content().root / SOLUTION).glob("*.py"))

    def rejected(self, name: str) -> Folder:
        """Put in a wrong submission."""
        return self.add(*(REJECTED / name).glob("*.py"))

    def trace(self, *arguments: str, columns: str = WIDE, **environment: str) -> Shown:
        """Run ``python -m session_trace ARGUMENTS``."""
        return self.python("-m", "session_trace", *arguments, COLUMNS=columns, **environment)

    def python(self, *arguments: str, **environment: str) -> Shown:
        """Run Python in the folder."""
        variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", **environment}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=self.path, env=variables, capture_output=True, check=False, timeout=60)
        return Shown(done.returncode, done.stdout.decode(), done.stderr.decode())

    def names(self) -> list[str]:
        """Return the names of the files that are there."""
        return sorted(file.name for file in self.path.iterdir())
