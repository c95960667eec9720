"""Pieces of code with names, and how they are put into one another."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from string import Template

_ALONE = re.compile(r"( *)\$(\w+)")


@dataclass(frozen=True)
class Fragment:
    """One choice of a dimension: code with ``$places``, what it imports, and what stands above the functions for it."""

    name: str
    code: str = ""
    imports: str = ""
    helper: str = ""


def plain(code: str) -> str:
    """Return code as it is written in a fragment, without the indentation of the fragment."""
    return textwrap.dedent(code).strip("\n")


def fill(code: str, **parts: str) -> str:
    """Put parts into the places of ``code``; raises KeyError for a place without a part.

    A part with a line for itself is indented as that line is; an empty one takes the line away.
    """
    lines = [_filled(line, parts) for line in plain(code).splitlines()]
    return "\n".join(line for line in lines if line is not None)


def _filled(line: str, parts: dict[str, str]) -> str | None:
    alone = _ALONE.fullmatch(line)
    if alone is None:
        return Template(line).substitute(parts)
    part = parts[alone[2]]
    return textwrap.indent(part, alone[1]) if part else None


def blocks(*codes: str) -> str:
    """Return pieces of code one below the other, the empty ones left out."""
    return "\n".join(code for code in map(plain, codes) if code)
