"""The student template: a repository ready to push, always the same one, and nothing hidden in it."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from repository import ROOT

from grader.content import HANDOUT, HINTS, STARTER, Content, find_content
from grader.template.folder import TemplateUnwritable
from grader.template.repository import Author, author, template_files, write_template

ADA = Author("Ada Lovelace", "ada@example.org", datetime(2026, 1, 1, tzinfo=UTC))
NEEDED = {
    "README.md", "HANDOUT.md", "HINTS.md", "LICENSE", "models.py", "transaction_script.py", "observations.toml",
    "pyproject.toml", "session_trace.py", "tests/conftest.py", ".gitignore", ".gitattributes",
    ".devcontainer/devcontainer.json", ".github/workflows/self-check.yml", ".github/self_check/run.py",
    ".github/self_check/text.py", ".github/self_check/commands.py",
}  # fmt: skip
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def git(folder: Path, *arguments: str) -> str:
    """Return what git says in a folder."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template, written once."""
    folder = tmp_path_factory.mktemp("template") / "repository"
    write_template(folder, find_content(), ADA)
    return folder


def test_template_is_a_repository_with_one_commit(template: Path) -> None:
    """There is one commit, on main, and git has nothing to say about the files."""
    assert git(template, "log", "--all", "--format=%an <%ae> %aI %cn %s") == (
        "Ada Lovelace <ada@example.org> 2026-01-01T00:00:00+00:00 Ada Lovelace The assignment"
    )
    assert git(template, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(template, "status", "--porcelain", "--ignored") == ""


def test_template_has_all_that_a_student_needs(template: Path) -> None:
    """The starter, its workflow, the handout, the hints and the licence are there."""
    assert set(git(template, "ls-files").split("\n")) >= NEEDED


def test_template_can_be_pushed_and_cloned(template: Path, tmp_path: Path) -> None:
    """A bare repository takes the template, and a clone of it has the same files."""
    git(tmp_path, "init", "--quiet", "--bare", "course.git")
    git(template, "push", "--quiet", str(tmp_path / "course.git"), "main")
    git(tmp_path, "clone", "--quiet", "--branch=main", str(tmp_path / "course.git"), "clone")
    assert git(tmp_path / "clone", "rev-parse", "HEAD^{tree}") == git(template, "rev-parse", "HEAD^{tree}")


def test_same_content_gives_the_same_commit(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the machine's settings nor its hooks, nor a git that runs around it, change a byte."""
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "hooks" / "pre-commit").chmod(0o755)
    (tmp_path / "settings").write_text(
        f"[core]\nautocrlf = true\nhooksPath = {tmp_path}/hooks\n[commit]\ngpgsign = true\n[init]\ndefaultBranch = x\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    commit = write_template(tmp_path / "again", find_content(), ADA)
    monkeypatch.delenv("GIT_DIR")
    assert commit == git(template, "rev-parse", "HEAD")


def test_handout_and_hints_are_those_of_the_assignment(template: Path) -> None:
    """Both are copied as they are, so that they cannot drift."""
    content = find_content()
    assert (template / "HANDOUT.md").read_text(encoding="utf-8") == content.read(HANDOUT)
    assert (template / "HINTS.md").read_text(encoding="utf-8") == content.read(HINTS)


def test_texts_are_made_safe_by_the_graders_own_code(template: Path) -> None:
    """The self-check of the template has the very modules with which the grader writes for a log."""
    for name in ("text.py", "commands.py"):
        own = ROOT / "grader" / "outputs" / name
        assert (template / ".github" / "self_check" / name).read_bytes() == own.read_bytes()


def test_links_lead_somewhere(template: Path) -> None:
    """Every relative link of a document in the template names a file of it."""
    documents = [template / name for name in ("README.md", "HANDOUT.md", "HINTS.md")]
    links = {link for document in documents for link in LINK.findall(document.read_text(encoding="utf-8"))}
    assert [link for link in links if "://" not in link and not (template / link).exists()] == []


def test_what_running_left_behind_stays_at_home(tmp_path: Path) -> None:
    """A database, compiled modules and an environment in the starter's folder are not handed out."""
    starter = tmp_path / STARTER
    left = ("products.db", "__pycache__/models.pyc", ".venv/bin/python", "tests/.pytest_cache/x", "x.egg-info/PKG")
    for name in (*left, "models.py", "../assignment/README.md", "../assignment/hints.md"):
        (starter / name).parent.mkdir(parents=True, exist_ok=True)
        (starter / name).write_text("")
    (starter / ".gitignore").write_text(find_content().read(f"{STARTER}/.gitignore"))
    own = {"HANDOUT.md", "HINTS.md", ".github/self_check/text.py", ".github/self_check/commands.py"}
    assert template_files(Content(tmp_path)).keys() - own == {".gitignore", "models.py"}


# --- when it cannot be written ----------------------------------------------------------------------------------------


def test_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Nothing in it is touched, and the message says what to do."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(TemplateUnwritable, match=r"is not empty, .* name a new one: grader template DIR"):
        write_template(tmp_path, find_content(), ADA)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


def test_file_in_its_place_is_refused(tmp_path: Path) -> None:
    """A file is no folder to write in."""
    (tmp_path / "x").write_text("mine")
    with pytest.raises(TemplateUnwritable, match="is a file; choose another folder"):
        write_template(tmp_path / "x", find_content(), ADA)


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    """An empty folder is as good as none, and stays the same folder for whoever is in it."""
    (tmp_path / "x").mkdir()
    before = (tmp_path / "x").stat().st_ino
    write_template(tmp_path / "x", find_content(), ADA)
    assert (tmp_path / "x").stat().st_ino == before
    assert git(tmp_path / "x", "status", "--porcelain") == ""


def test_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    """Where git refuses, there is no half of a template."""
    with pytest.raises(TemplateUnwritable, match=r"git commit failed: .*"):
        write_template(tmp_path / "a" / "b", find_content(), Author("", "", ADA.date))
    assert list((tmp_path / "a").iterdir()) == []


def test_content_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Where the assignment is incomplete, nothing is written."""
    with pytest.raises(TemplateUnwritable, match="cannot be written: No such file"):
        write_template(tmp_path / "x", Content(tmp_path), ADA)
    assert list(tmp_path.iterdir()) == []


def test_without_git_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git is told what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TemplateUnwritable, match="repair: sudo apt-get install git"):
        write_template(tmp_path / "x", find_content(), ADA)


def test_author_is_the_one_whom_git_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an option the commit is the user's own."""
    (tmp_path / "settings").write_text("[user]\nname = Zoë\nemail = zoe@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    monkeypatch.chdir(tmp_path)
    assert author(None, ADA.date) == Author("Zoë", "zoe@example.org", ADA.date)


def test_without_an_author_the_message_says_how_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git knows nobody, the option is named."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TemplateUnwritable, match=r"git knows no user.name for the commit; say whose it is: .*--author"):
        author(None, ADA.date)


@pytest.mark.parametrize(
    "said", ["Ada", "Ada <>", "Ada <https://example.org>", "<ada@example.org>", "Ada <a b>", "Ada <x>\nEve <y>", ""]
)
def test_author_has_a_name_and_an_address(said: str) -> None:
    """Anything else is refused, with an example."""
    with pytest.raises(TemplateUnwritable, match=r"names no author; say whose it is: .*Ada Lovelace"):
        author(said, ADA.date)


def test_author_can_be_said() -> None:
    """The option takes what git takes."""
    assert author("Ada Lovelace <ada@example.org>", ADA.date.replace(tzinfo=None)) == ADA
