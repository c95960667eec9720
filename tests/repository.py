"""The repository as the tests of its documents and of its architecture read it."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@cache
def tracked() -> list[Path]:
    """Return the files that git tracks or would add, from the root, sorted."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file())


def read(name: str) -> str:
    """Return the text of a file, named from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


class Block(Struct, frozen=True):
    """A fenced piece of a document."""

    document: str
    language: str
    text: str


def blocks(document: str, *languages: str) -> list[Block]:
    """Return the fenced pieces of a document that are in these languages, or all."""
    found = [Block(document, language, text) for _, language, text in FENCE.findall(read(document))]
    return [block for block in found if not languages or block.language in languages]


def prose(document: str) -> str:
    """Return a document without its fenced pieces."""
    return FENCE.sub("", read(document))
