"""Draws the pictures of the README from a submission that is graded now: .venv/bin/python .github/pictures/draw.py."""  # noqa: INP001  # a script beside its pictures, no package

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from rich.console import Console

from grader import flow
from grader.observe.submission import take_in
from grader.outputs import console as result
from grader.outputs import timeline

PICTURES = Path(__file__).resolve().parent
SUBMISSION = "tests/submissions/rejected/commits_in_except"
RUN = "refused.2"
COLUMNS = 120
# GitHub shows a picture without loading anything for it; what cannot be loaded is better not asked for.
REMOTE_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw() -> dict[str, str]:
    """Grade the submission and return the pictures as SVG, by file name: the result, and the timeline of one run."""
    os.environ.pop(flow.SECRET_VARIABLE, None)  # whoever draws them draws the same hidden inputs
    with flow.observer(None) as observer:
        evidence = observer.observe(take_in(PICTURES.parents[1] / SUBMISSION))
    graded, told = _paper(), _paper()
    result.render(flow.judged(evidence).report, evidence, graded)
    timeline.render(evidence, told, [RUN])
    return {
        "result.svg": _svg(graded, f"grader grade {SUBMISSION}"),
        "timeline.svg": _svg(told, f"grader timeline {SUBMISSION} --run {RUN}"),
    }


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


if __name__ == "__main__":
    main()
