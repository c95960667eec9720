"""No text of a student's is obeyed that the command line prints, whether it grades, refuses or fails."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest
from nasty import NASTY, TEXTS, obeyed, unharmed
from nasty_submission import marked
from outputs_samples import adding, criterion, evidence, report
from repository import ROOT

from conftest import SAFE_LEVEL_NAMES
from grader import cli, flow
from grader.flow import Graded
from grader.observe.observer import Observer

LEVELS = {"error", "warning", "notice"}
END_TO_END = ("screen", "carriage return", "tags of HTML", "error", "group", "hidden in escapes", "bidi", "fences")


class Ended(msgspec.Struct, frozen=True):
    """How a command ended, and what it wrote."""

    status: object
    out: str
    err: str


Line = Callable[..., Ended]


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Line:
    """Return the command line, as a function of its arguments."""

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
        with pytest.raises(SystemExit) as ending:
            cli.main()
        return Ended(ending.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def command(real: Line, walled_observer: Observer, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Return the same, with the shared observer in place of one of its own."""
    monkeypatch.setattr(flow, "observer", lambda _: nullcontext(walled_observer))
    return real


@pytest.mark.slow
@pytest.mark.parametrize("name", END_TO_END)
def test_nothing_is_obeyed_of_a_real_submission(command: Line, tmp_path: Path, name: str) -> None:
    """A submission with a nasty text everywhere, in names of folder and module too, is graded and obeyed nowhere."""
    text = TEXTS[name]
    module = f"{re.sub(r'[^ -~]|[/.]', '', text)}.py"
    folder = marked(tmp_path / text.replace("/", "."), text, module=module)
    done = command("grade", folder, "--out", tmp_path / "out", "--annotations")
    assert done.status == 0, done.err
    own, rest = commands_apart(done.out)
    assert own
    assert all(command.name in LEVELS for command in obeyed(own))
    assert unharmed(rest + done.err)
    assert obeyed(rest + done.err) == []
    assert unharmed((tmp_path / "out" / "report.md").read_text())
    assert json.loads((tmp_path / "out" / "report.json").read_bytes())["grade"]["submission"] == folder.name


def commands_apart(out: str) -> tuple[str, str]:
    """Return the lines that are annotations, and all others."""
    lines = out.split("\n")
    own = [line for line in lines if re.match("::(error|warning|notice) (file=|title=)", line)]
    return "\n".join(own), "\n".join(line for line in lines if line not in own)


@pytest.mark.slow
@pytest.mark.parametrize("name", END_TO_END)
def test_nothing_is_obeyed_of_a_real_timeline(command: Line, tmp_path: Path, name: str) -> None:
    """The timeline of such a submission is obeyed nowhere either."""
    done = command("timeline", marked(tmp_path / "alice", TEXTS[name]))
    assert done.status == 0, done.err
    assert unharmed(done.out + done.err)
    assert obeyed(done.out + done.err) == []


NO_NAME = str.maketrans("/", ".", "\0\ud800")
"""What a name of a file cannot hold."""


@pytest.mark.parametrize("text", [text for text in NASTY if not text.isspace()])
def test_nothing_is_obeyed_of_a_folder_that_is_refused(real: Line, tmp_path: Path, text: str) -> None:
    """A folder that is missing, empty or a file is named in one line of an error, on which nothing acts."""
    folder = tmp_path / text[:80].translate(NO_NAME)
    refusals = [real("grade", folder)]
    folder.mkdir()
    refusals.append(real("grade", folder))
    (folder / "models.py").write_text("")
    (folder / "report.md").mkdir()
    refusals += [real("grade", folder, "--out", folder), real("grade", folder, "--out", folder / "models.py" / "out")]
    refusals.append(real("timeline", folder / "models.py"))
    for done in refusals:
        assert (done.status, done.err.startswith("grader: "), done.err.count("\n")) == (2, True, 1)
        assert unharmed(done.out + done.err)
        assert obeyed(done.out + done.err) == []


@pytest.mark.parametrize("text", [text for text in NASTY if len(text) < 5000 and "\0" not in text])
def test_nothing_is_obeyed_of_an_argument(real: Line, text: str) -> None:
    """What is wrong in the arguments is quoted, and not obeyed."""
    for arguments in (("grade", ".", f"--{text}"), ("grade", ".", "--fail-under", text), (f"x{text}",)):
        done = real(*arguments)
        assert done.status == 2
        assert unharmed(done.err)
        assert obeyed(done.err) == []


@pytest.mark.parametrize("text", NASTY)
def test_nothing_is_obeyed_of_a_traceback(real: Line, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A fault of the grader's own that quotes a student is told, and not obeyed."""

    def broken(_: object) -> Graded:
        raise LookupError(text)

    def withheld(_: object) -> Graded:
        traceback = f"Traceback:\n  {text}\nLookupError: {text}"
        return Graded(report(criterion("flush.ids", "broken")), evidence(adding()), {}, (traceback,))

    for judged in (broken, withheld):
        monkeypatch.setattr(flow, "judged", judged)
        monkeypatch.setattr("grader.cli._observe", lambda *_: None)
        done = real("grade", "alice")
        assert done.status == 3
        assert unharmed(done.err)
        assert obeyed(done.err) == []


# --- when reports are written -----------------------------------------------------------------------------------------

LOOKING = '''
import ctypes, json, os, sys
from pathlib import Path
from grader.__main__ import main
from grader.observe.observer import Observer
from grader.outputs import files

ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: whoever loses its parent becomes a child of this process
seen, observe, write = {}, Observer.observe, files.write

def alive():
    """Return the processes that descend from this one and are not dead."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            lines.append(file.read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = {os.getpid()}
    rows = [(int(line.split()[0]), *line.rpartition(")")[2].split()[:2]) for line in lines]
    for _ in rows:
        found |= {process for process, state, parent in rows if int(parent) in found and state not in "ZX"}
    return sorted(found - {os.getpid()})

def observing(*arguments):
    evidence = observe(*arguments)
    seen["observed"] = alive()
    return evidence

def writing(*arguments):
    seen["written"] = alive()
    write(*arguments)

Observer.observe, files.write = observing, writing
try:
    main()
finally:
    print("\\n" + json.dumps(seen))
'''
STAYING = """
import os, threading, time
def stay():
    for attempt in range(3):
        try:
            if os.fork() == 0:
                os.setsid()
                os.fork()
                time.sleep(100)
        except OSError:
            threading.Thread(target=time.sleep, args=(100,)).start()
stay()
"""


@pytest.mark.slow
@pytest.mark.parametrize("level", SAFE_LEVEL_NAMES)
def test_reports_are_written_when_nobody_of_the_sandbox_lives(tmp_path: Path, level: str) -> None:
    """At the moment of writing no process descends from the grader, though the student's code left some behind."""
    folder = marked(tmp_path / "alice")
    script = folder / "transaction_script.py"
    script.write_text(script.read_text() + STAYING)
    arguments = ["grade", str(folder), "--isolation", level, "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", LOOKING, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["observed"]
    assert seen["written"] == []
