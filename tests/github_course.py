"""A course on GitHub as ``grade.yml`` meets it: its own repository, a student's, and a Python to install into."""

from __future__ import annotations

import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

from acted import Acted, act
from repository import ROOT, tracked

from grader.content import SOLUTION

COURSE, STUDENT = "course/grading", "course/hw-ada"
SECRET = "a secret of the course's"  # noqa: S105  # the tests' own
WORKFLOW = ".github/workflows/grade.yml"
NEEDED = (WORKFLOW, ".github/actions", "grader", "assignment", "starter", "pyproject.toml", "README.md", "LICENSE")
RIGHT = {file.name: file.read_text(encoding="utf-8") for file in sorted((ROOT / SOLUTION).glob("*.*"))}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; return what it prints."""
    who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def committed(folder: Path, name: str) -> Path:
    """Commit all that is in a folder; GitHub would call the repository ``name``."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Everything")
    git(folder, "remote", "add", "origin", f"https://github.com/{name}.git")
    return folder


def fresh_python(folder: Path) -> Path:
    """Return a Python of its own, into which a workflow installs the grader; the libraries are those that are here."""
    venv.create(folder)
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (packages / "here.pth").write_text(f"import site; site.addsitedir({site.getsitepackages()[0]!r})\n")
    return folder / "bin" / "python"


def log(run: Acted) -> str:
    """Return all that the log of a run says, for a test that fails."""
    return "\n".join(str(line.get("msg")) for line in run.lines)


class Course:
    """The course's own repository, and what a student has pushed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.python = fresh_python(folder / "python")
        self.server = folder / "server" / f"{STUDENT}.git"
        self.settings = (
            f"--env=REPOSITORIES_OF_THE_TESTS={folder / 'server'}",
            "--env=PIP_NO_INDEX=1",
            "--env=PIP_NO_BUILD_ISOLATION=0",  # pip's way to say that there is none
            "--var=GRADER_APP_ID=4711",
            "--secret=GRADER_APP_KEY=key-of-the-app",
        )

    def pushed(self, files: dict[str, str]) -> str:
        """Put files into the student's repository as their only commit; return its id."""
        work = self.folder / "work"
        work.mkdir()
        for name, text in files.items():
            (work / name).write_text(text, encoding="utf-8")
        committed(work, STUDENT)
        git(self.folder, "clone", "--quiet", "--bare", str(work), str(self.server))
        return git(work, "rev-parse", "HEAD")

    def repository(self) -> Path:
        """Return a clone of the course's repository, as it stands in this project."""
        clone = self.folder / "course"
        for file in tracked():
            if file.as_posix().startswith(NEEDED):
                (clone / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, clone / file)
        return committed(clone, COURSE)

    def run(self, inputs: dict[str, str], *options: str) -> Acted:
        """Start the workflow by hand."""
        given = [f"--input={name}={value}" for name, value in inputs.items()]
        return act(
            self.repository(), self.home, "workflow_dispatch", *given, *self.settings, *options, python=self.python
        )

    def grade(self, files: dict[str, str]) -> Acted:
        """Grade what a student has pushed."""
        inputs = {"repository": STUDENT, "commit": self.pushed(files), "student": "ada"}
        return self.run(inputs, f"--secret=GRADER_SECRET={SECRET}")
