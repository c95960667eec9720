"""Draws the pictures of the README from a submission that is graded now: .venv/bin/python .github/pictures/draw.py."""  # noqa: INP001  # a script beside its pictures, no package

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser
from rich.console import Console
from rich.text import Text

from grader import flow
from grader.observe.submission import take_in
from grader.outputs import console as result
from grader.outputs import html, timeline

PICTURES = Path(__file__).resolve().parent
ROOT = PICTURES.parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the browser is that of the tests

from browser import chromium  # noqa: E402  # only now can it be found

SUBMISSION = "tests/submissions/rejected/commits_in_except"
RUN = "refused.2"
COLUMNS = 120
SCREEN = (1100, 720)
CLASS_SCREEN = (1100, 900)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TRACED = "tests/submissions/rejected/commit_per_row"
TRACE_COMMAND = ["--only", "add_products", "transaction_script.py"]
# As python -m session_trace, where the output is a terminal.
ON_A_TERMINAL = "import session_trace, sys; sys.stdout.isatty = lambda: True; session_trace.main()"
# GitHub shows a picture without loading anything for it; what cannot be loaded is better not asked for.
REMOTE_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw() -> dict[str, str]:
    """Return the pictures as SVG, by file name: a result, the timeline of one of its runs, and a traced session."""
    os.environ.pop(flow.SECRET_VARIABLE, None)  # whoever draws them draws the same hidden inputs
    with flow.observer(None) as observer:
        evidence = observer.observe(take_in(ROOT / SUBMISSION))
    graded, told, traced = _paper(), _paper(), _paper()
    result.render(flow.judged(evidence).report, evidence, graded)
    timeline.render(evidence, told, [RUN])
    traced.print(Text.from_ansi(_session_trace()))
    return {
        "result.svg": _svg(graded, f"grader grade {SUBMISSION}"),
        "session_trace.svg": _svg(traced, " ".join(["python -m session_trace", *TRACE_COMMAND])),
        "timeline.svg": _svg(told, f"grader timeline {SUBMISSION} --run {RUN}"),
    }


def photograph() -> dict[str, bytes]:
    """Return the first screens of a student's report and of a class as PNG, by file name, in light and dark."""
    os.environ.pop(flow.SECRET_VARIABLE, None)  # as above
    with flow.observer(None) as observer:
        evidence = observer.observe(take_in(ROOT / SUBMISSION))
    page = html.render(flow.judged(evidence).report, evidence)
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        screens = {"report": (file, SCREEN), "class": (_class_page(Path(folder)), CLASS_SCREEN)}
        return {
            f"{name}-{theme}.png": _screen(browser, *screen, theme)
            for name, screen in screens.items()
            for theme in THEMES
        }


def _class_page(folder: Path) -> Path:
    """Grade a class, in which several made the same mistakes, and return its page."""
    wrong = [name for name in sorted((ROOT / "tests/submissions/rejected").iterdir()) if "commit" in name.name]
    right = sorted((ROOT / "tests/submissions/accepted").iterdir())[: len(wrong)]
    for number, submission in enumerate([*wrong, *right], 1):
        shutil.copytree(submission, folder / "class" / f"student{number:02}")
    command = [sys.executable, "-m", "grader", "grade-class", str(folder / "class"), "--out", str(folder / "grades")]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # our own command
    return folder / "grades/class.html"


def _screen(browser: Browser, file: Path, size: tuple[int, int], theme: Literal["light", "dark"]) -> bytes:
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
    page.goto(file.as_uri())
    return page.screenshot()


def _session_trace() -> str:
    """Return what a student sees who runs a submission under the starter's session_trace.py."""
    with tempfile.TemporaryDirectory() as folder:
        for file in (ROOT / "starter/session_trace.py", *(ROOT / TRACED).glob("*.py")):
            shutil.copy(file, folder)
        return subprocess.run(  # noqa: S603  # our own submission, with arguments of our own
            [sys.executable, "-c", ON_A_TERMINAL, *TRACE_COMMAND],
            cwd=folder,
            env={**os.environ, "COLUMNS": str(COLUMNS), "NO_COLOR": "", "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout


def _paper() -> Console:
    """Return a console that shows nothing, records all, and does not depend on the terminal at hand."""
    return Console(
        record=True, file=io.StringIO(), width=COLUMNS, force_terminal=True, color_system="truecolor", no_color=False
    )


def _svg(paper: Console, title: str) -> str:
    paper.print()  # the lower edge cuts into the last line
    return REMOTE_FONT.sub("", paper.export_svg(title=title, unique_id="picture"))


def main() -> None:
    """Write the pictures beside this file."""
    for name, svg in draw().items():
        (PICTURES / name).write_text(svg, encoding="utf-8")
    for name, png in photograph().items():
        (PICTURES / name).write_bytes(png)


if __name__ == "__main__":
    main()
