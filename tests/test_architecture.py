"""The house keeps its shape: what may import what, how long things are, what has a docstring and what a reason."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from repository import ROOT, tracked

# What each part of the grader may import of the grader. Of the names that fit a module the longest counts. A row names
# only rows above it: an import goes down or sideways; and observe and judge never meet.
MAY_IMPORT = {
    "grader": [],
    "grader.values": [],
    "grader.limits": [],
    "grader.told": [],
    "grader.observe.child": ["grader.observe.child"],
    "grader.observe.database": ["grader.values", "grader.limits", "grader.observe.child.wire",
                                "grader.observe.child.confinement", "grader.observe.child.folders",
                                "grader.observe.database"],
    "grader.observe": ["grader", "grader.values", "grader.limits", "grader.told", "grader.observe"],
    "grader.judge": ["grader.values", "grader.told", "grader.judge"],
    "grader.proof.verdicts": ["grader.values"],
    "grader.shipped": [],
    "grader.content": ["grader.judge.rubric", "grader.shipped"],
    "grader.outputs": ["grader.values", "grader.content", "grader.judge.rubric", "grader.judge.trace",
                       "grader.judge.record", "grader.proof.verdicts", "grader.outputs"],
    "grader.template": ["grader", "grader.content", "grader.outputs", "grader.template"],
    "grader.flow": ["grader.values", "grader.content", "grader.observe", "grader.judge"],
    "grader.proof": ["grader", "grader.values", "grader.content", "grader.observe", "grader.outputs", "grader.flow",
                     "grader.proof"],
    "grader.course": ["grader", "grader.values", "grader.content", "grader.observe", "grader.judge", "grader.outputs",
                      "grader.flow", "grader.course"],
    "grader.github": ["grader", "grader.values", "grader.limits", "grader.content", "grader.observe", "grader.judge",
                      "grader.outputs", "grader.flow", "grader.course", "grader.github"],
    "grader.notebook": ["grader", "grader.values", "grader.content", "grader.observe", "grader.judge", "grader.outputs",
                        "grader.flow", "grader.course", "grader.notebook"],
    "grader.ending": ["grader.observe", "grader.outputs", "grader.template", "grader.course", "grader.github",
                      "grader.notebook"],
    "grader.cli": ["grader", "grader.values", "grader.content", "grader.observe", "grader.judge", "grader.outputs",
                   "grader.flow", "grader.template", "grader.ending", "grader.proof", "grader.course", "grader.github",
                   "grader.notebook"],
    "grader.__main__": ["grader.cli"],
}  # fmt: skip
BESIDE_STUDENT_CODE = {"sqlalchemy", "msgspec", *sys.stdlib_module_names}
RUNS_SOMETHING = {"subprocess", "multiprocessing", "concurrent", "socket", "runpy", "sqlite3", "sqlalchemy"}
SAY_NOTHING = {"utils", "helpers", "common", "core"}
TOP_LEVEL = {
    "assignment", "starter", "grader", "tests", ".github", ".ci", "pyproject.toml", "README.md", "LICENSE",
    ".gitignore", ".gitattributes", ".editorconfig", "uv.lock", ".python-version", ".devcontainer",
}  # fmt: skip
# Read as one file: what a student gets (the grader's recorder, and what shows it), and the notebook, cell after cell.
ONE_FILES = {"starter/session_trace.py", "assignment/notebook/sessions.py"}
MODULE_LINES, CHECK_LINES, MEDIAN_LINES, FUNCTION_LINES = 300, 12, 8, 30
NEARLY_ALL = 0.95

EXCEPTION = re.compile(r"#\s*(?:noqa(?::[\sA-Z0-9,]+\b)?|type:\s*ignore(?:\[[^]]*\])?|pragma:\s*no \w+)")
# Every Linux has a /root and a /home, and a test may say so; what lies below them is somebody's.
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:work(?![\w-])|(?:root|home)/[\w.])")


def modules(*folders: str) -> list[Path]:
    """Return the Python files in these folders at the top; what students handed in is not ours."""
    python = [file for file in tracked() if file.suffix == ".py" and "submissions" not in file.parts]
    return [file for file in python if file.parts[0] in folders]


@cache
def tree(file: Path) -> ast.Module:
    """Return a file as Python reads it."""
    return ast.parse((ROOT / file).read_bytes())


def dotted(file: Path) -> str:
    """Return the name under which a file is imported."""
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path) -> Iterator[str]:
    """Yield what a file imports, anywhere in it and for types as well, as full names of modules."""
    package = file.parent.parts
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (name if is_module(name := f"{base}.{alias.name}") else base for alias in node.names)


def is_module(name: str) -> bool:
    """Tell whether a name is a module or a package of ours."""
    place = ROOT.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def within(name: str, parts: Iterable[str]) -> list[str]:
    """Return those of the parts in which a module lies, the smallest first; ``grader`` is its own file alone."""
    around = [part for part in parts if name == part or (part != "grader" and name.startswith(f"{part}."))]
    return sorted(around, key=len, reverse=True)


def functions(files: Iterable[Path]) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Yield every function with its place and its length in lines, signature and docstring included."""
    for file in files:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file}:{node.lineno} {node.name}", node, (node.end_lineno or 0) - node.lineno + 1


def test_imports_go_down_and_never_across_the_border() -> None:
    """Every module of the grader imports only what its row of the table allows."""
    wrong = [
        f"{file} imports {name}"
        for file in modules("grader")
        for name in imports(file)
        if name.split(".")[0] == "grader" and not within(name, MAY_IMPORT[within(dotted(file), MAY_IMPORT)[0]])
    ]
    assert not wrong, "\n".join(wrong)


def test_table_of_imports_only_points_up() -> None:
    """A row of the table names itself and rows above it, or parts of those."""
    rows = list(MAY_IMPORT)
    wrong = [row for n, row in enumerate(rows) for name in MAY_IMPORT[row] if not within(name, rows[: n + 1])]
    assert not wrong, "\n".join(wrong)


def test_code_beside_students_imports_nothing_of_ours_by_name() -> None:
    """What runs beside student code imports what students have, too, and its own package relatively."""
    child = [file for file in modules("grader") if dotted(file).startswith("grader.observe.child")]
    wrong = [
        f"{file}:{node.lineno}"
        for file in child
        for node in ast.walk(tree(file))
        if (isinstance(node, ast.Import) and {alias.name.split(".")[0] for alias in node.names} - BESIDE_STUDENT_CODE)
        or (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and str(node.module).split(".")[0] not in BESIDE_STUDENT_CODE
        )
    ]
    assert child
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", ["judge", "outputs"])
def test_right_of_the_border_nothing_is_run(part: str) -> None:
    """Judge and outputs import nothing that starts a program, opens a socket or talks to a database."""
    files = [file for file in modules("grader") if file.parts[1] == part]
    assert files
    assert [
        f"{file} imports {name}" for file in files for name in imports(file) if name.split(".")[0] in RUNS_SOMETHING
    ] == []


@pytest.mark.parametrize(("part", "other"), [("judge", "observe"), ("outputs", "observe"), ("observe", "judge")])
def test_border_holds_when_everything_is_imported(part: str, other: str) -> None:
    """With all modules of one side imported, none of the other side has been."""
    names = [dotted(file) for file in modules("grader") if file.parts[1] == part]
    program = (
        f"import {', '.join(names)}, sys; print([name for name in sys.modules if name.startswith('grader.{other}')])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_no_module_has_a_name_that_says_nothing() -> None:
    """No module or folder is called utils, helpers, common or core."""
    files = modules("grader", "tests", "assignment", "starter", ".github")
    assert [file for file in files if SAY_NOTHING & {part.strip("_") for part in (*file.parent.parts, file.stem)}] == []


def test_modules_are_short() -> None:
    """No module that is installed or handed out has more lines than the house allows."""
    lengths = {
        str(file): len((ROOT / file).read_bytes().splitlines()) for file in modules("grader", "assignment", "starter")
    }
    assert {file: lines for file, lines in lengths.items() if lines > MODULE_LINES and file not in ONE_FILES} == {}


@pytest.mark.parametrize("folder", ["grader", "tests"])
def test_functions_are_short(folder: str) -> None:
    """Half of the functions are very short, and nearly all are short."""
    lengths = [lines for _, _, lines in functions(modules(folder))]
    assert statistics.median(lengths) <= MEDIAN_LINES
    assert sum(lines <= FUNCTION_LINES for lines in lengths) >= NEARLY_ALL * len(lengths)


def test_checks_are_very_short() -> None:
    """The body of a hidden check has at most a dozen lines."""
    checks = [file for file in modules("grader") if file.match("grader/judge/checks/check_*.py")]
    long = [
        place
        for place, node, _ in functions(checks)
        if node.name.startswith("check_") and (node.end_lineno or 0) - node.body[1].lineno + 1 > CHECK_LINES
    ]
    assert checks
    assert not long, "\n".join(long)


def is_described_here(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function is public and not one more face of another one: a setter, an overload."""
    decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in function.decorator_list}
    return not function.name.startswith("_") and not decorators & {"setter", "deleter", "overload"}


def public(node: ast.Module | ast.ClassDef, place: str) -> Iterator[tuple[str, str | None]]:
    """Yield the docstrings of a module or a class and of all that is public in it."""
    yield place, ast.get_docstring(node)
    for inner in node.body:
        if isinstance(inner, ast.ClassDef) and not inner.name.startswith("_"):
            yield from public(inner, f"{place} {inner.name}")
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and is_described_here(inner):
            yield f"{place} {inner.name}", ast.get_docstring(inner)


def test_everything_public_has_a_docstring() -> None:
    """Every module, public class and public function of the grader says what it means."""
    found = [pair for file in modules("grader") for pair in public(tree(file), str(file))]
    without = [place for place, docstring in found if not docstring]
    assert not without, "\n".join(without)


def test_every_test_has_a_docstring() -> None:
    """Every test states its fact."""
    files = [file for file in modules("tests") if file.name.startswith("test_")]
    tests = [(place, node) for place, node, _ in functions(files) if node.name.startswith("test_")]
    without = [place for place, node in tests if not ast.get_docstring(node)]
    assert not without, "\n".join(without)


def comments(file: Path) -> Iterator[tuple[int, str]]:
    """Yield every comment of a file with its line."""
    with (ROOT / file).open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def test_every_exception_from_a_rule_has_its_reason() -> None:
    """Where a rule of a tool is switched off, the same line says why in words."""
    files = modules("grader", "tests", "assignment", "starter", ".github")
    without = [
        f"{file}:{line} {comment}"
        for file in files
        for line, comment in comments(file)
        if EXCEPTION.search(comment) and not re.search(r"[A-Za-z]{2}", EXCEPTION.sub("", comment))
    ]
    assert not without, "\n".join(without)


def test_every_rule_that_is_ignored_has_its_reason() -> None:
    """Each code that the settings of ruff switch off has a comment beside it."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = re.findall(r'^ +"[A-Z]+\d+",.*$', settings, re.MULTILINE)
    assert ignored
    assert [line for line in ignored if not re.search(r"# \S+ \S+", line)] == []


def test_no_file_names_a_path_of_a_machine() -> None:
    """Nothing in the repository depends on where somebody's folders lie."""
    texts = {file: (ROOT / file).read_text(encoding="utf-8", errors="replace") for file in tracked()}
    wrong = [f"{file}: {found.group()}" for file, text in texts.items() for found in MACHINE_PATH.finditer(text)]
    assert not wrong, "\n".join(wrong)


def test_top_level_stays_as_it_is() -> None:
    """At the top lie the four folders, the settings, the licence and the README, and nothing else."""
    assert {file.parts[0] for file in tracked()} <= TOP_LEVEL
