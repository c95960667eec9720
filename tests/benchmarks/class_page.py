"""Measures how fast ``class.html`` answers in a browser: a key in the search, and a click on a heading.

Run it on a quiet machine: python -m tests.benchmarks.class_page
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from grader.course.classpage import page

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser import DESK, chromium, opened
from classwork_samples import classwork, evidence

STUDENTS = (30, 300, 3000)
ROUNDS = 8
KEYS, HEADINGS = ("s", "zoe", "student2", ""), (0, 2, 3, 4)
_TIMED = """async ([what, value]) => {
  const before = performance.now();
  if (what === 'type') {
    const search = document.getElementById('search');
    search.value = value;
    search.dispatchEvent(new Event('input', {bubbles: true}));
  } else document.querySelectorAll('#table thead button')[value].click();
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - before;
}"""


def slowest(shown: Page, what: str, values: tuple[object, ...]) -> float:
    """Return the milliseconds of the slowest of some actions, each at its best of a few rounds, with the next frame."""
    return max(min(float(shown.evaluate(_TIMED, [what, value])) for _ in range(ROUNDS)) for value in values)


def main() -> None:
    """Print a table."""
    sys.stdout.write("| students | page, KB | a key, ms | a sort, ms |\n| --: | --: | --: | --: |\n")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for students in STUDENTS:
            file = Path(folder) / f"{students}.html"
            file.write_text(page.render(classwork(students), evidence, Path(folder), {}), encoding="utf-8")
            with opened(browser, file, DESK, "light") as shown:
                typed = slowest(shown.page, "type", KEYS)
                sorted_in = slowest(shown.page, "sort", HEADINGS)
            sys.stdout.write(f"| {students} | {file.stat().st_size / 1000:.0f} | {typed:.0f} | {sorted_in:.0f} |\n")


if __name__ == "__main__":
    main()
