"""What a student's process may use: memory, files, processor time, and how much of its output is kept."""

from __future__ import annotations

import pytest

from conftest import Bench, start_bench
from grader import limits
from grader.observe.sandbox.students import StudentSandbox

FILLED = "it wrote more files, or larger ones, than fit into its folder"
FULL = 28  # ENOSPC
WAITING = "import time\ntime.sleep(60)"

LARGE = f"""
import os
for number in range({limits.SCRATCH_BYTES // limits.MIB + 1}):
    with open(str(number), "wb") as file:
        file.write(bytes({limits.MIB}))
"""
MANY = f"""
import os
for number in range({limits.SCRATCH_FILES} + 1):
    os.close(os.open(f"{{number}}.txt", os.O_CREAT | os.O_WRONLY))
"""
DEEP = """
import os
for _ in range(20):
    os.mkdir("d" * 250)
    os.chdir("d" * 250)
"""
CLOSED = """
import os
os.umask(0)
os.mkdir("closed", 0o300)
os.chdir("closed")
"""
SWAPPED = """
import ctypes, os, threading
os.mkdir("one")
os.mkdir("two")
exchange = (316 if os.uname().machine == "x86_64" else 276, -100, b"one", -100, b"two", 2)
threading.Thread(target=lambda: [ctypes.CDLL(None).syscall(*exchange) for _ in iter(int, 1)], daemon=True).start()
os.chdir("one")
"""


def test_memory_is_limited(bench: Bench) -> None:
    """More memory than the limit cannot be had, and the call goes on from there."""
    code = f"try:\n    bytearray({limits.ADDRESS_SPACE})\nexcept MemoryError:\n    return 'refused'"
    assert bench.told(code) == "refused"


def test_size_of_a_file_is_limited(bench: Bench) -> None:
    """No file grows beyond the limit, by writing or by being made so long, and a mapping does not help."""
    code = f"""
    with open("large", "wb", buffering=0) as file:
        try:
            for _ in range({limits.FILE_BYTES // limits.MIB + 1}):
                file.write(bytes({limits.MIB}))
        except OSError as error:
            written = [error.errno, file.tell()]
        try:
            file.truncate({limits.FILE_BYTES} + 1)
        except OSError as error:
            return [*written, error.errno]
    """
    assert bench.told(code) == [27, limits.FILE_BYTES, 27]


@pytest.mark.parametrize("filling", [LARGE, MANY], ids=["large", "many"])
def test_size_of_the_scratch_is_limited(namespaced: Bench, filling: str) -> None:
    """The kernel lets all files together not grow beyond the limit, in bytes or in number."""
    failing = namespaced.body(filling + WAITING).answer.trouble
    assert failing is not None
    assert f"[Errno {FULL}]" in failing.message


@pytest.mark.parametrize("filling", [LARGE, MANY], ids=["large", "many"])
@pytest.mark.parametrize("hiding", ["", DEEP, CLOSED, SWAPPED], ids=["open", "deep", "closed", "swapped"])
def test_who_fills_a_shared_scratch_is_stopped(shared: Bench, hiding: str, filling: str) -> None:
    """Where folders lie on one file system, who writes more than the limit is killed, also who hides it."""
    assert shared.body(hiding + filling + WAITING).answers == FILLED
    assert shared.still_right()


def test_who_fills_a_scratch_without_walls_is_stopped(unwalled: Bench) -> None:
    """At level process, too."""
    assert unwalled.body(LARGE + WAITING).answers == FILLED


def test_files_that_come_and_go_are_no_flood(shared: Bench) -> None:
    """Who makes, renames and removes one file after the other is left in peace."""
    code = """
    import os, time
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        open("a", "w").close()
        os.replace("a", "b")
        os.remove("b")
    return "done"
    """
    assert shared.told(code) == "done"


def test_nothing_moves_between_folders(shared: Bench) -> None:
    """Where folders are measured by looking, nothing can be moved from one to another, but copied."""
    code = """
    import os, shutil
    os.mkdir("one")
    open("one/a", "w").close()
    try:
        os.rename("one/a", "a")
    except OSError as error:
        shutil.move("one/a", "b")
        return [error.errno, os.listdir("one"), os.path.exists("b")]
    """
    assert shared.told(code) == [18, [], True]


def test_open_files_are_limited(bench: Bench) -> None:
    """More descriptors than the limit cannot be had."""
    code = f"""
    try:
        files = [open("/dev/null") for _ in range({limits.OPEN_FILES})]
    except OSError as error:
        return error.errno
    """
    assert bench.told(code) == 24


def test_threads_are_limited_by_their_stacks(bench: Bench) -> None:
    """Each thread takes a stack of the memory that a process has."""
    code = """
    import threading
    stop = threading.Event()
    threading.stack_size(64 << 20)
    try:
        for _ in range(20):
            threading.Thread(target=stop.wait).start()
    except RuntimeError as error:
        return str(error)
    finally:
        stop.set()
    """
    assert bench.told(code) == "can't start new thread"


def test_threads_are_limited_by_number(unwalled: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads with next to no stack are limited, too: not even a process without walls takes all of the machine's."""
    monkeypatch.setattr(limits, "THREADS", 1)
    with StudentSandbox(unwalled.students.level) as students:
        code = "import threading\ntry:\n    threading.Thread(target=print).start()\nexcept RuntimeError as error:\n"
        assert Bench(students, unwalled.databases).told(f"{code}    return str(error)") == "can't start new thread"


@pytest.mark.parametrize("made", ["timer_create(1, None, out)", "landlock_create_ruleset"])
def test_memory_of_the_kernel_is_not_for_the_taking(walled: Bench, made: str) -> None:
    """Timers and rules of Landlock, of which the address space counts nothing, cannot be made."""
    call = f"libc.{made}" if "(" in made else "libc.syscall(444, (ctypes.c_uint64 * 2)(1, 0), ctypes.c_size_t(8), 0)"
    code = "import ctypes\nlibc, out = ctypes.CDLL(None), (ctypes.c_uint64 * 4)()\n"
    assert walled.told(f"{code}return {call}") == -1


@pytest.mark.slow
@pytest.mark.parametrize("level", ["bubblewrap", "process"])
def test_processor_time_is_limited(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop ends at the limit of processor time, also where the clock would give it longer."""
    monkeypatch.setattr(limits, "CPU_SECONDS", 1)
    monkeypatch.setattr(limits, "WALL_SECONDS", 30.0)
    with start_bench(level) as hurried:
        fate = hurried.body("while True:\n    pass").answers
    assert fate == "it used more than 1 seconds of processor time, or killed itself"


def test_printing_is_counted_and_cut(bench: Bench) -> None:
    """A flood of output is read to its end, counted, and kept only in part."""
    done = bench.body("for _ in range(20):\n    print('x' * (1 << 20 - 1))\nprint('end', flush=True)\nreturn 7")
    assert (done.value, len(done.printed)) == (7, limits.OUTPUT_BYTES)
    assert done.printed_bytes == 20 * ((1 << 19) + 1) + 4


def test_output_of_a_call_is_its_own(bench: Bench) -> None:
    """What an earlier call in the same process printed is not in the output of the next."""
    with bench.process() as place:
        assert place.body("print('first')").printed == "first\n"
        assert place.body("import sys\nprint('second', file=sys.stderr)").printed == "second\n"
