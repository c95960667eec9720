"""Database files as a script sees them: placeholders, deletion, other folders."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from wired import TABLE, Wired, only, seen

pytest_plugins = ("wired_fixtures",)


def test_existing_databases_have_files(wired: Wired) -> None:
    """A script that asks whether its database is there is told so at once."""
    wired.begin(existing=["shop.db"])
    assert Path("shop.db").exists()


def test_a_deleted_database_begins_anew(wired: Wired) -> None:
    """Removing the file between two connections gives an empty database, and others see the table go."""
    wired.connect("shop.db").execute(TABLE)
    Path("shop.db").unlink()
    connection = wired.connect("shop.db")
    assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []
    connection.execute(TABLE)
    assert seen(wired.end()) == [[], None, []]


def test_a_deleted_database_of_before_begins_anew(wired: Wired) -> None:
    """The same holds for a database of an earlier call."""
    wired.connect("shop.db").execute(TABLE)
    wired.begin(existing=["shop.db"], files=wired.end().files)
    Path("shop.db").unlink()
    wired.connect("shop.db")
    record = wired.end()
    assert record.before is not None
    assert record.after is None


def test_a_database_deleted_at_the_end_is_gone(wired: Wired) -> None:
    """A file that is removed and not opened again is missing from the record."""
    wired.connect("shop.db").execute(TABLE)
    Path("shop.db").unlink()
    record = wired.end()
    assert (record.after, record.databases, record.files) == (None, (), {})


def test_a_deleted_file_can_be_attached_anew(wired: Wired) -> None:
    """ATTACH, too, finds an empty database where the file was removed."""
    wired.connect("other.db").execute(TABLE)
    Path("other.db").unlink()
    connection = wired.connect(":memory:")
    connection.execute("ATTACH 'other.db' AS other")
    assert connection.execute("SELECT * FROM other.sqlite_master").fetchall() == []
    assert Path("other.db").exists()


def test_names_are_those_of_the_folder(wired: Wired, tmp_path: Path) -> None:
    """One file has one name on the wire, however it is written; files elsewhere have their whole path."""
    (tmp_path / "sub").mkdir()
    elsewhere = tmp_path.parent / "elsewhere.db"
    for name in ("shop.db", tmp_path / "shop.db", "sub/../shop.db", "file:shop.db?mode=rwc", elsewhere):
        wired.connect(name, uri=True).close()
    elsewhere.unlink()
    steps = only(wired.end(), "connect")
    assert [step.text for step in steps] == ["shop.db"] * 4 + [str(elsewhere)]


def test_a_changed_folder_does_not_change_names(wired: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are counted from the folder in which the call began."""
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir("sub")
    wired.connect("../shop.db")
    wired.connect("own.db")
    assert [step.text for step in only(wired.end(), "connect")] == ["shop.db", "sub/own.db"]


def test_links_lead_to_one_database(wired: Wired) -> None:
    """A symbolic link is the file that it points to."""
    Path("link.db").symlink_to("shop.db")
    wired.connect("shop.db").execute(TABLE)
    assert wired.connect("link.db").execute("SELECT count(*) FROM products").fetchone() == (0,)


def test_a_read_only_folder_does_not_matter(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no placeholder can be made, the database works all the same."""
    monkeypatch.setattr(Path, "touch", _refuse)
    wired.connect("shop.db").execute(TABLE)
    assert wired.end().databases == ("shop.db",)


def _refuse(_path: Path) -> None:
    raise PermissionError


def test_a_database_in_memory_has_no_file(wired: Wired) -> None:
    """Nothing appears in the folder for a database in memory."""
    for name in (":memory:", "", "file:x?mode=memory", "file::memory:"):
        wired.connect(name, uri=True).execute("CREATE TABLE t (x)")
    assert list(Path().iterdir()) == []
    assert wired.end().files == {}


def test_what_is_not_offered_says_so(wired: Wired) -> None:
    """Methods that would need the file itself are refused with a sentence."""
    connection = wired.connect(":memory:")
    for name in ("backup", "blobopen", "serialize", "enable_load_extension"):
        with pytest.raises(sqlite3.NotSupportedError, match=f"{name}.*not offered"):
            getattr(connection, name)(None)
