"""Submissions that cannot lie in a repository: links, pipes, files without an end, thousands of files, odd names.

Each function makes one in a folder that holds the solution already. ``HOSTILE`` says what becomes of it: the points
that its honest part deserves, or the words with which the intake refuses it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader import limits

SECRET = "CANARY-behind-a-link"  # noqa: S105  # it only has to be recognised
"""The text of a file outside of the submission, which may turn up nowhere."""


# --- what is no regular file ------------------------------------------------------------------------------------------


def _secret_beside(folder: Path) -> Path:
    secret = folder.parent / "secret.txt"
    secret.write_text(f'raise ImportError("{SECRET}")\n')
    return secret


def symlink_out_of_the_folder(folder: Path) -> None:
    """Let models.py be a link to somebody else's file, so that its text comes back in a traceback."""
    (folder / "models.py").unlink()
    (folder / "models.py").symlink_to(_secret_beside(folder))


def observations_out_of_the_folder(folder: Path) -> None:
    """Let observations.toml be a link to somebody else's file, whose lines an error message would show."""
    (folder / "observations.toml").unlink()
    (folder / "observations.toml").symlink_to(_secret_beside(folder))


def package_out_of_the_folder(folder: Path) -> None:
    """Let a package be a link to a folder of the machine, with more modules in it than may be."""
    (folder / "everything").symlink_to("/usr/lib", target_is_directory=True)


def links_in_a_circle(folder: Path) -> None:
    """Let folders and modules be links to themselves and to each other."""
    (folder / "round").symlink_to(".", target_is_directory=True)
    (folder / "itself.py").symlink_to("itself.py")
    (folder / "models").symlink_to("../alice", target_is_directory=True)


def endless_device(folder: Path) -> None:
    """Let a module be a link to a device that never ends."""
    (folder / "endless.py").symlink_to("/dev/zero")


def fifo_as_module(folder: Path) -> None:
    """Let the script be a pipe to which nobody writes: whoever opens it waits for ever."""
    (folder / "transaction_script.py").unlink()
    os.mkfifo(folder / "transaction_script.py")


def socket_as_module(folder: Path) -> None:
    """Let a module be a socket."""
    here = Path.cwd()
    os.chdir(folder)  # a socket's path may not be as long as a temporary folder's
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind("door.py")
    finally:
        os.chdir(here)


def folder_as_module(folder: Path) -> None:
    """Let models.py be a folder, with a module of that name in it."""
    (folder / "models.py").unlink()
    (folder / "models.py").mkdir()
    (folder / "models.py" / "models.py").write_text("Base = Product = None\n")


# --- too much of it ---------------------------------------------------------------------------------------------------


def sparse_giant_source(folder: Path) -> None:
    """Let a module be of 64 GB, none of which is on the disk."""
    (folder / "giant.py").touch()
    os.truncate(folder / "giant.py", 64 * 1024 * limits.MIB)


def ten_thousand_modules(folder: Path) -> None:
    """Hand in ten thousand modules."""
    for number in range(10_000):
        (folder / f"module{number}.py").touch()


def thousands_of_other_files(folder: Path) -> None:
    """Hand in five thousand files that do not count, half of them where no package is."""
    for place in (folder, folder / "node_modules"):
        place.mkdir(exist_ok=True)
        for number in range(2_500):
            (place / f"file{number}.txt").touch()


def folders_without_end(folder: Path) -> None:
    """Hand in a folder in a folder, two hundred deep, each a package."""
    place = folder
    for _ in range(200):
        place /= "d"
        place.mkdir()
    (place / "deep.py").touch()


def more_than_is_taken_in(folder: Path) -> None:
    """Hand in modules each as large as it may be, and all together larger than they may be."""
    filler = "#" * (limits.SOURCE_BYTES - 1) + "\n"
    for number in range(limits.SOURCES_BYTES // limits.SOURCE_BYTES):
        (folder / f"filler{number}.py").write_text(filler)


# --- names ------------------------------------------------------------------------------------------------------------


def undecodable_names(folder: Path) -> None:
    """Name modules in bytes that are no text, with line ends, escapes and marks of direction."""
    for name in (
        b"caf\xe9.py",
        b"a\nb.py",
        b"\x1b[31mred.py",
        "\u202eyp.slebom.py".encode(),
        b" .py",
        b".py",
        b"-rf.py",
    ):
        (folder / os.fsdecode(name)).write_text("raise SystemExit(0)\n")


def names_that_collide(folder: Path) -> None:
    """Name modules like the ones that count, but for case, blanks or the form of a letter."""
    for name in ("Models.py", "MODELS.PY", "models .py", "models.py ", "transaction\N{LOW LINE}script.py.py", "ﬁx.py"):
        (folder / name).write_text("raise SystemExit(0)\n")


def longest_names(folder: Path) -> None:
    """Name modules and packages as long as a name may be, as deep as modules may lie."""
    place = folder
    for _ in range(limits.SOURCE_DEPTH - 1):
        place /= "p" * 200
        place.mkdir()
        (place / ("m" * 252 + ".py")).touch()


# --- what takes apart those who take it apart ------------------------------------------------------------------------


def deeply_nested_source(folder: Path) -> None:
    """Hand in modules whose nesting has no end: brackets, signs, attributes, branches, operators, comments."""
    bombs = {
        "parentheses": "(" * 100_000,
        "brackets": "[" * 60_000 + "]" * 60_000,
        "signs": "-" * 200_000 + "1",
        "attributes": "x" + ".a" * 100_000,
        "calls": "x" + "()" * 100_000,
        "sums": "+".join("1" * 100_000),
        "powers": "**".join("1" * 60_000),
        "lambdas": "lambda:" * 30_000 + "1",
        "branches": "if 1: pass\n" + "elif 1: pass\n" * 15_000,
        "decorators": "@a\n" * 50_000 + "class C: pass",
        "subscripts": "a[" * 190 + "b c" + "]" * 190,
        "numbers": "9" * 200_000,
    }
    for name, bomb in bombs.items():
        (folder / f"{name}.py").write_text(bomb)


def format_string_bomb(folder: Path) -> None:
    """Hand in a formatted string of 10,000 fields, for which some parsers look through the whole text each time."""
    (folder / "fields.py").write_text("f'" + "{x}" * 10_000 + "'\n")


def thousands_of_findings(folder: Path) -> None:
    """Hand in a module each of whose 35,000 lines is worth a word."""
    (folder / "dicts.py").write_text("vars()\n" * 35_000)


@dataclass(frozen=True)
class Hostile:
    """A submission to make, and its fate: at most ``honest`` points, or a refusal that says ``refused``."""

    make: Callable[[Path], None]
    honest: int = 100
    exact: bool = True
    refused: str = ""


HOSTILE = (
    Hostile(symlink_out_of_the_folder, honest=85),
    Hostile(observations_out_of_the_folder, honest=97),
    Hostile(package_out_of_the_folder),
    Hostile(links_in_a_circle),
    Hostile(endless_device),
    Hostile(fifo_as_module, honest=18, exact=False),
    Hostile(socket_as_module),
    Hostile(folder_as_module, honest=85),
    Hostile(sparse_giant_source),
    Hostile(ten_thousand_modules, refused=f"more than {limits.SOURCE_FILES} Python files"),
    Hostile(thousands_of_other_files),
    Hostile(folders_without_end),
    Hostile(more_than_is_taken_in, refused=f"more than {limits.SOURCES_BYTES // limits.KIB} KiB of Python"),
    Hostile(undecodable_names),
    Hostile(names_that_collide),
    Hostile(longest_names),
    Hostile(deeply_nested_source),
    Hostile(format_string_bomb),
    Hostile(thousands_of_findings),
)
