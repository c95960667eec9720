"""What is left when a part of the grader is killed: no process, no folder, no wrong word about a student."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import processes
import pytest

from conftest import LEVEL_NAMES, SAFE_LEVEL_NAMES, Benches, start_bench
from grader import limits
from grader.observe.sandbox.databases import DatabaseLost
from grader.observe.sandbox.students import SandboxFailed

ROOT = Path(__file__).resolve().parents[1]
CLASS = """
import itertools, sys
from grader import flow
from grader.content import SOLUTION, find_content
from grader.observe.submission import take_in
runs = itertools.count()
with flow.observer(sys.argv[1]) as observer:
    while True:
        observer.observe(take_in(find_content().root / SOLUTION), lambda run: print(next(runs), flush=True))
"""


@contextmanager
def grading_a_class(level: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a grader with temporary files in ``folder`` that grades one submission after the other, without an end."""
    command = [sys.executable, "-c", CLASS, level]
    surroundings = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen(command, env=surroundings, cwd=ROOT, stdout=subprocess.PIPE, text=True) as grader:
        yield grader
        grader.kill()


def folders(pids: list[int]) -> set[Path]:
    """Return the folders of the machine that the command lines of processes name as the grader's."""
    return {
        Path(found)
        for line in map(processes.command_line, pids)
        for found in re.findall(r"/[\w./-]*/grader-[\w-]+", line)
    }


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVEL_NAMES)
def test_nothing_is_left_of_a_killed_grader(level: str, tmp_path: Path) -> None:
    """When the grader is killed in the middle of a class, all its processes end and all its folders go."""
    with grading_a_class(level, tmp_path) as grader:
        assert grader.stdout is not None
        while int(grader.stdout.readline()) < 30:  # in the middle of the second submission
            pass
        below = processes.descendants(grader.pid)
        made = folders(below)
        grader.kill()
    assert len(below) >= 2
    assert len(made) == {"process": 2, "landlock": 3}.get(level, 1)  # scratches of two sandboxes, and the bait
    assert processes.soon(lambda: not any(map(processes.status, below)))
    assert processes.soon(lambda: not any(folder.exists() for folder in made))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("level", LEVEL_NAMES)
def test_killed_sandbox_is_the_graders_failure(level: str) -> None:
    """When a sandbox is killed in the middle of a call, that is no fault of the student's, and nothing hangs."""
    with start_bench(level) as bench, ThreadPoolExecutor() as threads:
        with bench.process() as place:
            called = threads.submit(place.body, "import time\ntime.sleep(3600)")
            bench.students._process.kill()  # noqa: SLF001  # what happens then is the question
            assert isinstance(called.exception(), SandboxFailed)
        with pytest.raises(SandboxFailed):
            bench.call()


@pytest.mark.parametrize("level", LEVEL_NAMES)
def test_killed_database_server_is_told(level: str) -> None:
    """When the database server is killed, the call that is being made says so, and the next one is not begun."""
    with start_bench(level) as bench:
        with bench.process() as place:
            place.call()
            server = bench.databases._process  # noqa: SLF001  # as above
            below = processes.descendants(server.pid)
            server.kill()
            server.wait()
            assert processes.soon(lambda: not any(map(processes.status, below)))
            assert "its database was lost" in str(place.call().answers)
        with pytest.raises(DatabaseLost):
            bench.call()


def test_sandbox_that_dies_is_the_graders_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """At level process a student's code can kill the sandbox itself: then nothing is graded, and nothing hangs."""
    monkeypatch.setattr(limits, "STOP_SECONDS", 2.0)
    with start_bench("process") as bench:
        with pytest.raises(SandboxFailed):
            bench.body("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(3600)")
        with pytest.raises(SandboxFailed):
            bench.call()


MEETING = """
import os
try:
    return open({path!r}).read()
except OSError:
    pass
try:
    os.kill({pid}, 0)
    return "found " + str(os.getpid()) if os.getpid() != {pid} else "alone"
except OSError:
    return "alone"
"""


@pytest.mark.parametrize("level", SAFE_LEVEL_NAMES)
def test_two_sandboxes_do_not_meet(level: str, benches: Benches) -> None:
    """A process of one sandbox finds neither the files nor the processes of another one at work at the same time."""
    with start_bench(level) as other, other.process() as there:
        leave = "import os\nopen('../left', 'w').write('x')\nreturn [os.path.abspath('../left'), os.getpid()]"
        path, pid = there.body(leave).value
        assert benches(level).told(MEETING.format(path=path, pid=pid)) == "alone"
        assert there.call().value == [5, 6]
    assert benches(level).still_right()
