"""Photographs nbgrader's pages with grades in them: .venv/bin/python .github/pictures/photograph_nbgrader.py."""  # noqa: INP001  # a script beside its pictures, no package

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURES = Path(__file__).resolve().parent
ROOT = PICTURES.parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the server and the browser are those of the tests

from browser import chromium  # noqa: E402  # only now can it be found
from nbgrader_server import Server, opened, serving  # noqa: E402  # the same
from playwright.sync_api import Browser  # noqa: E402  # the same

GRADER = Path(sys.executable).parent / "grader"
CLASS = {"ada": "accepted/begin_block", "ben": "rejected/commits_in_except", "cleo": "rejected/commit_per_row"}
ASSIGNMENT = "sessions-repository"
SCREEN, LIST = (1000, 640), (1100, 470)


def main() -> None:
    """Grade a small class, push it into a new course, and write the pictures beside this file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for student, submission in CLASS.items():
            shutil.copytree(ROOT / "tests/submissions" / submission, folder / "submissions" / student)
        _grader(folder, "grade-class", "submissions", "--out", "grades")
        _grader(folder, "nbgrader", "new", "course")
        _grader(folder, "nbgrader", "push", "grades", "--course", "course")
        (folder / "home").mkdir()
        with serving(folder / "course", folder / "home") as server, chromium() as browser:
            _photograph(browser, server)


def _grader(folder: Path, *arguments: str) -> None:
    subprocess.run([GRADER, *arguments], cwd=folder, check=True, env=os.environ)  # noqa: S603  # arguments of our own


def _photograph(browser: Browser, server: Server) -> None:
    with opened(browser, server, f"gradebook/{ASSIGNMENT}/report", LIST) as shown:
        shown.page.get_by_text("Submission #3").wait_for()
        shown.page.screenshot(path=PICTURES / "formgrader-class.png")
    with opened(browser, server, server.submission(ASSIGNMENT, "ben"), SCREEN) as shown:
        shown.page.wait_for_function("window.formgrader && formgrader.grades.loaded && formgrader.comments.loaded")
        shown.page.evaluate(
            "document.querySelector('#rollback_nothing_kept').closest('.nbgrader_cell').scrollIntoView()"
        )
        shown.page.mouse.wheel(0, -80)  # the bar at the top lies over the page
        shown.page.screenshot(path=PICTURES / "formgrader-submission.png")


if __name__ == "__main__":
    main()
