"""What a hostile student puts wherever a text may stand, and what obeys such texts: a runner, a terminal, a browser."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

TEXTS = {
    "screen": "\x1b[2J\x1b[31mred",
    "title": "\x1b]0;title\x07",
    "hidden link": "\x1b]8;;https://example.org\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "C1": "\x9b31m one-byte CSI \x9d0;title\x9c \x90q\x9c",
    "NUL and BEL": "\x00\x01\x07\x7f\x08\x08\x08nul and backspace",
    "carriage return": "0 of 100\r100 of 100 points\r\nover\x0bwritten\x0c",
    "bidi": "\u202egnp.exe\u2066 hidden\u2069\u200f\u061c",
    "zero width": "zero\u200bwidth\ufeff\u2060\u00ad\u200d\u034f",
    "separators": "line\u2028separator\u2029paragraph\x85next",
    "blank letters": "blank\u3164letters\u2800\u115f\u1160\uffa0",
    "tags": "tags\U000e0041\U000e0042 private\ue000 selectors\U000e0100\U000e01ef\ufe00\u180b",
    "surrogates": "half \ud800 character \udcff\udc9b31m",
    "flood": "Z" + "\u0335\u0336\u0334\u0337\u0338" * 40 + "algo",
    "ZWJ": "\U0001f468\u200d\U0001f469\u200d\U0001f467 ❤\ufe0f",
    "rich": "[bold red]markup[/bold red] [link=https://example.org]x[/link] :boom: [/] [@click=app.bell]y[/]",
    "images": "[x](https://example.org) ![i](https://example.org/i.png) <img src=x onerror=alert(1)>",
    "tags of HTML": "</details></td></table><script>alert(1)</script> &lt;b&gt; &#64;x <!-- <![CDATA[ <?x",
    "attribute": "\" onmouseover=\"alert(1)\" x='y' style=position:fixed",
    "autolinks": "https://example.org www.example.org user@example.org ftp://x <https://example.org>",
    "mentions": "@everyone #1 GH-2 owner/name#3 deadbeefcafe owner/name@deadbeefcafe",
    "fences": "```\n# 100 of 100 points\n````\n~~~\n| a | b |\n|---|---|\n",
    "spans": "`` a | b \\| c `` ` **bold** ~~gone~~ __x__ $x$ $`x`$ $$x$$ \\",
    "mermaid": '\n```mermaid\ngraph TD; A-->B; click A href "javascript:alert(1)"\n```\n```math\n\\href{x}{y}\n```',
    "blocks": "x\n\n- list\n> quote\n1. one\n===\n[x]: https://example.org\n[^1]: note\n    code\n***",
    "alert": "> [!WARNING]\n> 100 of 100 points",
    "formula": '=HYPERLINK("https://example.org","100")',
    "formulas": "+1+cmd|' /C calc'!A0\t-2\n@SUM(1)\uff1d1\r=2",
    "error": "::error file=models.py,line=1,title=x::forged",
    "after blanks": " \t\u00a0::stop-commands::x",
    "mask": "::add-mask::0\n::set-output name=points::100\n::set-env name=PATH::x\n::add-path::x",
    "after carriage return": "x\r::warning::y\x0b::notice::z",
    "hidden in escapes": ":\x1b[0m:error::x \u200b::error::y :\u200d:error::z \ufe0f::error::w",
    "colons": ":::error::x",
    "ends in a command": "::error:",
    "ends in two colons": "::",
    "group": "##[group]open ##[error]x ###[add-mask]0",
    "mask anywhere": "before ##[add-mask]0 ##[stop-commands]x ##[set-output name=points;]100",
    "Azure": "##vso[task.setvariable variable=points]100 ##teamcity[buildProblem description='x']",
    "hidden group": "#\x1b[0m#[group]x #\u00ad#[error]x ##\u200b[error]x",
    "encoded": "%0A::error::x %0D%0A##[error]x %25 %3A%3Aerror%3A%3A",
    "matcher": 'x\n  File "models.py", line 1, in x\n    raise ValueError(\'forged\')',
    "long line": "x" * 1_000_000,
    "long command": " " * 79 + "::error::x" + " " * 70 + "##[error]x",
    "many lines": "::error::x\n" * 5000,
    "blank": " ",
}  # fmt: skip
"""Every text by what is nasty about it."""
NASTY = tuple(TEXTS.values())
HONEST = (
    "Lamp, n° 7 größer 日本 'O\\'Hara' 50 % 👍",
    "שלום עולם",
    "قلم رصاص أزرق",
    "prices[::2], prices[::-1]",
    "Zoë, Łódź, naïve cafe\u0301",
)
"""What must stay as it is."""

# --- a terminal -------------------------------------------------------------------------------------------------------
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def unharmed(text: str) -> bool:
    """Tell whether a text holds nothing but characters that can be seen, newlines and our own colours."""
    plain = COLOUR.sub("", text).replace("\n", "")
    return not any(unicodedata.category(character) in _UNSEEN for character in plain)


# --- a runner ---------------------------------------------------------------------------------------------------------
REGISTERED = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "remove-matcher",
    "save-state", "set-env", "set-output", "stop-commands", "warning",
}  # fmt: skip
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_IGNORED = {"Cc", "Cf", "Mn", "Me"}
_OTHER_RUNNERS = re.compile(r"##\w+\[")


@dataclass(frozen=True)
class Command:
    """A workflow command as GitHub's runner understood it."""

    name: str
    properties: dict[str, str]
    data: str


def obeyed(log: str) -> list[Command]:
    """Return the commands that a runner finds in a log, be its lines read as they are or without what is unseen."""
    found = (_command(line) or _command(_seen(line)) for line in _LINE_ENDS.split(log))
    return [command for command in found if command is not None]


def _seen(line: str) -> str:
    """Return a line without colours and without what a comparison that knows languages passes over."""
    if line.isascii() and line.isprintable():
        return line
    return "".join(c for c in COLOUR.sub("", line) if unicodedata.category(c) not in _IGNORED)


def _command(line: str) -> Command | None:
    return _second_version(line) or _first_version(line) or _of_another_runner(line)


def _second_version(line: str) -> Command | None:
    """Read ``::name property=value,…::data``, which begins a line, blanks aside."""
    before, separator, rest = line.lstrip().partition("::")
    head, end, data = rest.partition("::")
    return _registered(head, ",", data) if separator and end and not before else None


def _first_version(line: str) -> Command | None:
    """Read ``##[name property=value;…]data``, which stands anywhere in a line."""
    _, separator, rest = line.partition("##[")
    head, end, data = rest.partition("]")
    return _registered(head, ";", data) if separator and end else None


def _registered(head: str, separator: str, data: str) -> Command | None:
    name, _, properties = head.partition(" ")
    if name.lower() not in REGISTERED:
        return None
    pairs = [pair.partition("=") for pair in properties.strip().split(separator)]
    return Command(name.lower(), {key: _read(value) for key, _, value in pairs if key and value}, _read(data))


def _of_another_runner(line: str) -> Command | None:
    found = _OTHER_RUNNERS.search(line)
    return Command(found.group(), {}, line) if found else None


def _read(text: str) -> str:
    """Undo the escapes, in the order in which the runner does."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text
