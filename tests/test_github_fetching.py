"""What is fetched of a commit: the bytes that count, over git's own protocol, and nothing is obeyed on the way."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from github_class import RIGHT, SPARSE, app, commit, day, signed_in
from github_server import GIT, GitHubServer, git, serving

from grader import limits
from grader.github import fetching
from grader.github.fetching import COMMIT, Unfetchable, fetch
from grader.github.pushes import Pushed
from grader.observe.submission import take_in


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    """Return a server with alice's repository, which is empty."""
    with serving(tmp_path / "server") as started:
        started.create("hw-alice")
        yield started


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return where alice works."""
    return tmp_path / "alice"


@pytest.fixture
def fetched(server: GitHubServer, clone: Path, tmp_path: Path) -> Callable[[], Path]:
    """Return a function that pushes what alice has committed, and fetches it."""

    def push_and_fetch() -> Path:
        pushed = server.push(clone, "hw-alice")
        fetch(address(server), pushed, "teacher", tmp_path / "fetched")
        return tmp_path / "fetched"

    return push_and_fetch


def address(server: GitHubServer) -> str:
    """Return where alice's repository is cloned from."""
    return f"{server.url}/course/hw-alice.git"


def names(folder: Path) -> set[str]:
    """Return the files of a folder, but for the note of the commit."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {COMMIT}


def plant(clone: Path, *entries: str) -> str:
    """Commit a tree that no ordinary git would make: lines as ``git mktree`` reads them; return the commit."""
    made = subprocess.run(
        [GIT, "-C", str(clone), "mktree", "--missing"],
        input="\n".join(entries),
        capture_output=True,
        text=True,
        check=True,
    )
    tree = made.stdout.strip()
    who = ("-c", "user.name=Eve", "-c", "user.email=eve@example.org")
    planted = git("-C", str(clone), *who, "commit-tree", tree, "-m", "planted")
    git("-C", str(clone), "reset", "--quiet", "--soft", planted)
    return planted


def test_submission_is_that_of_the_clone(clone: Path, fetched: Callable[[], Path]) -> None:
    """Modules, packages, observations and their bytes are those of the student's folder; nothing else comes."""
    commit(
        clone,
        RIGHT | {"shop/prices.py": "# Pr\u00e9cis\r\n", "conftest.py": "1/0\n", "tests/test_x.py": "", "notes.md": "x"},
    )
    folder = fetched()
    assert take_in(folder).digest == take_in(clone).digest
    assert names(folder) == {*RIGHT, "shop/prices.py"}


def test_nothing_of_theirs_is_obeyed(clone: Path, fetched: Callable[[], Path], tmp_path: Path) -> None:
    """Attributes, filters, hooks and settings of a repository change no byte and start nothing."""
    trap = tmp_path / "sprung"
    settings = {
        ".gitattributes": "*.py text eol=crlf ident filter=trap export-ignore export-subst\n",
        ".gitconfig": f'[filter "trap"]\n smudge = touch {trap}\n',
        ".lfsconfig": "[lfs]\n url = http://127.0.0.1:9/\n",
        "hooks/post-checkout": f"#!/bin/sh\ntouch {trap}\n",
    }
    source = "# $Id$ $Format:%H$\n"
    commit(clone, settings | {"models.py": source})
    assert (fetched() / "models.py").read_text() == source
    assert not trap.exists()


def test_link_is_its_text(clone: Path, fetched: Callable[[], Path]) -> None:
    """A link becomes the text that git keeps of it: nobody who copies the folder copies what it points at."""
    commit(clone, SPARSE)
    (clone / "transaction_script.py").symlink_to("/proc/self/environ")
    commit(clone, {})
    found = fetched() / "transaction_script.py"
    assert not found.is_symlink()
    assert found.read_text() == "/proc/self/environ"


def test_submodule_is_left_out(clone: Path, fetched: Callable[[], Path]) -> None:
    """A commit of another repository is not fetched, wherever it is said to lie."""
    commit(clone, SPARSE | {".gitmodules": '[submodule "x"]\n path = x\n url = ext::sh -c "touch /tmp/no"\n'})
    blob = git("-C", str(clone), "rev-parse", "HEAD:models.py")
    plant(clone, f"100644 blob {blob}\tmodels.py", f"160000 commit {'1' * 40}\tx.py")
    assert names(fetched()) == {"models.py"}


def test_name_leads_nowhere_else(clone: Path, fetched: Callable[[], Path]) -> None:
    """A tree that names the folder above, git's own folder or an absolute path writes nothing there."""
    commit(clone, {"models.py": "x = 1\n"})
    blob = git("-C", str(clone), "rev-parse", "HEAD:models.py")
    inner = subprocess.run(
        [GIT, "-C", str(clone), "mktree"],
        input=f"100644 blob {blob}\tevil.py",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    planted = [f"040000 tree {inner}\t{name}" for name in ("..", ".", ".git")]
    plant(clone, f"100644 blob {blob}\tmodels.py", *planted)
    folder = fetched()
    assert names(folder) == {"models.py"}
    assert not list(folder.parent.glob("evil.py"))


def test_large_file_is_known_to_be_too_large(clone: Path, fetched: Callable[[], Path]) -> None:
    """A file beyond the limit is not brought, and intake says of it what it says of the original."""
    commit(clone, RIGHT | {"models.py": "#" * (limits.SOURCE_BYTES + 50_000)})
    folder = fetched()
    assert (folder / "models.py").stat().st_size <= limits.SOURCE_BYTES + 1
    assert take_in(folder).digest == take_in(clone).digest


def test_database_and_environment_are_not_brought(
    server: GitHubServer, clone: Path, fetched: Callable[[], Path]
) -> None:
    """Megabytes that somebody has committed by mistake do not travel."""
    commit(clone, RIGHT | {"products.db": os.urandom(3_000_000).hex(), ".venv/lib/x.py": "x = 1\n"})
    assert names(fetched()) == {*RIGHT}
    assert server.sent < 500_000


def test_unreachable_commit_is_there(server: GitHubServer, clone: Path, tmp_path: Path) -> None:
    """A commit that a forced push has put out of reach is fetched by its name."""
    commit(clone, SPARSE)
    before = server.push(clone, "hw-alice", at=day(2))
    commit(tmp_path / "other", {"models.py": "late = 1\n"})
    server.push(tmp_path / "other", "hw-alice", at=day(3), force=True)
    fetch(address(server), before, "teacher", tmp_path / "fetched")
    assert (tmp_path / "fetched" / "models.py").read_text() == SPARSE["models.py"]


def test_tree_without_end_is_refused(clone: Path, fetched: Callable[[], Path]) -> None:
    """A few objects that name thousands of millions of files cost no more than looking at the first ones."""
    commit(clone, SPARSE)
    blob = git("-C", str(clone), "rev-parse", "HEAD:models.py")
    entries = [f"100644 blob {blob}\t{letter}.txt" for letter in "abcdefghij"]
    for _ in range(9):
        made = subprocess.run(
            [GIT, "-C", str(clone), "mktree"], input="\n".join(entries), capture_output=True, text=True, check=True
        )
        entries = [f"040000 tree {made.stdout.strip()}\t{letter}" for letter in "abcdefghij"]
    plant(clone, *entries)
    with pytest.raises(Unfetchable, match="more in it than a submission needs"):
        fetched()


def test_new_commit_takes_the_place_of_the_old_one(clone: Path, fetched: Callable[[], Path]) -> None:
    """What a later commit has removed is gone, and what is there already is not fetched again."""
    commit(clone, RIGHT | {"extra.py": "x = 1\n"})
    assert "extra.py" in names(fetched())
    (clone / "extra.py").unlink()
    commit(clone, {})
    assert names(fetched()) == {*RIGHT}


def test_commit_that_is_there_is_not_fetched_again(server: GitHubServer, clone: Path, tmp_path: Path) -> None:
    """The second time nobody is asked; where the first one was ended halfway, it begins again."""
    commit(clone, SPARSE)
    pushed = server.push(clone, "hw-alice")
    assert fetch(address(server), pushed, "teacher", tmp_path / "fetched")
    server.asked.clear()
    assert not fetch(address(server), pushed, "teacher", tmp_path / "fetched")
    assert server.asked == []
    (tmp_path / "fetched" / COMMIT).unlink()
    assert fetch(address(server), pushed, "teacher", tmp_path / "fetched")


@pytest.mark.parametrize("token", ["", "a-wrong-one"])
def test_without_the_right_token_nothing_comes(server: GitHubServer, clone: Path, tmp_path: Path, token: str) -> None:
    """A server that asks who is there gets no answer of a person's, and the failure is told."""
    commit(clone, SPARSE)
    pushed = server.push(clone, "hw-alice")
    with pytest.raises(Unfetchable, match=r"Authentication|could not read Username"):
        fetch(address(server), pushed, token, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


def test_token_is_on_no_disk_and_in_no_argument(
    server: GitHubServer, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git gets the token in its environment alone: neither its arguments nor any file it leaves hold it."""
    commit(clone, SPARSE)
    pushed = server.push(clone, "hw-alice")
    programs = tmp_path / "programs"
    programs.mkdir()
    log = tmp_path / "arguments"
    (programs / "git").write_text(
        f'#!/bin/sh\necho "$@" >> {log}\n{GIT} "$@"\nstatus=$?\n'
        f'grep -rl -e teacher -e dGVhY2hl "$PWD" >> {log}.found\nexit $status\n'
    )
    (programs / "git").chmod(0o755)
    (tmp_path / "place").mkdir()
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "place"))
    monkeypatch.chdir(tmp_path / "place")
    fetch(address(server), pushed, "teacher", tmp_path / "fetched")
    said = log.read_text()
    assert pushed in said
    assert "teacher" not in said
    assert "dGVhY2hl" not in said
    assert Path(f"{log}.found").read_text() == ""


def test_class_is_fetched_at_once(server: GitHubServer, tmp_path: Path) -> None:
    """With the App's token, each student gets a folder; a commit that is not there costs its student alone."""
    pushes = []
    for name in ("ann", "ben", "cleo"):
        place = server.create(name)
        commit(tmp_path / name, {"models.py": f"name = '{name}'\n"})
        sha = server.push(tmp_path / name, name)
        pushes.append(Pushed(name, sha, day(2), f"course/{name}", f"{server.url}/course/{place.name}", day(2)))
    pushes[1] = Pushed("ben", "1" * 40, day(2), "course/ben", pushes[1].clone_url, day(2))
    told: list[str] = []
    with signed_in(server, app(server)) as github:
        failed = fetching.fetch_all(pushes, github, tmp_path / "out", 2, told.append)
    assert set(failed) == {"ben"}
    assert "cannot be fetched: " in failed["ben"]
    assert (tmp_path / "out" / "cleo" / "models.py").read_text() == "name = 'cleo'\n"
    assert len(told) == 2
