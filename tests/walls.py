"""The walls one by one: a process that confines itself with some of them only, and tells what it can do then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from grader import limits
from grader.observe.child.confinement import Confinement
from grader.observe.sandbox.bait import bait
from grader.observe.sandbox.levels import LANDLOCK, walls
from grader.observe.sandbox.runtime import Program

ROOT = Path(__file__).resolve().parents[1]
LIMITS = {
    "cpu_seconds": limits.CPU_SECONDS,
    "address_space": limits.ADDRESS_SPACE,
    "file_bytes": limits.FILE_BYTES,
    "open_files": limits.OPEN_FILES,
    "threads": limits.THREADS,
    "scratch_bytes": limits.SCRATCH_BYTES,
    "scratch_files": limits.SCRATCH_FILES,
}

TRYING = """
import json, sys
sys.path.insert(0, sys.argv[1])
from grader.observe.child.confinement import Confinement
from grader.observe.child.probe import Bait, holes
settings, bait = json.loads(sys.argv[2])
confinement = Confinement(**settings)
confinement.settle()
print(json.dumps(holes(confinement, Bait(**bait))))
"""
DOING = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from grader.observe.child.confinement import Confinement
settings, code = json.loads(sys.argv[2])
confinement = Confinement(**settings)
confinement.settle()
def function():
{code}
pid = confinement.fork()
if pid == 0:
    confinement.enter("doing")
    print(json.dumps(function()), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
"""


def holes_with(**settings: Any) -> list[str]:  # noqa: ANN401  # settings of a Confinement
    """Return the holes of level landlock with other settings, in words."""
    with LANDLOCK.place(Program(lambda _: "")) as place, bait(LANDLOCK) as laid:
        given = walls(LANDLOCK, place, namespaces=False) | LIMITS | settings
        found = _run(TRYING, [given, laid])
    assert isinstance(found, list)
    return found


def done_with(code: str, **settings: Any) -> Any:  # noqa: ANN401  # settings of a Confinement; whatever the code returns
    """Return what a function of this body returns on level landlock with other settings."""
    with LANDLOCK.place(Program(lambda _: "")) as place:
        given = walls(LANDLOCK, place, namespaces=False) | LIMITS | settings
        body = "\n".join(f"    {line}" for line in code.strip().splitlines())
        return _run(DOING.replace("{code}", body), [given, ""])


def _run(program: str, given: list[Any]) -> Any:  # noqa: ANN401  # what it prints
    assert set(given[0]) == set(Confinement.__dataclass_fields__)
    command = [sys.executable, "-c", program, str(ROOT), json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
