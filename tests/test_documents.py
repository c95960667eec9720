"""What the documents say is true: commands run, links lead somewhere, numbers and pictures are those of the code."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from repository import FENCE, ROOT, Block, blocks, prose, read, tracked

from grader import cli, ending, limits
from grader.observe.sandbox.levels import REPAIR_BUBBLEWRAP

README, CONTRIBUTING, WORKFLOW = "README.md", ".github/CONTRIBUTING.md", ".github/workflows/ci.yml"
DOCUMENTS = [file.as_posix() for file in tracked() if file.suffix == ".md"]
LANGUAGES = {"console", "json", "mermaid", "python", "sql", "text", "toml"}
OTHER_PROGRAMS = {"bash", "cd", "cp", "export", "gh", "git", "source", "sudo", "xargs"}
OURS = cli.app

CODE_SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)#?([^)\s]*)\)")
PLACEHOLDER = re.compile(r"[A-Z]{2,}|[<…*]")
MEASURED = re.compile(r"<!-- benchmark:begin -->.*<!-- benchmark:end -->", re.DOTALL)
UNITS = {"": 1, "s": 1, "KiB": limits.KIB, "MiB": limits.MIB}


def commands(document: str) -> list[list[str]]:
    """Return every command that a document shows, as words: in its console pieces, and of ours also in its prose."""
    lines = [line for block in blocks(document, "console") for line in block.text.splitlines()]
    lines += [
        span for span in CODE_SPAN.findall(prose(document)) if re.match(r"(grader|\S*python|\.venv/bin/\w+) ", span)
    ]
    parts = [shlex.split(part, comments=True) for line in lines for part in line.split(" && ")]
    return [words for words in parts if words]


def bases(document: str) -> list[Path]:
    """Return the folders from which a document names files."""
    folder = (ROOT / document).parent
    return [ROOT, folder, *([ROOT / "starter", ROOT / "assignment/solution"] if folder.name == "assignment" else [])]


def exists(document: str, name: str) -> bool:
    """Tell whether a document's file is there, or is one that a command of the document makes."""
    return name.startswith(("grades/", ".venv/")) or any((base / name).exists() for base in bases(document))


def check_ours(words: list[str]) -> None:
    """Let the command line itself read a command of ours, without running it; it raises what it does not know."""
    assert isinstance(OURS, click.Group)
    if words[0].startswith("-"):
        assert words[0] in options(OURS)
    elif words[1:]:
        OURS.commands[words[0]].make_context(words[0], words[1:])
    else:
        assert words[0] in OURS.commands


def options(command: object) -> set[str]:
    """Return the options of a command."""
    return {name for parameter in getattr(command, "params", ()) for name in parameter.opts if name.startswith("--")}


def check_python(document: str, words: list[str]) -> None:
    """Check that the module or the file that Python is told to run is there, with the files it is given."""
    if words[0] == "-m":
        beside = (ROOT / document).parent / f"{words[1]}.py"  # as Python looks into the current folder first
        assert beside.exists() or importlib.util.find_spec(words[1]), f"{document}: no module {words[1]}"
    files = [word for word in words[words[0] == "-m" :] if word.endswith(".py")]
    assert [file for file in files if not exists(document, file)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_fenced_piece_has_a_language(document: str) -> None:
    """A fenced piece says what it is, and every fence is closed."""
    assert {block.language for block in blocks(document)} <= LANGUAGES
    assert "```" not in prose(document)


@pytest.mark.parametrize("block", [b for d in DOCUMENTS for b in blocks(d, "python", "toml", "json")])
def test_code_can_be_read(block: Block) -> None:
    """Python, TOML and JSON in a document are Python, TOML and JSON."""
    readers: dict[str, Callable[[str], object]] = {"python": ast.parse, "toml": tomllib.loads, "json": json.loads}
    readers[block.language](block.text)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_are_there(document: str) -> None:
    """A command in a document is one of ours with options that it has, or a known program, on files that are there."""
    for words in commands(document):
        program, rest = words[0].removeprefix(".venv/bin/"), words[1:]
        if program == "grader":
            check_ours([re.sub(r"^POINTS$", "60", word) for word in rest])
        elif program.startswith("python"):
            check_python(document, rest)
        else:
            assert program in OTHER_PROGRAMS or words[0].startswith(".venv/bin/"), words


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    """Every relative link names a file, and every anchor a heading of it."""
    for name, anchor in LINK.findall(prose(document)):
        if not name.startswith(("http:", "https:")):
            target = (ROOT / document).parent / name if name else ROOT / document
            assert target.exists(), name
            assert not anchor or anchor in headings(target), f"{name}#{anchor}"


def headings(file: Path) -> set[str]:
    """Return the anchors that GitHub makes of a document's headings."""
    titles = re.findall(r"^#+ +(.*)$", FENCE.sub("", file.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_files_are_there(document: str) -> None:
    """A path in the prose that begins with a folder of ours leads to a file or a folder."""
    tops = {entry.name for base in bases(document) for entry in base.iterdir() if entry.is_dir()}
    spans = [span for span in CODE_SPAN.findall(prose(document)) if re.fullmatch(r"[\w.-]+/[\w./-]*", span)]
    named = [span for span in spans if span.partition("/")[0] in tops and not PLACEHOLDER.search(span)]
    assert [name for name in named if not exists(document, name)] == []


@pytest.mark.parametrize("document", [README, CONTRIBUTING])
def test_named_options_are_there(document: str) -> None:
    """An option that the prose names belongs to a command of ours."""
    assert isinstance(OURS, click.Group)
    known = options(OURS).union(*map(options, OURS.commands.values()))
    named = {span.split()[0] for span in CODE_SPAN.findall(prose(document)) if span.startswith("--")}
    assert named <= known


def test_readme_names_every_command_and_option() -> None:
    """The README leaves out no command of ours and no option."""
    assert isinstance(OURS, click.Group)
    text = prose(README)
    missing = [name for name in OURS.commands if not re.search(rf"`grader {name}\b", text)]
    missing += [option for command in OURS.commands.values() for option in options(command) if option not in text]
    assert missing == []


def test_readme_names_every_exit_status() -> None:
    """The README's table has the exit statuses of the command line, and no other."""
    listed = {int(status) for status in re.findall(r"^\| (\d+) \| (?!\d)", prose(README), re.MULTILINE)}
    assert listed == {0, ending.BELOW, ending.WRONG_USE, ending.FAILED, ending.INTERRUPTED}


def test_limits_are_those_of_the_code() -> None:
    """Every limit that the README quotes is the one in the table of limits."""
    rows = re.findall(r"^\|.*\| ([\d.]+) ?(s|KiB|MiB|) \| `([A-Z_]+)` \|$", prose(README), re.MULTILINE)
    assert rows
    assert {name: float(amount) * UNITS[unit] for amount, unit, name in rows} == {
        name: getattr(limits, name) for *_, name in rows
    }


def test_students_are_told_how_long_a_call_may_take() -> None:
    """The handout says how many seconds a call has."""
    assert re.findall(r"may take (\d+) seconds", prose("assignment/README.md")) == [f"{limits.WALL_SECONDS:g}"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_limits_stand_in_one_table_only(document: str) -> None:
    """A number of KiB or MiB stands in no document, unless the name of its limit stands beside it."""
    lines = [line for line in MEASURED.sub("", prose(document)).splitlines() if re.search(r"\d (KiB|MiB)\b", line)]
    assert [line for line in lines if not re.search(r"`[A-Z_]+` \|$", line)] == []


def test_readme_tells_how_to_install_bubblewrap() -> None:
    """The README and the error message name the same commands."""
    installs = re.findall(r"`(sudo [\w-]+ install bubblewrap)`", prose(README))
    assert installs
    assert [install for install in installs if install not in REPAIR_BUBBLEWRAP] == []


def test_python_is_the_one_of_the_settings() -> None:
    """README, CI and the settings agree on the versions of Python."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    versions = [kind.rpartition(" ")[2] for kind in project["classifiers"] if re.search(r"Python :: 3\.\d+$", kind)]
    assert project["requires-python"] == f">={versions[0]}"
    assert f"Python {versions[0]} or newer" in prose(README)
    assert re.findall(r'"(3\.\d+)"', read(WORKFLOW)) == versions


def test_actions_are_pinned() -> None:
    """The workflow may only read, keeps no credentials, and names each action by its commit, the version beside it."""
    workflow = read(WORKFLOW)
    assert re.findall(r"uses: (?!\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$).*", workflow, re.MULTILINE) == []
    assert re.search(r"^permissions:\n  contents: read\n\n", workflow, re.MULTILINE)
    assert workflow.count("actions/checkout@") == workflow.count("persist-credentials: false") == 1
    assert "run: bash .ci/run\n" in workflow


def test_tree_is_the_real_one() -> None:
    """The README's tree names everything at the top and in each folder that it opens."""
    assert {folder: entries(folder) for folder in tree()} == tree()


def tree() -> dict[str, set[str]]:
    """Return the README's tree: what it names, by folder."""
    (block,) = [block for block in blocks(README, "text") if block.text.startswith("assignment/")]
    path: list[str] = []
    found: dict[str, set[str]] = {}
    for indent, name in re.findall(r"^( *)(\S+)", block.text, re.MULTILINE):
        path[len(indent) // 2 :] = [name]
        found.setdefault("".join(path[:-1]), set()).add(name)
    return found


def entries(folder: str) -> set[str]:
    """Return what lies in a folder, folders with a slash; what a tool wants by that name is left out."""
    inside = [file.relative_to(folder) for file in tracked() if file.is_relative_to(folder)]
    found = {file.parts[0] + "/" * (len(file.parts) > 1) for file in inside}
    by_name = {"__init__.py", ".gitignore", ".gitattributes", ".editorconfig", *([] if folder else [README, "LICENSE"])}
    return found - by_name
