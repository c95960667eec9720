"""Nothing hidden is in the student template: the whole repository is searched, every blob of every commit."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from repository import ROOT, tracked

from grader.content import find_content
from grader.template.repository import Author, write_template

ADA = Author("Ada Lovelace", "ada@example.org", datetime(2026, 1, 1, tzinfo=UTC))
pytestmark = pytest.mark.slow  # it reads every right answer
WORDS = 10
"""So many words in a row, signs left out, are no coincidence: two lines of code or so."""
OF_THE_GRADER = ("grader/judge", "grader/observe/plan.py")
RIGHT_ANSWERS = ("assignment/solution", "tests/submissions/accepted")
NAMES = re.compile(r"\b(?:check_\w+|grader\.(?:judge|observe|flow)\w*|tests/submissions)\b")
NOT_HIDDEN = re.compile(r"\bcheck_of\b")  # a function of the self-check's own


def git(folder: Path, *arguments: str) -> bytes:
    """Return what git says in a folder."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return every text that the repository of the template holds, by its id and name."""
    folder = tmp_path_factory.mktemp("template") / "repository"
    write_template(folder, find_content(), ADA)
    listed = git(folder, "rev-list", "--all", "--objects").decode().splitlines()
    objects = [line.partition(" ") for line in listed]
    kinds = {name: git(folder, "cat-file", "-t", name).decode().strip() for name, _, _ in objects}
    return {path: git(folder, "cat-file", "-p", name).decode() for name, _, path in objects if kinds[name] == "blob"}


def runs(text: str) -> set[tuple[str, ...]]:
    """Return every run of so many words that a text has."""
    words = re.findall(r"\w+", text)
    return {tuple(words[start : start + WORDS]) for start in range(len(words) - WORDS + 1)}


def code(text: str, *, only_bodies: bool) -> Iterator[str]:
    """Yield the code of a source without docstrings and imports: all of it, or what stands in functions and classes."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node):
            node.body = node.body[1:]
    for node in ast.walk(tree) if only_bodies else [tree]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and not (only_bodies and node is tree):
            yield "\n".join(
                ast.unparse(part) for part in node.body if not isinstance(part, ast.Import | ast.ImportFrom)
            )


def sources(*places: str) -> list[Path]:
    """Return our Python files in these places that are UTF-8 and valid."""
    files = [ROOT / file for file in tracked() if file.suffix == ".py" and file.as_posix().startswith(places)]
    return [file for file in files if is_python(file)]


def is_python(file: Path) -> bool:
    """Tell whether a file can be read as Python in UTF-8; students hand in others as well."""
    try:
        ast.parse(file.read_bytes().decode("utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return False
    return True


@pytest.fixture(scope="module")
def hidden() -> set[tuple[str, ...]]:
    """Return the runs of words of everything that stays with the instructor."""
    found: set[tuple[str, ...]] = set()
    for places, only_bodies in ((OF_THE_GRADER, False), (RIGHT_ANSWERS, True)):
        for file in sources(*places):
            for part in code(file.read_text(encoding="utf-8"), only_bodies=only_bodies):
                found |= runs(part)
    return found


def given_away(name: str, text: str, hidden: set[tuple[str, ...]]) -> list[str]:
    """Return what of the hidden code a text has, as it stands there or, in Python, however it is laid out."""
    shown = runs(text)
    if name.endswith(".py"):
        shown = shown.union(*map(runs, [*code(text, only_bodies=False), *code(text, only_bodies=True)]))
    return [f"{name}: {' '.join(run)}" for run in sorted(shown & hidden)]


def test_nothing_hidden_is_in_the_template(blobs: dict[str, str], hidden: set[tuple[str, ...]]) -> None:
    """No file shares two lines of code with the hidden checks, the plan of the runs, the solution or a right answer."""
    assert len(blobs) > 20
    assert [found for name, text in blobs.items() for found in given_away(name, text, hidden)] == []


def test_nothing_of_the_grader_is_named_in_the_template(blobs: dict[str, str]) -> None:
    """No file names a hidden check, a module of the grader's or the collection of submissions."""
    found = {(name, word) for name, text in blobs.items() for word in NAMES.findall(NOT_HIDDEN.sub("", text))}
    assert found == set()


def test_no_path_of_this_machine_is_in_the_template(blobs: dict[str, str]) -> None:
    """Where it was written is not told."""
    assert [name for name, text in blobs.items() if str(ROOT) in text] == []


@pytest.mark.parametrize(
    "file", [f for f in sources("assignment/solution", "grader/judge/checks/") if f.stat().st_size > 600]
)
def test_search_finds_what_is_hidden(file: Path, hidden: set[tuple[str, ...]]) -> None:
    """A hidden file would be found, in a document and with other names of its own around it too."""
    text = file.read_text(encoding="utf-8")
    assert given_away("notes.py", text, hidden)
    assert given_away("HINTS.md", "\n".join(code(text, only_bodies=True)), hidden)
