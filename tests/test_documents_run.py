"""The documents do what they say: commands and programs run, pictures are those of now, CI obeys the README."""

from __future__ import annotations

import html
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT, Block, blocks, read

from grader import flow

README, CONTRIBUTING, CI = "README.md", ".github/CONTRIBUTING.md", ".ci/run"
PICTURES = ROOT / ".github/pictures"
STALE = "repair: .venv/bin/python .github/pictures/draw.py"
TEXT = re.compile(r'<text[^>]*\by="([^"]*)"[^>]*>([^<]*)</text>')
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]*)\)")
QUOTE = re.compile(r"`(\w+: \d+ of \d+ points)`")
TEST_COMMAND = re.compile(r"<!-- test:begin -->\n```console\n(.*)\n```\n<!-- test:end -->")

# Stands in for a program: writes down how it was called. As Python it makes an environment, or ends a run of tests.
STAND_IN = """#!/bin/sh
name=$(basename "$0")
echo "$name" "$@" >> calls
case "$*" in
  "-m venv"*) mkdir -p .venv/bin; for tool in pip python ruff mypy grader; do cp "$0" .venv/bin/$tool; done ;;
  *pytest*) echo "3 passed in 1.00s" ;;
esac
test "$name" != "$FAILS"
"""


# --- what is shown, run -----------------------------------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a copy of what the documents work with, in which files may be added, with a class of two."""
    for folder in ("grader", "assignment", "starter", "tests/submissions/rejected"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for student, source in {"ada": "assignment/solution", "ben": "starter"}.items():
        shutil.copytree(ROOT / source, tmp_path / "submissions" / student)
    (tmp_path / "roster.csv").write_text("github_username\nada\nben\n", encoding="utf-8")
    return tmp_path


def python(clone: Path, *arguments: str) -> str:
    """Run Python in the copy, with the copy's grader and nothing of this environment; return what it prints."""
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(clone), "COLUMNS": "100"}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command,
        cwd=clone,
        env=surroundings,
        capture_output=True,
        encoding="utf-8",
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run(clone: Path, block: Block) -> str:
    """Do what a piece of a document shows, and return what it prints; a program that names its file is put there."""
    if block.language == "console":
        parts = [shlex.split(part) for line in block.text.splitlines() for part in line.split(" && ")]
        ours = [words[1:] for words in parts if words[0] == ".venv/bin/grader"]
        return "".join(python(clone, "-m", "grader", *words) for words in ours)
    if file := re.match(r"# (\S+\.py)\n", block.text):
        (clone / file[1]).write_text(block.text, encoding="utf-8")
        return ""
    return python(clone, "-c", block.text)


@pytest.mark.slow
@pytest.mark.parametrize("document", [README, CONTRIBUTING])
def test_document_runs_from_top_to_bottom(clone: Path, document: str) -> None:
    """Our commands and programs in a document run in its order, and print what it says they print."""
    printed, compared, everything = "", 0, ""
    for block in blocks(document, "console", "python", "text"):
        if block.language != "text":
            printed = run(clone, block)
            everything += printed
        elif printed:
            assert printed == block.text
            printed, compared = "", compared + 1
    assert compared
    assert [quote for quote in QUOTE.findall(read(document)) if quote not in everything] == []


# --- pictures ---------------------------------------------------------------------------------------------------------


def draw() -> dict[str, str]:
    """Draw the pictures now."""
    spec = importlib.util.spec_from_file_location("draw", PICTURES / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    drawn: dict[str, str] = module.draw()
    return drawn


def lines(svg: str) -> list[str]:
    """Return what a picture says, line by line."""
    said: dict[str, str] = {}
    for height, text in TEXT.findall(svg):
        said[height] = said.get(height, "") + html.unescape(text).replace("\xa0", " ").strip("\n")
    return list(said.values())


@pytest.mark.slow
def test_pictures_show_a_grading_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each picture says what the grader says today."""
    monkeypatch.delenv(flow.SECRET_VARIABLE, raising=False)
    drawn = {name: lines(svg) for name, svg in draw().items()}
    assert {file.name: lines(file.read_text(encoding="utf-8")) for file in PICTURES.glob("*.svg")} == drawn, STALE


def test_pictures_load_nothing() -> None:
    """A picture names no address from which something would be loaded."""
    assert [
        file.name for file in PICTURES.glob("*.svg") if re.search(r"url\([^#]", file.read_text(encoding="utf-8"))
    ] == []


def test_pictures_are_described() -> None:
    """The README says in words what its pictures show, with numbers that are in them."""
    images = IMAGE.findall(read(README))
    assert len(images) == len(list(PICTURES.glob("*.svg")))
    for words, name in images:
        assert set(re.findall(r"\d+", words)) <= set(re.findall(r"\d+", " ".join(lines(read(name))))), name


# --- CI ---------------------------------------------------------------------------------------------------------------


def call_ci(folder: Path, fails: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``.ci/run`` in a folder, with programs that only write down how they are called; one of them may fail."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / CI, folder / CI)
    (folder / "programs").mkdir()
    for name in ("python3", "bwrap", "sudo", "go", "npm", "chromium"):
        (folder / "programs" / name).write_text(STAND_IN)
        (folder / "programs" / name).chmod(0o755)
    surroundings = {**os.environ, "PATH": f"{folder / 'programs'}:{os.environ['PATH']}", "FAILS": fails}
    return subprocess.run(
        ["/bin/bash", CI],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def calls(folder: Path) -> list[str]:
    """Return how the programs were called, but for those that repair the machine."""
    return [line.rstrip() for line in (folder / "calls").read_text().splitlines() if not line.startswith("sudo")]


def test_ci_runs_the_command_of_the_readme(tmp_path: Path) -> None:
    """CI sets up, checks style and types, and runs the README's line to the letter; the last words are pytest's."""
    (command,) = TEST_COMMAND.findall(read(README))
    told = [shlex.split(part) for part in command.split(" && ")]
    line = [" ".join([Path(words[0]).name, *words[1:]]) for words in told]
    shutil.copy(ROOT / README, tmp_path)
    done = call_ci(tmp_path)
    checks = ["ruff check .", "ruff format --check .", "mypy", "grader doctor"]
    tools = ["act@v0.2.89", "actionlint/cmd/actionlint@v1.7.12"]
    brings = [f"go install github.com/{owner}/{tool}" for owner, tool in zip(["nektos", "rhysd"], tools, strict=True)]
    brings += ["npm ci --prefix tests/mermaid --ignore-scripts --no-audit --no-fund"]
    looks = ["python3 -c import ensurepip", 'python3 -c import ctypes; ctypes.CDLL("libseccomp.so.2")']
    assert calls(tmp_path) == [*looks, *line[:-1], *brings, *checks, *line]
    assert (done.returncode, done.stdout) == (0, "3 passed in 1.00s\n")


@pytest.mark.parametrize("tool", ["pip", "ruff", "mypy", "grader"])
def test_ci_stops_where_something_fails(tmp_path: Path, tool: str) -> None:
    """When a step of CI fails, CI fails, and no test is run."""
    shutil.copy(ROOT / README, tmp_path)
    done = call_ci(tmp_path, fails=tool)
    assert (done.returncode, done.stdout) == (1, "")
    assert calls(tmp_path)[-1].startswith(tool)


def test_ci_needs_a_command(tmp_path: Path) -> None:
    """A README without a test command is named as what is wrong."""
    (tmp_path / README).write_text("# Nothing\n")
    done = call_ci(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "README.md names no test command" in done.stderr
