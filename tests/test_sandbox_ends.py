"""How a student's process ends, what its caller learns of it, and that nobody else is harmed by it."""

from __future__ import annotations

import os
import select
from pathlib import Path

import processes
import pytest

from conftest import Bench, Benches, start_bench
from grader import limits

# --- how a process ends -----------------------------------------------------------------------------------------------

CUT = "it cut its connection to the grader instead of returning"
LATE = "it ran longer than 0.3 seconds and was stopped"
KILLED = f"it used more than {limits.CPU_SECONDS} seconds of processor time, or killed itself"
FATES = {
    "loop": ("while True:\n    pass", LATE),
    "sleep": ("import time\ntime.sleep(3600)", LATE),
    "lock": ("import threading\nthreading.Lock().acquire() and threading.Event().wait()", LATE),
    "loop that catches everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        LATE,
    ),
    "signals ignored": (
        "import signal\nfor n in (2, 14, 15):\n    signal.signal(n, signal.SIG_IGN)\nwhile True:\n    pass",
        LATE,
    ),
    "holds the interpreter": ("import ctypes\nctypes.PyDLL(None).sleep(3600)", LATE),
    "exit 0": ("import os\nos._exit(0)", "it ended its own process (exit status 0) instead of returning"),
    "exit 3": ("import os\nos._exit(3)", "it ended its own process (exit status 3) instead of returning"),
    "segfault": ("import ctypes\nctypes.string_at(0)", "it crashed the interpreter (signal 11)"),
    "hangs up and sleeps": (
        "import os, time\nos.closerange(3, 64)\ntime.sleep(3600)",
        CUT,
    ),
    "closes everything": (
        "import os\nos.closerange(0, 64)",
        "it ended its own process (exit status 70) instead of returning",
    ),
}


@pytest.mark.parametrize("name", FATES)
def test_call_that_does_not_return_says_why(bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a process fails to answer, its fate is told, and the next one works."""
    code, fate = FATES[name]
    with monkeypatch.context() as hurry:
        if fate == LATE:
            hurry.setattr(limits, "WALL_SECONDS", 0.3)
        if fate == CUT:
            hurry.setattr(limits, "STOP_SECONDS", 0.3)
        done = bench.body(code)
    assert done.answers == fate
    assert bench.still_right()


RAISED = {
    "sys.exit": ("import sys\nsys.exit(0)", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "recursion": ("def f(): f()\nf()", "RecursionError"),
    "memory": ("bytearray(1 << 30)", "MemoryError"),
    "generator exit": ("raise GeneratorExit", "GeneratorExit"),
}


@pytest.mark.parametrize("name", RAISED)
def test_call_that_raises_says_what(bench: Bench, name: str) -> None:
    """Whatever leaves the function, an exit too, is what the caller learns; the process does the next call."""
    code, kind = RAISED[name]
    with bench.process() as place:
        answer = place.body(code).answer
        assert answer.trouble is not None
        assert (answer.kind, answer.trouble.type) == ("raised", kind)
        assert place.call().value == [5, 6]


@pytest.mark.slow
def test_deep_recursion_ends_somehow(bench: Bench) -> None:
    """With the limit of recursion out of the way, the call crashes or raises, and the next one works."""
    done = bench.body(
        "import sys\nsys.setrecursionlimit(10**9)\nv = []\nfor _ in range(10**5): v = [v]\nreturn repr(v)"
    )
    assert isinstance(done.answers, str) or done.answer.kind == "raised" or "no text" in str(done.value)
    assert bench.still_right()


HARMLESS = {
    "current folder deleted": "import os, shutil\nshutil.rmtree(os.getcwd())",
    "moved elsewhere": "import os\nos.chdir('/')",
    "thread left running": "import threading\nthreading.Thread(target=threading.Event().wait).start()",
    "busy thread": "import threading, time\nt = time.sleep\n"
    "threading.Thread(target=lambda: [t(0.001) for _ in iter(int, 1)], daemon=True).start()",
    "fork that fails": "import os\ntry:\n    os.fork() or os._exit(0)\nexcept PermissionError:\n    pass",
    "output closed": "import os, sys\nsys.stdout.close()",
    "output replaced": "import sys\nsys.stdout = None",
    "arguments changed": "import sys\nsys.argv.clear()\nsys.path.clear()",
    "modules forgotten": "import sys\nfor name in ('decimal', 'json', 'models'):\n    sys.modules.pop(name)",
    "audit": "import sys, gc\ngc.disable()\nsys.settrace(lambda *_: None)",
    "exit handler": "import atexit\natexit.register(lambda: 1 / 0)",
    "session left open": "import builtins\nbuiltins.s = s = Session(engine)\ns.add(Product(**products[0]))\ns.flush()",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_process_that_lives_on_makes_the_next_call(bench: Bench, name: str) -> None:
    """What a call leaves behind in its process keeps no later call, there or elsewhere, from being right."""
    with bench.process() as place:
        first = place.body(HARMLESS[name])
        assert first.answer.kind == "returned"
        done = place.call()
    assert done.value == [5, 6]
    assert done.record.after is not None
    assert len(done.record.after.rows) == 6
    assert bench.still_right()


# --- signals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["os.getppid()", "-1", "0", "-os.getpgrp()", "2", "3"])
def test_signals_reach_nobody_else(walled: Bench, target: str) -> None:
    """A process may kill neither its parent nor its group nor everybody: others at work are unharmed."""
    with walled.process() as other:
        assert other.call().value == [5, 6]
        kill = f"import os\ntry:\n    os.kill({target}, 9)\nexcept PermissionError:\n    return 'refused'"
        assert walled.body(kill).value == "refused"
        assert other.call().value == [5, 6]
    assert walled.still_right()


def test_process_may_kill_itself(shared: Bench) -> None:
    """A process that kills itself has ended itself; as the first of a namespace it could not even do that."""
    assert shared.body("import os\nos.kill(os.getpid(), 9)").answers == KILLED


def test_group_of_a_process_is_its_own_without_walls(unwalled: Bench) -> None:
    """At level process a signal to the own group ends that process alone."""
    with unwalled.process() as other:
        assert unwalled.body("import os\nos.killpg(os.getpgrp(), 9)").answers == KILLED
        assert other.call().value == [5, 6]


def test_request_that_is_never_read_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads no further request, however long that is, costs its time and no more."""
    deaf = "import child.driver, threading\nchild.driver.receive = lambda *_: threading.Event().wait()"
    with bench.process() as place:
        assert place.body(deaf).answer.kind == "returned"
        monkeypatch.setattr(limits, "WALL_SECONDS", 0.3)
        done = place.script("x = 1", files={f"m{n}.py": "#" * limits.SOURCE_BYTES for n in range(8)})
    assert done.answers == LATE


# --- what is left behind ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["os.fork()", "os.posix_spawn('/bin/sh', ['sh'], {})"])
def test_nothing_is_forked_behind_walls(walled: Bench, way: str) -> None:
    """A process starts no other, so nothing can outlive it."""
    code = f"import os\ntry:\n    {way} or os._exit(0)\nexcept PermissionError:\n    return 'refused'"
    assert walled.told(code) == "refused"


@pytest.mark.parametrize("program", ["sys.executable", "'/bin/sh'", "'/lib64/ld-linux-x86-64.so.2'"])
def test_no_program_is_run_behind_walls(walled: Bench, program: str) -> None:
    """A process does not become another program either."""
    code = f"import os, sys\ntry:\n    os.execv({program}, ['x'])\nexcept OSError:\n    return 'refused'"
    assert walled.told(code) == "refused"


def test_threads_end_with_their_process(walled: Bench) -> None:
    """Threads that a process has started are gone as soon as it is ended."""
    name = f"left-{os.getpid()}"
    naming = f"import ctypes, threading\nctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)\n"
    with walled.process() as place:
        place.body(f"{naming}threading.Thread(target=threading.Event().wait).start()")
        assert len(processes.named(name)) == 1
    assert processes.named(name) == []


FORKING = """
import ctypes, os, time
ready, done = os.pipe()
if os.fork() == 0:
    ctypes.CDLL(None).prctl(15, {name!r}.encode(), 0, 0, 0)
    os.write(done, b"x")
    time.sleep(3600)
os.read(ready, 1)
"""


def test_fork_does_not_outlive_a_process_without_walls(unwalled: Bench) -> None:
    """At level process, what was only forked is ended too; what detaches itself is not, and that is documented."""
    name = f"fork-{os.getpid()}"
    with unwalled.process() as place:
        place.body(FORKING.format(name=name))
        (left,) = map(os.pidfd_open, processes.named(name))
    ended, _, _ = select.select([left], [], [], limits.STOP_SECONDS)
    os.close(left)
    assert ended == [left]


LEFT = """
import os
open("../left.txt", "w").close()
os.umask(0)
for _ in range(30):
    os.mkdir("d" * 250, 0o700)
    os.chdir("d" * 250)
    open("a" * 250, "w").close()
os.symlink("/", "root")
os.mkdir("closed", 0)
"""


@pytest.mark.parametrize("level", ["bubblewrap-shared", "landlock", "process"])
def test_scratch_goes_with_its_process(level: str, benches: Benches) -> None:
    """However deep and closed, nothing of a process's folder is there for the next process."""
    bench = benches(level)
    bench.body(LEFT)
    assert bench.still_right()
    folder = bench.students._place.host_folder  # noqa: SLF001  # where it lies on this machine
    assert folder is None or list(Path(folder, "work").iterdir()) == []


@pytest.mark.parametrize("level", ["landlock", "process"])
def test_folder_on_the_machine_goes_with_the_sandbox(level: str) -> None:
    """The one folder that these levels make on the machine is removed at the end, with all that was written there."""
    with start_bench(level) as bench, bench.process() as place:
        place.body(LEFT)
        folder = Path(str(bench.students._place.host_folder))  # noqa: SLF001  # as above
        assert folder.is_dir()
    assert not folder.exists()
