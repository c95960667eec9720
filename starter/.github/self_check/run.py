"""Runs the self-checks of a push, and shows what they found: in the summary, at the lines, in the log.

Usage: python .github/self_check/run.py FOLDER

FOLDER gets report.json, summary.md and output.txt. All that your program prints goes into a file first, and is made
visible before it is shown, so that nothing in it is taken for a command to GitHub.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from commands import MOST_ANNOTATIONS, command
from text import code_block, log, markdown, visible

SECONDS = 180
MOST_REPORT_BYTES = 20_000_000
MOST_LOG_BYTES = 200_000
MOST_SHOWN, MOST_LINES, MOST_IN_A_LINE = 20, 20, 200
PROVISIONAL = (
    "This is provisional and not yet the grade: the grade looks at more cases of each task, with other data. "
    "HANDOUT.md says what is asked in full."
)
NOT_OURS = ("GITHUB_", "ACTIONS_", "RUNNER_", "INPUT_")
LINE_OF_YOURS = re.compile(r"^ *([\w./-]+\.py):(\d{1,6}), in ", re.MULTILINE)
STAGES = ("setup", "call", "teardown")


class Task(NamedTuple):
    """A task of the handout, and the text that begins the student's part of it."""

    title: str
    file: str
    begins: str


TASKS = {
    1: Task("the model", "models.py", "class Product"),
    2: Task("add_products", "transaction_script.py", "def add_products"),
    3: Task("preview_ids", "transaction_script.py", "def preview_ids"),
    4: Task("show_reloading", "transaction_script.py", "def show_reloading"),
    5: Task("main", "transaction_script.py", "def main"),
    6: Task("the observations", "observations.toml", ""),
}


class Check(NamedTuple):
    """What became of one self-check. Nothing of it is to be trusted: the report was made beside your program."""

    task: int
    name: str
    green: bool
    message: str

    @property
    def to_do(self) -> bool:
        """Whether it waits for something that is not written yet, which is no mistake."""
        return self.message.startswith("to do: ")


def main(folder: Path) -> int:
    """Run the self-checks and show them; return 0 if every task is green, else 1."""
    folder.mkdir(parents=True, exist_ok=True)
    report, output = folder / "report.json", folder / "output.txt"
    with output.open("wb") as file:
        if run("-m", "pip", "install", "--quiet", *libraries(), output=file) == 0:
            run("-m", "pytest", "--json-report", f"--json-report-file={report}", output=file)
    checks = read(report)
    sys.stdout.write(safe_log(output) + "".join(f"{line}\n" for line in annotations(checks)))
    show_summary("".join(f"{block}\n\n" for block in summary(checks)), folder / "summary.md")
    return 0 if len(green_tasks(checks)) == len(TASKS) else 1


def libraries() -> list[str]:
    """Return what pyproject.toml asks for, to be installed without building anything; pip itself says what is wrong."""
    try:
        return [str(library) for library in tomllib.loads(text_of("pyproject.toml"))["project"]["dependencies"]]
    except (ValueError, LookupError, TypeError) as error:
        return [f"pyproject.toml: {error}"]


def run(*arguments: str, output: BinaryIO) -> int | None:
    """Run Python, without the runner's own variables, into a file; return its exit status, or None out of time."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    process = subprocess.Popen(  # noqa: S603 - Python itself
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        output.write(f"\nStopped after {SECONDS} seconds.\n".encode())
        return None
    finally:
        with suppress(ProcessLookupError):  # nothing is left of it
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def read(report: Path) -> list[Check]:
    """Return the checks of a pytest-json-report; none if there is no such report."""
    try:
        text = report.read_bytes()[:MOST_REPORT_BYTES]
        tests = json.loads(text)["tests"]
        return [check_of(test) for test in tests]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []  # the summary says that nothing was checked, and the log why


def check_of(test: dict[str, Any]) -> Check:
    """Return what the report says of one test."""
    file, _, name = str(test["nodeid"]).partition("::")
    number = re.fullmatch(r"tests/test_([1-9])_\w+\.py", file)
    messages = [str(test[stage]["longrepr"]) for stage in STAGES if "longrepr" in test.get(stage, {})]
    task = int(number.group(1)) if number else 0
    return Check(task, name, test["outcome"] == "passed", messages[0] if messages else "")


def green_tasks(checks: list[Check]) -> list[int]:
    """Return the tasks that were checked and of which every check is green."""
    return [task for task in TASKS if (found := of_task(checks, task)) and all(check.green for check in found)]


def of_task(checks: list[Check], task: int) -> list[Check]:
    """Return the checks of one task."""
    return [check for check in checks if check.task == task]


def summary(checks: list[Check]) -> Iterator[str]:
    """Yield the blocks of the summary, as Markdown."""
    yield f"# {len(green_tasks(checks))} of {len(TASKS)} tasks green"
    yield PROVISIONAL
    if not checks:
        yield "**The self-checks could not be run.** The log of this step says why."
    yield "\n".join(["| task | | checks |", "|---|---|---:|", *(row(checks, task) for task in TASKS)])
    failed = [check for check in checks if not check.green and not check.to_do]
    for check in failed[:MOST_SHOWN]:
        yield f"**{markdown(check.name, MOST_IN_A_LINE)}**"
        yield code_block(shown(check.message), "text")
    if len(failed) > MOST_SHOWN:
        yield f"{len(failed) - MOST_SHOWN} more are in the artifact."
    yield "On your machine: `python -m pytest`"


def shown(message: str) -> str:
    """Return a message as it may stand in a summary or in an annotation, its first lines."""
    return "\n".join(visible(line, MOST_IN_A_LINE) for line in message.split("\n")[:MOST_LINES])


def row(checks: list[Check], task: int) -> str:
    """Return the row of a task in the table."""
    found = of_task(checks, task)
    begun = any(not check.to_do for check in found)
    mark = "✅ green" if task in green_tasks(checks) else "❌ not yet" if begun else "⬜ to do"
    return f"| {task}: {TASKS[task].title} | {mark} | {sum(check.green for check in found)} of {len(found)} |"


def annotations(checks: list[Check]) -> list[str]:
    """Return one workflow command for each line of the student's that a check points at, the first ones of them."""
    found: dict[tuple[str, int], str] = {}
    for check in checks:
        if check.task in TASKS and not check.green:
            file, line = place(check)
            properties = {"file": file, "line": str(line), "title": f"Task {check.task}: {visible(check.name)}"}
            level = "notice" if check.to_do else "error"
            found.setdefault((file, line), command(level, properties, shown(check.message) or "not green"))
    return list(found.values())[:MOST_ANNOTATIONS]


def place(check: Check) -> tuple[str, int]:
    """Return the last line of the student's that the message names, or else where the task begins."""
    for name, line in reversed(LINE_OF_YOURS.findall(check.message)):
        if re.fullmatch(r"(\w+/)*\w+\.py", name) and 0 < int(line) <= length(name):
            return name, int(line)
    task = TASKS[check.task]
    lines = text_of(task.file).splitlines()
    return task.file, next((n for n, text in enumerate(lines, 1) if task.begins and text.startswith(task.begins)), 1)


def length(name: str) -> int:
    """Return how many lines a file has; none if there is no such file."""
    return len(text_of(name).splitlines())


def text_of(name: str) -> str:
    """Return the text of a file of the student's; nothing if it cannot be read."""
    try:
        return Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def safe_log(output: Path) -> str:
    """Return what was printed, its end, made visible and between two lines that switch all commands off and on."""
    token = secrets.token_hex(16)
    said = output.read_bytes()[-MOST_LOG_BYTES:].decode("utf-8", "replace")
    return f"::stop-commands::{token}\n{log(said)}\n::{token}::\n"


def show_summary(text: str, file: Path) -> None:
    """Write the summary into a file of the artifact, and to GitHub where it asks for one."""
    file.write_text(text, encoding="utf-8")
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(page).open("a", encoding="utf-8") as summary_page:
            summary_page.write(text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
