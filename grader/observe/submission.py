"""Intake: takes from a student's folder what counts, and nothing else."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

from grader import limits
from grader.observe.reading import findings
from grader.values import Source, Submission

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "models.py"
SCRIPT = "transaction_script.py"
OBSERVATIONS = "observations.toml"
HANDED_OUT = "session_trace.py"  # it comes with the starter, and its style is not the student's
NOT_MODULES = frozenset({"conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py"})
NOT_FOLDERS = frozenset({"tests", "venv", "env", "node_modules", "build", "dist", "site-packages"})
ENCODINGS = frozenset({"utf-8", "utf-8-sig", "iso8859-1", "cp1252", "ascii"})  # as codecs calls them


class SubmissionUnreadable(ValueError):  # noqa: N818  # it names the fault
    """The folder cannot be taken in; the message names the repair."""


def take_in(folder: Path) -> Submission:
    """Read a student's folder; raises :class:`SubmissionUnreadable`.

    Only regular files count: ``models.py``, ``transaction_script.py``, ``observations.toml`` and the student's own
    modules and packages beside them. A file that is too large, a link, or no text is kept by name with its problem.
    """
    _check_folder(folder)
    try:
        contents = {name: _content(folder / name) for name in sorted(_names(folder))}
    except OSError as error:
        raise SubmissionUnreadable(
            f"{error.filename} cannot be read ({error.strerror}); repair: chmod -R u+rX {folder}"
        ) from error
    if sum(map(len, contents.values())) > limits.SOURCES_BYTES:
        raise SubmissionUnreadable(
            f"{folder} holds more than {limits.SOURCES_BYTES // limits.KIB} KiB of Python; remove what is not theirs"
        )
    if not contents.keys() & {MODEL, SCRIPT, OBSERVATIONS}:
        raise SubmissionUnreadable(
            f"{folder} holds neither {MODEL} nor {SCRIPT}; name the folder that holds them: grader grade path/to/folder"
        )
    sources = tuple(_source(name, content) for name, content in contents.items() if name != OBSERVATIONS)
    observations = _source(OBSERVATIONS, contents.get(OBSERVATIONS, b""))
    return Submission(
        name=folder.resolve().name,
        digest=_digest(contents),
        sources=sources,
        observations=observations.text if OBSERVATIONS in contents else None,
        observations_problem=observations.problem,
        findings=findings(source for source in sources if source.name != HANDED_OUT),
    )


def _check_folder(folder: Path) -> None:
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except PermissionError as error:
        closed = next((p for p in reversed(folder.absolute().parents) if not os.access(p, os.X_OK)), folder.parent)
        raise SubmissionUnreadable(f"{folder} cannot be reached by you; repair: chmod u+rx {closed}") from error
    except OSError as error:
        raise SubmissionUnreadable(
            f"there is no folder {folder}; check the path, or clone the repository first"
        ) from error
    if not is_folder:
        raise SubmissionUnreadable(f"{folder} is a file; name the folder that holds it: grader grade {folder.parent}")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise SubmissionUnreadable(f"{folder} may not be read by you; repair: chmod u+rx {folder}")


def _names(folder: Path) -> Iterator[str]:
    """Yield the relative names of the files that count, packages and modules at most a few folders deep."""
    found = 0
    for place, folders, files in os.walk(folder, onerror=_raise):
        inside = Path(place).relative_to(folder)
        deep = len(inside.parts) >= limits.SOURCE_DEPTH
        folders[:] = [] if deep else sorted(name for name in folders if _is_package_name(name))
        for name in sorted(files):
            if _is_module_name(name) or (not inside.parts and name == OBSERVATIONS):
                found += 1
                if found > limits.SOURCE_FILES:
                    raise SubmissionUnreadable(
                        f"{folder} holds more than {limits.SOURCE_FILES} Python files; remove what is not theirs"
                    )
                yield (inside / name).as_posix()


def _raise(error: OSError) -> None:
    raise error


def _is_module_name(name: str) -> bool:
    # What is not printable may be no text at all (bytes of another encoding), and no import can name it.
    return name.endswith(".py") and name.isprintable() and name not in NOT_MODULES


def _is_package_name(name: str) -> bool:
    return name.isidentifier() and not name.startswith("__") and name not in NOT_FOLDERS


def _content(path: Path) -> bytes | str:
    """Return the bytes of a regular file, or the problem with it."""
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        return f"{path.name} is a link; links are not followed: put the file itself there"
    if not stat.S_ISREG(about.st_mode):
        return f"{path.name} is not a regular file"
    most = limits.OBSERVATIONS_BYTES if path.name == OBSERVATIONS else limits.SOURCE_BYTES
    if about.st_size > most:
        return f"{path.name} is larger than {most // limits.KIB} KiB"
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:  # noqa: PTH123  # from a descriptor: what was looked at is what is read
        return file.read(most)


def _source(name: str, content: bytes | str) -> Source:
    """Decode a file as Python would, with one kind of line ending; only the contract's encodings are no problem."""
    if isinstance(content, str):
        return Source(name, problem=content)
    try:
        declared, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        encoding = codecs.lookup(declared).name
        if encoding not in ENCODINGS:
            return Source(name, problem=f"{name} declares the encoding {declared}; save it as UTF-8")
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (SyntaxError, UnicodeDecodeError):
        return Source(
            name, problem=f"{name} is not UTF-8 text; save it as UTF-8 (or name its encoding in the first line)"
        )
    if "\0" in text:
        return Source(name, problem=f"{name} holds NUL characters; save it as plain UTF-8 text")
    return Source(name, text.replace("\r\n", "\n").replace("\r", "\n"))


def _digest(contents: dict[str, bytes | str]) -> str:
    """Return a digest that changes with any name or byte that counts."""
    digest = hashlib.sha256()
    for name, content in contents.items():
        data = content.encode() if isinstance(content, str) else content
        digest.update(f"{len(name.encode())} {name} {len(data)}\n".encode())
        digest.update(data)
    return f"sha256:{digest.hexdigest()}"
