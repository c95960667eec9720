"""Classes for tests: folders of submissions, runs of the real command over them, and what such a run leaves behind."""

from __future__ import annotations

import difflib
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from processes import command_line, descendants, status

from grader.course.gradebook import open_gradebook

SUBMISSIONS = Path(__file__).parent / "submissions"
WORKER = "multiprocessing.spawn"
"""What the command line of a process that grades says."""

PATIENCE_SECONDS = 60


def made_class(folder: Path, names: Sequence[str]) -> Path:
    """Make a folder with these golden submissions, each under its name without the folder that it lies in."""
    for name in names:
        shutil.copytree(SUBMISSIONS / name, folder / Path(name).name)
    return folder


def command(submissions: Path, out: Path, *more: str) -> list[str]:
    """Return the command that grades a class."""
    return [sys.executable, "-m", "grader", "grade-class", str(submissions), "--out", str(out), *more]


def started(submissions: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    """Start it, with what it says read by us."""
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command(submissions, out, *more), **said)  # type: ignore[call-overload,no-any-return]  # the options of a dict


def finished(submissions: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(command(submissions, out, *more), capture_output=True, text=True, check=False)


def workers(run: subprocess.Popen[str]) -> list[int]:
    """Return the processes of a run that grade."""
    return [pid for pid in descendants(run.pid) if WORKER in command_line(pid)]


def sandboxes(run: subprocess.Popen[str]) -> list[int]:
    """Return the outermost processes of its sandboxes and its database servers."""
    grading = set(map(str, workers(run)))
    return [pid for pid in descendants(run.pid) if status(pid).get("PPid") in grading]


def kill(pids: Iterable[int]) -> None:
    """Kill processes that may have ended by themselves."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, 9)


@contextmanager
def ended(pids: Iterable[int]) -> Iterator[None]:
    """Wait for the end of processes that are not ours, after what is done to them; TimeoutError if they live on."""
    with ExitStack() as stack:
        waiting = select.poll()
        left = set()
        for pid in pids:
            with suppress(ProcessLookupError):
                descriptor = os.pidfd_open(pid)
                stack.callback(os.close, descriptor)
                waiting.register(descriptor, select.POLLIN)
                left.add(descriptor)
        yield
        while left:
            found = waiting.poll(PATIENCE_SECONDS * 1000)
            if not found:
                raise TimeoutError(f"{len(left)} processes outlived their run")
            for descriptor, _ in found:
                waiting.unregister(descriptor)
                left.remove(descriptor)


def left(out: Path) -> dict[str, Any]:
    """Return what a run has left: all of the gradebook and of the reports but times."""
    with open_gradebook(out) as book:
        standings = book.standings()
        history = {s.student.key: len(book.history(s.student.key)) for s in standings}
        evidence = {push.handed.student: book.evidence(push).digest for push in book.pushes()}
    files = {str(path.relative_to(out)): _read(path) for path in sorted(out.rglob("report.*"))}
    stray = sorted(path.name for path in out.rglob(".*"))
    return {"standings": standings, "history": history, "evidence": evidence, "files": files, "stray": stray}


def unlike(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return in what two runs have left something else, files line by line."""
    parts = [part for part in found if part != "files" and found[part] != expected[part]]
    lines = [f"{part}: {found[part]} != {expected[part]}" for part in parts]
    files, others = found["files"], expected["files"]
    if files.keys() != others.keys():
        return [*lines, f"files: {sorted(files.keys() ^ others.keys())}"]
    for name in files:
        before, after = str(others[name]).splitlines(), str(files[name]).splitlines()
        lines += [f"{name}: {line}" for line in difflib.unified_diff(before, after, n=0)]
    return lines


def _read(path: Path) -> Any:  # noqa: ANN401  # whatever JSON holds
    if path.suffix != ".json":
        return path.read_text(encoding="utf-8")
    document = json.loads(path.read_bytes())
    return document["grade"], document["summary"], [test["outcome"] for test in document["tests"]]
