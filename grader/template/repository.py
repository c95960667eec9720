"""The student template: a git repository with one commit, ready to push."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from msgspec import Struct

from grader import outputs
from grader.content import HANDOUT, HINTS, STARTER, Content
from grader.template.folder import TemplateUnwritable, fresh, write

SELF_CHECK = ".github/self_check"
IMMEDIATE = ".github/workflows/grade-now.yml"
SHARED = ("commands.py", "text.py")
"""Modules of the outputs that the self-check of the template uses as well."""
DOCUMENTS = {"HANDOUT.md": HANDOUT, "HINTS.md": HINTS}
MESSAGE = "The assignment"
_REPAIR = 'say whose it is: grader template DIR --author "Ada Lovelace <ada@example.org>"'


class Author(Struct, frozen=True):
    """Whom and when the commit names. The same author and the same content give the same commit."""

    name: str
    email: str
    date: datetime


def write_template(folder: Path, content: Content, author: Author, immediate: str | None = None) -> str:
    """Write the student template into ``folder``, which is new or empty; return the id of its commit.

    ``immediate`` adds a workflow that grades each push at once, by the ``grade.yml`` of ``ORG/REPO@REF``. Raises
    :class:`TemplateUnwritable`, and leaves nothing behind then.
    """
    at_once = {} if immediate is None else {IMMEDIATE: immediate_workflow(immediate)}
    with fresh(folder) as staged:
        write(staged, template_files(content) | at_once)
        _git(staged, "init", "--quiet", "--initial-branch=main", "--template=")
        _git(staged, "add", "--all")
        _git(staged, "commit", "--quiet", f"--message={MESSAGE}", author=author)
        return _git(staged, "rev-parse", "HEAD").strip()


def template_files(content: Content) -> dict[str, bytes]:
    """Return every file of the template by its name."""
    own = Path(outputs.__file__).parent
    return {
        **_starter(content.root / STARTER),
        **{name: (content.root / source).read_bytes() for name, source in DOCUMENTS.items()},
        **{f"{SELF_CHECK}/{name}": (own / name).read_bytes() for name in SHARED},
    }


def immediate_workflow(course: str) -> bytes:
    """Return the workflow that calls the ``grade.yml`` of ``ORG/REPO@REF``; raises :class:`TemplateUnwritable`."""
    found = re.fullmatch(r"([\w-]+/[\w.-]+)@([\w./-]+)", course, re.ASCII)
    if found is None:
        raise TemplateUnwritable(
            f"{course!r} is no ORG/REPO@REF; name the course's own: --immediate my-course/grading@v1"
        )
    text = (Path(__file__).parent / "immediate" / "grade-now.yml").read_text(encoding="utf-8")
    return text.replace("ORG/REPO", found[1]).replace("@REF", f"@{found[2]}").encode()


def _starter(folder: Path) -> dict[str, bytes]:
    """Return the files of the starter, without what running it there has left behind."""
    lines = (folder / ".gitignore").read_text(encoding="utf-8").splitlines()
    left_behind = [line.rstrip("/") for line in lines if line and not line.startswith("#")]
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not _matches(file.relative_to(folder), left_behind)
    }


def _matches(name: Path, patterns: list[str]) -> bool:
    return any(fnmatch(part, pattern) for part in name.parts for pattern in patterns)


def author(said: str | None, date: datetime) -> Author:
    """Return the author ``NAME <MAIL>``, or the one whom git knows here; raises :class:`TemplateUnwritable`."""
    if said is None:
        return Author(_configured("user.name"), _configured("user.email"), date.replace(tzinfo=UTC))
    found = re.fullmatch(r"([^<>\n]*[^<>\s]) *<([^<>\s/@]+@[^<>\s/@]+)>", said)
    if found is None:
        raise TemplateUnwritable(f"{said!r} names no author; {_REPAIR}")
    return Author(found[1], found[2], date.replace(tzinfo=UTC))


def _configured(key: str) -> str:
    try:
        return _run(["config", "--get", key], os.environ).strip()
    except subprocess.CalledProcessError as error:
        raise TemplateUnwritable(f"git knows no {key} for the commit; {_REPAIR}") from error


def _git(folder: Path, *arguments: str, author: Author | None = None) -> str:
    """Run git in a folder, without the settings and hooks of this machine; return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    if author is not None:
        environment |= _identity("AUTHOR", author) | _identity("COMMITTER", author)
    try:
        return _run(["-C", str(folder), *arguments], environment)
    except subprocess.CalledProcessError as error:
        raise TemplateUnwritable(f"git {arguments[0]} failed: {error.stderr.strip()}") from error


def _identity(role: str, author: Author) -> dict[str, str]:
    date = f"{int(author.date.timestamp())} +0000"
    return {f"GIT_{role}_NAME": author.name, f"GIT_{role}_EMAIL": author.email, f"GIT_{role}_DATE": date}


def _run(arguments: list[str], environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603  # arguments of ours
            ["git", *arguments],  # noqa: S607  # the user's own git
            env=dict(environment),
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise TemplateUnwritable("git is not there; repair: sudo apt-get install git") from error
    return done.stdout
