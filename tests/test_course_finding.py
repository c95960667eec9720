"""Which folder is whose: by name or by roster, with clones, lists of pushes, and keys that are no names of folders."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.course import clones, finding
from grader.course.cells import TableUnreadable
from grader.course.finding import FoldersUnclear, Roll
from grader.course.nouns import Handed, Student
from grader.course.places import GRADES, folder_of
from grader.course.pushed import Push, read_pushes
from grader.observe.submission import SubmissionUnreadable

OUT = Path("nowhere")
WHEN = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)


def called(place: Path, roster: list[Student] | None, *names: str) -> Roll:
    """Return whose folders these are."""
    for name in names:
        (place / name).mkdir(parents=True)
    return finding.call(place, roster, OUT)


def names(roll: Roll) -> dict[str, str]:
    """Return the names of the folders by student."""
    return {student: path.name for student, path in roll.folders.items()}


def test_without_a_roster_every_folder_is_a_student(tmp_path: Path) -> None:
    """Folders are called as students are; files and what begins with a dot are nobody's business."""
    (tmp_path / "notes.txt").write_text("later")
    roll = called(tmp_path, None, "bert", "anna", ".git")
    assert (names(roll), roll.nobodys) == ({"anna": "anna", "bert": "bert"}, ())


@pytest.mark.parametrize("name", ["an\nna", "anna\u202e", os.fsdecode(b"ann\xff")])
def test_name_that_cannot_be_shown_names_nobody(tmp_path: Path, name: str) -> None:
    """A folder whose name hides something is told, not graded."""
    roll = called(tmp_path, None, "bert", name)
    assert (names(roll), roll.nobodys) == ({"bert": "bert"}, (name,))


def test_folder_of_the_grades_is_no_submission(tmp_path: Path) -> None:
    """DIR may lie among the submissions."""
    for name in ("anna", "grades"):
        (tmp_path / name).mkdir()
    assert list(finding.call(tmp_path, None, tmp_path / "grades").folders) == ["anna"]


@pytest.mark.parametrize(
    "student",
    [
        Student("7", repository="https://github.com/course/Sessions-Anna.git"),
        Student("7", login="sessions-anna"),
        Student("sessions-anna"),
        Student("7", email="sessions-anna"),
        Student("7", login="Anna"),
        Student("anna"),
    ],
)
def test_folder_is_found_by_repository_login_or_key(tmp_path: Path, student: Student) -> None:
    """The name of the repository, a login or a key names a folder, whole or behind a dash, in any case."""
    assert names(called(tmp_path, [student], "sessions-anna")) == {student.key: "sessions-anna"}


def test_longest_login_that_fits_is_meant(tmp_path: Path) -> None:
    """A login that ends as another one does gets its own folder."""
    roster = [Student("lee", login="lee"), Student("ann", login="ann-lee")]
    assert names(called(tmp_path, roster, "sessions-lee", "sessions-ann-lee")) == {
        "lee": "sessions-lee",
        "ann": "sessions-ann-lee",
    }


def test_who_has_no_folder_and_what_is_nobodys_is_told(tmp_path: Path) -> None:
    """The roster's others are missing, the folders' others are nobody's."""
    roll = called(tmp_path, [Student("anna"), Student("bert")], "anna", "carl")
    assert (roll.missing, roll.nobodys) == (("bert",), ("carl",))


@pytest.mark.parametrize(
    ("roster", "folders", "said"),
    [
        ([Student("lee")], ("one-lee", "two-lee"), "one-lee and two-lee could both be lee's; name the right one"),
        ([Student("lee", login="x"), Student("ann", account="x")], ("x",), "x is the folder of lee and of ann"),
        (None, (), "holds no folders"),
    ],
)
def test_folders_that_are_unclear_are_refused(
    tmp_path: Path, roster: list[Student] | None, folders: tuple[str, ...], said: str
) -> None:
    """Nobody is graded for somebody else's work."""
    with pytest.raises(FoldersUnclear, match=said):
        called(tmp_path, roster, *folders)


def test_one_submission_is_no_class(tmp_path: Path) -> None:
    """Whoever names a submission itself learns which command grades that."""
    (tmp_path / "models.py").touch()
    with pytest.raises(FoldersUnclear, match=r"is one submission.*try: grader grade"):
        called(tmp_path, None)


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is told."""
    with pytest.raises(FoldersUnclear, match="there is no folder"):
        finding.call(tmp_path / "no", None, OUT)


# --- clones -----------------------------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, at a known time."""
    who = {f"GIT_{role}_{part}": said for role in ("AUTHOR", "COMMITTER") for part, said in WHO.items()}
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)  # noqa: S607  # the git of the machine
    return done.stdout.strip()


WHO = {"NAME": "Anna", "EMAIL": "anna@example.org", "DATE": WHEN.isoformat()}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a repository with one commit."""
    folder = tmp_path / "anna"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


@pytest.mark.parametrize("change", [(), ("pack-refs", "--all"), ("checkout", "-q", "--detach"), ("gc", "-q")])
def test_clone_tells_its_commit_and_when_it_was_made(clone: Path, change: tuple[str, ...]) -> None:
    """Wherever git keeps the reference and the commit, both are found."""
    if change:
        git(clone, *change)
    commit = git(clone, "rev-parse", "HEAD")
    with clones.commit_times() as made_at:
        assert finding.handed("anna", clone, None, made_at) == Handed("anna", "", commit, WHEN, "anna")


@pytest.mark.parametrize("head", ["", "ref: refs/heads/none", "ref: refs/../../secret", "ref: /etc/passwd", "0" * 39])
def test_clone_without_a_commit_has_none(clone: Path, head: str) -> None:
    """Where nothing is checked out, or HEAD leads out of the clone, there is no commit."""
    (clone / ".git/HEAD").write_text(head)
    assert clones.head(clone) == ""


def test_link_in_place_of_a_repository_is_not_followed(clone: Path, tmp_path: Path) -> None:
    """A folder whose .git is a link is no clone."""
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert/.git").symlink_to(clone / ".git")
    assert clones.head(tmp_path / "bert") == ""


def test_nothing_that_a_clone_configures_is_run(clone: Path, tmp_path: Path) -> None:
    """A signature's verifier that the clone names, as git would run it, stays where it is."""
    trap, ran = tmp_path / "trap", tmp_path / "ran"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\n")
    trap.chmod(0o755)
    tree = git(clone, "rev-parse", "HEAD^{tree}")
    head = f"tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000"
    signed = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nsigned\n"
    (tmp_path / "commit").write_text(signed)
    commit = git(clone, "hash-object", "-t", "commit", "-w", str(tmp_path / "commit"))
    git(clone, "update-ref", "HEAD", commit)
    for name, value in {"log.showSignature": "true", "gpg.program": str(trap), "core.fsmonitor": str(trap)}.items():
        git(clone, "config", name, value)
    git(clone, "log", "-1")
    assert ran.exists(), "the trap does not work"
    ran.unlink()
    with clones.commit_times() as made_at:
        assert made_at(clone, clones.head(clone)) == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert not ran.exists()


def test_commit_that_is_not_there_has_no_time(clone: Path) -> None:
    """A commit that cannot be read was made at no known time."""
    with clones.commit_times() as made_at:
        assert made_at(clone, "1" * 40) is None


def test_missing_git_is_named(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where clones are to be read and git is not there, it is said how to install it."""
    monkeypatch.setenv("PATH", "")
    with clones.commit_times() as made_at, pytest.raises(clones.GitMissing, match="install git"):
        made_at(clone, "1" * 40)


# --- lists of pushes --------------------------------------------------------------------------------------------------


def never(folder: Path, commit: str) -> datetime | None:
    """Fail: the list of pushes knows the time."""
    raise AssertionError(f"{folder} is asked for {commit}")


def test_list_of_pushes_knows_the_time(clone: Path) -> None:
    """The time at which the server received a commit counts, not the one that its author gave."""
    commit, later = clones.head(clone), WHEN + timedelta(days=1)
    pushes = {"anna": (Push("2" * 40, WHEN), Push(commit, later))}
    assert finding.handed("Anna", clone, pushes, never).pushed_at == later


def test_folder_without_git_has_the_newest_push(tmp_path: Path) -> None:
    """Where only files were fetched, they are those of the last push in the list."""
    pushes = {"anna": (Push("1" * 40, WHEN), Push("2" * 40, WHEN + timedelta(days=1)))}
    assert finding.handed("anna", tmp_path, pushes, never).commit == "2" * 40


@pytest.mark.parametrize(
    ("pushes", "repair"), [({"anna": (Push("2" * 40, WHEN),)}, f"checkout {'2' * 40}"), ({}, "make the list of pushes")]
)
def test_commit_that_is_not_in_the_list_is_refused(
    clone: Path, pushes: dict[str, tuple[Push, ...]], repair: str
) -> None:
    """What lies in the folder is graded only if it is what was pushed."""
    with pytest.raises(SubmissionUnreadable, match=repair):
        finding.handed("anna", clone, pushes, never)


def test_list_of_pushes_is_read_in_order_of_time(tmp_path: Path) -> None:
    """Keys are folded, other columns left alone, and each student's pushes sorted."""
    path = tmp_path / "pushes.csv"
    rows = (f"Anna,{'B' * 40},2026-11-30T23:59:00+01:00,x", f"anna,{'a' * 40},2026-11-29T12:00:00Z,y")
    path.write_text("\n".join(("student,commit,pushed_at,repository", *rows)))
    first = Push("a" * 40, datetime(2026, 11, 29, 12, tzinfo=UTC))
    assert read_pushes(path) == {"anna": (first, Push("b" * 40, WHEN))}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,commit\nanna,1\n", "the column 'pushed_at' is missing"),
        ("student,commit,pushed_at\nanna,1,yesterday\n", "line 2: 'yesterday' is no time with its zone"),
        ("student,commit,pushed_at\nanna,1,2026-11-30T23:59\n", "line 2: '2026-11-30T23:59' is no time with its zone"),
    ],
)
def test_list_of_pushes_that_cannot_be_read_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A time without its zone could be hours off, and is none."""
    (tmp_path / "pushes.csv").write_text(text)
    with pytest.raises(TableUnreadable, match=said):
        read_pushes(tmp_path / "pushes.csv")


# --- folders of reports -----------------------------------------------------------------------------------------------

KEYS = ("anna", "Ann Lee", "a@b.org", "é", "../..", ".", "", ".git", "a/b", "a%2Fb", GRADES, "x" * 250, "é" * 250)


@pytest.mark.parametrize("key", ["anna", "Ann Lee", "a.b@c.org", "Ånn"])
def test_folder_of_reports_is_called_as_the_student(key: str) -> None:
    """A key that can be the name of a folder is one."""
    assert folder_of(key) == key


@pytest.mark.parametrize("key", KEYS)
def test_reports_stay_in_the_folder_of_the_class(tmp_path: Path, key: str) -> None:
    """Whatever a student is called, the reports lie right below DIR, and never in place of its own files."""
    place = tmp_path / folder_of(key)
    place.mkdir()
    assert place.resolve().parent == tmp_path
    assert place.name != GRADES


def test_every_key_has_a_folder_of_its_own() -> None:
    """No two students share one."""
    assert len(set(map(folder_of, KEYS))) == len(KEYS)
