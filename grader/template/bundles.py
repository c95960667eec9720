"""The bundles of platforms that grade: the grader with all that it needs, and the program that the platform starts."""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import requires, version
from pathlib import Path

import grader
from grader.content import Content
from grader.template.folder import PROGRAMS, fresh, write

NAME = "session-grader"
"""What the grader is called where it is installed."""
PACKAGE = Path(grader.__file__).parent
_OLDEST = (1980, 1, 1, 0, 0, 0)  # the first date that a zip file knows: the same content gives the same bytes


def write_classroom50(folder: Path, content: Content) -> None:
    """Write the folder that is published as ``CLASSROOM/autograders/ASSIGNMENT``."""
    with fresh(folder) as staged:
        write(staged, _own("classroom50") | grader_files(content))


def write_gradescope(folder: Path, content: Content) -> None:
    """Write ``autograder.zip``, which is uploaded to Gradescope, and a README."""
    own = _own("gradescope")
    with fresh(folder) as staged:
        write(staged, {"autograder.zip": zipped(own | grader_files(content)), "README.md": own["README.md"]})


BUNDLES: dict[str, Callable[[Path, Content], None]] = {
    "classroom50": write_classroom50,
    "gradescope": write_gradescope,
}


def grader_files(content: Content) -> dict[str, bytes]:
    """Return the grader as it stands here, by name: its package, the assignment, and the libraries it was run with."""
    parts = {"grader": PACKAGE, **{name: content.root / name for name in ("assignment", "starter")}}
    files = {f"{part}/{name}": data for part, folder in parts.items() for name, data in _files(folder)}
    return {**files, "requirements.txt": "".join(f"{line}\n" for line in requirements()).encode()}


def requirements() -> list[str]:
    """Return the libraries of the grader, each in the version that is installed here."""
    settings = PACKAGE.parent / "pyproject.toml"
    if settings.is_file():  # a clone: what is said of its installation may be older
        needed = tomllib.loads(settings.read_text(encoding="utf-8"))["project"]["dependencies"]
    else:
        needed = [line for line in requires(NAME) or [] if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed]
    return [f"{name}=={version(name)}" for name in names]


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip file of ``files``, the same bytes for the same files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _OLDEST)
            entry.external_attr = (0o755 if name in PROGRAMS else 0o644) << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _own(name: str) -> dict[str, bytes]:
    return dict(_files(Path(__file__).parent / name))


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files under a folder by name, without what Python has compiled and what an installed package holds."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if file.is_file() and not {"__pycache__", "_content"} & set(name.parts):
            yield name.as_posix(), file.read_bytes()
