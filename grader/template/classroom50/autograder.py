# ruff: noqa: INP001  # Classroom 50 starts it as a program; it is no module of ours
"""Grades the submission in the current folder for Classroom 50, with the grader that lies beside this file.

Writes result.json and release-body.md, and says status and summary. A status that is not 0 means that there is no
grade: Classroom 50 then reports an error of the infrastructure, and nobody loses a point.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

BUNDLE = Path(__file__).resolve().parent
FOR_GITHUB = "github-output.txt"


def main() -> int:
    """Grade, and return the status for the runner of Classroom 50."""
    libraries = [sys.executable, "-m", "pip", "install", "--quiet", "-r", str(BUNDLE / "requirements.txt")]
    subprocess.run(libraries, env=surroundings(), check=True)  # noqa: S603  # pip itself
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        grading = [sys.executable, "-m", "grader", "grade", ".", "--out", str(out), "--for", "classroom50"]
        status = subprocess.run(grading, env=surroundings(), check=False).returncode  # noqa: S603  # the grader
        if not (out / "result.json").is_file():
            return status or 1
        for name in ("result.json", "release-body.md"):
            shutil.copyfile(out / name, name)
        tell_github((out / FOR_GITHUB).read_text(encoding="utf-8"))
    return 0


def surroundings() -> dict[str, str]:
    """Return an environment in which Python finds modules beside this file, and none in the student's folder."""
    return {**os.environ, "PYTHONPATH": str(BUNDLE), "PYTHONSAFEPATH": "1"}


def tell_github(lines: str) -> None:
    """Add lines to the outputs of the step, where there is a step."""
    if file := os.environ.get("GITHUB_OUTPUT"):
        with Path(file).open("a", encoding="utf-8") as outputs:
            outputs.write(lines)


if __name__ == "__main__":
    sys.exit(main())
