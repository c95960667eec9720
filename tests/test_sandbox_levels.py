"""Which level of isolation is chosen, found out by trying, and what the command line says of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import LEVEL_NAMES
from grader.content import SOLUTION, find_content
from grader.observe.child import landlock
from grader.observe.sandbox.levels import LEVELS
from grader.observe.sandbox.starting import FALLBACK, IsolationMissing, Sandboxes, candidates, problem

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = str(find_content().root / SOLUTION)
INSTALL = "sudo apt-get install bubblewrap"
ROOTLESS = "bubblewrap: it does not work here"
# What Ubuntu's profile for bubblewrap does: it works, but what runs inside of it has no capability.
WITHOUT_CAPABILITIES = """#!/bin/bash
given=()
while [ $# -gt 0 ]; do
  if [ "$1 $2" = "--cap-add CAP_SYS_ADMIN" ]; then shift 2; else given+=("$1"); shift; fi
done
exec {bwrap} "${{given[@]}}"
"""
FAILING = "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n"

Machine = Callable[[str | None], Path]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a function that makes this a machine with such a bwrap, or with none; it returns the folder of that."""
    real = shutil.which("bwrap")

    def make(bwrap: str | None) -> Path:
        if bwrap is not None:
            (tmp_path / "bwrap").write_text(bwrap.format(bwrap=real))
            (tmp_path / "bwrap").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        return tmp_path

    return make


def chosen(wanted: str | None = None) -> tuple[str, list[str]]:
    """Return the level that is chosen, and what is said of those that were passed over."""
    with Sandboxes(candidates(wanted)) as sandboxes:
        sandboxes.settle()
        return sandboxes.level.name, sandboxes.passed_over


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_best_level_is_chosen() -> None:
    """Without a wish, the first level is chosen where it works."""
    assert chosen() == ("bubblewrap", [])


def test_level_without_capabilities_is_second(machine: Machine) -> None:
    """Where bubblewrap may make no further namespaces, as under Ubuntu's profile, one sandbox serves all runs."""
    machine(WITHOUT_CAPABILITIES)
    level, (said,) = chosen()
    assert level == "bubblewrap-shared"
    assert said.startswith(f"{ROOTLESS}: the walls ")


def test_landlock_is_third(machine: Machine) -> None:
    """Where bubblewrap fails, Landlock is used, and what bwrap said is told of both levels."""
    machine(FAILING)
    level, said = chosen()
    assert level == "landlock"
    assert [one.partition(":")[0] for one in said] == ["bubblewrap", "bubblewrap-shared"]
    assert all("setting up uid map" in one for one in said)


def test_landlock_needs_no_bubblewrap(machine: Machine) -> None:
    """Where bubblewrap is not installed, Landlock is used, and the command that installs it is told."""
    machine(None)
    level, said = chosen()
    assert level == "landlock"
    assert all("is not installed" in one and INSTALL in one for one in said)


def test_nothing_safe_is_an_error_with_every_repair(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing safe works, nothing is chosen, and the message has each level, its repair, and the way without."""
    machine(FAILING)
    monkeypatch.setattr(landlock, "abi", lambda: 2)
    with pytest.raises(IsolationMissing) as caught:
        chosen()
    *said, fallback = str(caught.value).splitlines()
    assert [one.partition(":")[0] for one in said] == ["bubblewrap", "bubblewrap-shared", "landlock"]
    assert "this kernel has Landlock 2, 3 is needed: Linux 6.2 or newer" in said[-1]
    assert fallback == FALLBACK


def test_nothing_safe_is_there_at_once(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is even installed, that is found before anything is started."""
    machine(None)
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    with pytest.raises(IsolationMissing, match=INSTALL), Sandboxes(candidates(None)):
        raise AssertionError("nothing can be started here")


@pytest.mark.parametrize(
    ("bwrap", "said"), [(None, "is not installed"), (FAILING, "setting up uid map")], ids=["none", "failing"]
)
@pytest.mark.parametrize("name", ["bubblewrap", "bubblewrap-shared"])
def test_level_asked_for_is_not_replaced(machine: Machine, name: str, bwrap: str | None, said: str) -> None:
    """A level that was asked for by name and does not work here is refused."""
    machine(bwrap)
    with pytest.raises(IsolationMissing, match=said) as caught:
        chosen(name)
    assert str(caught.value).count(f"{name}: ") == 1


def test_landlock_asked_for_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for Landlock."""
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    with pytest.raises(IsolationMissing, match="landlock: this kernel has Landlock 0"):
        chosen("landlock")


def test_unsafe_level_is_chosen_by_name_only() -> None:
    """What walls nothing in is no candidate, unless it is asked for."""
    assert [level.name for level in candidates(None)] == LEVEL_NAMES[:-1]
    assert [(level.name, level.safe) for level in candidates("process")] == [("process", False)]


def test_unknown_level_names_the_known_ones() -> None:
    """A level that is none is refused, and the levels are named."""
    with pytest.raises(IsolationMissing, match="choose one of bubblewrap, bubblewrap-shared, landlock, process"):
        candidates("docker")


@pytest.mark.parametrize(("system", "machine_", "said"), [("darwin", "arm64", "Lima"), ("linux", "riscv64", "aarch64")])
def test_other_machines_are_told_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, system: str, machine_: str, said: str
) -> None:
    """On another system, or another kind of processor, each safe level says what it takes."""
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine_)
    assert [said in str(level.missing()) for level in LEVELS] == [True, True, True, False]


def test_repair_for_ubuntu_is_told(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where AppArmor keeps ordinary users from namespaces, the command that allows them is told."""
    (tmp_path / "setting").write_text("1\n")
    monkeypatch.setattr("grader.observe.sandbox.repairs._APPARMOR", tmp_path / "setting")
    machine(FAILING)
    assert "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" in str(problem(LEVELS[0]))


# --- the command line -------------------------------------------------------------------------------------------------


def command(*arguments: str, path: Path, version: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line where programs lie in ``path``, and with that version of Landlock."""
    older = "" if version is None else f"from grader.observe.child import landlock; landlock.abi = lambda: {version}; "
    program = f"import sys; sys.argv[0] = 'grader'; {older}from grader.__main__ import main; main()"
    line = [sys.executable, "-B", "-c", program, *arguments]
    surroundings = os.environ | {"PATH": str(path), "COLUMNS": "200"}
    return subprocess.run(line, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("bwrap", "level"),
    [(WITHOUT_CAPABILITIES, "bubblewrap-shared"), (FAILING, "landlock"), (None, "landlock")],
    ids=["without capabilities", "failing", "none"],
)
def test_grading_goes_on_with_the_next_level(machine: Machine, bwrap: str | None, level: str) -> None:
    """``grader grade`` gives the same points on whatever level it finds, and says which."""
    done = command("grade", REFERENCE, path=machine(bwrap))
    better = LEVEL_NAMES[: LEVEL_NAMES.index(level)]
    said = [line.removeprefix("grader: not isolated by ").partition(":")[0] for line in done.stderr.splitlines()]
    assert (done.returncode, said) == (0, better)
    assert "100 of 100 points" in done.stdout
    assert f"isolation: {level}" in done.stdout


def test_grading_without_walls_is_refused(machine: Machine) -> None:
    """Where nothing safe works, ``grader grade`` ends with 2, the repairs, and the way for one's own code."""
    done = command("grade", REFERENCE, path=machine(FAILING), version=0)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"grader: {ROOTLESS}")
    assert done.stderr.endswith(f"{FALLBACK}\n")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_doctor_tries_every_level(machine: Machine) -> None:
    """The doctor says of each level whether it works here, with the repair, and which one is used."""
    done = command("doctor", path=machine(WITHOUT_CAPABILITIES))
    marks = [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith(("✓", "✗"))]
    assert marks == ["✗ bubblewrap", "✓ bubblewrap-shared", "✓ landlock", "✓ process"]
    assert (done.returncode, "grader grade uses: bubblewrap-shared\n" in done.stdout) == (0, True)


def test_doctor_without_walls_ends_with_one(machine: Machine) -> None:
    """Where nothing safe works, the doctor ends with 1, and has a repair for each level."""
    done = command("doctor", path=machine(None), version=0)
    assert (done.returncode, done.stdout.count(INSTALL)) == (1, 2)
    assert "Linux 6.2 or newer" in done.stdout
    assert done.stdout.endswith("grader grade uses: nothing: no level with walls works here\n")
