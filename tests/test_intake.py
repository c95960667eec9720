"""What is taken in of a student's folder: the contract's files and the student's own modules, as text."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import NOBODY, ordinary_user
from grader import limits
from grader.observe.submission import SubmissionUnreadable, take_in
from grader.values import Source

Build = Callable[..., Path]


def taken(folder: Path) -> dict[str, Source]:
    """Take a folder in, and return its sources by name."""
    return {source.name: source for source in take_in(folder).sources}


def script(folder: Path, content: bytes) -> Source:
    """Take in a folder whose script has this content, and return the script."""
    (folder / "transaction_script.py").write_bytes(content)
    return taken(folder)["transaction_script.py"]


# --- folders that cannot be taken in ----------------------------------------------------------------------------------


def refusal(folder: Path) -> str:
    """Return the message with which a folder is refused."""
    with pytest.raises(SubmissionUnreadable) as caught:
        take_in(folder)
    return str(caught.value)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    """A folder that does not exist is refused with what to do."""
    assert refusal(tmp_path / "bob").endswith("bob; check the path, or clone the repository first")


def test_file_in_place_of_the_folder_is_refused(submission: Build) -> None:
    """A file is refused, and the folder that holds it is named."""
    folder = submission()
    assert f"grader grade {folder}" in refusal(folder / "models.py")


def test_path_through_a_file_is_refused(submission: Build) -> None:
    """A path that goes on below a file names no folder."""
    assert "there is no folder" in refusal(submission() / "models.py" / "deeper")


def test_link_to_itself_is_refused(tmp_path: Path) -> None:
    """A link that leads to itself names no folder."""
    (tmp_path / "loop").symlink_to("loop")
    assert "there is no folder" in refusal(tmp_path / "loop")


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    """A folder without the contract's files is refused, and they are named."""
    assert "holds neither models.py nor transaction_script.py" in refusal(tmp_path)


def test_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    """A folder whose parent was meant, or whose child, is refused as well."""
    (tmp_path / "shop.py").write_text("")
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "models.py").write_text("")
    assert "name the folder that holds them" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["models.py", "transaction_script.py", "observations.toml"])
def test_one_file_of_the_contract_is_enough(tmp_path: Path, name: str) -> None:
    """A folder with only one of the contract's files is taken in."""
    (tmp_path / name).write_text("")
    assert take_in(tmp_path).name == tmp_path.name


def test_unreadable_folder_is_refused(private: Path) -> None:
    """A folder without permission to read names the command that gives it."""
    private.chmod(0)
    with ordinary_user():
        assert refusal(private).endswith(f"repair: chmod u+rx {private}")


def test_folder_that_cannot_be_reached_is_refused(private: Path) -> None:
    """A folder in one that may not be entered is refused, and that one is named."""
    private.parent.chmod(0)
    with ordinary_user():
        assert f"repair: chmod u+rx {private.parent}" in refusal(private)


def test_unreadable_file_is_refused(private: Path) -> None:
    """A file without permission to read is named, with the command that gives it."""
    (private / "models.py").chmod(0)
    with ordinary_user():
        message = refusal(private)
    assert "models.py cannot be read (Permission denied)" in message
    assert f"chmod -R u+rX {private}" in message


def test_unreadable_package_is_refused(private: Path) -> None:
    """A package without permission to read is no reason to grade without it."""
    (private / "shop").mkdir(mode=0)
    if os.geteuid() == 0:
        os.chown(private / "shop", NOBODY, NOBODY)
    with ordinary_user():
        message = refusal(private)
    (private / "shop").rmdir()
    assert "shop cannot be read (Permission denied)" in message


def test_too_many_files_are_refused(submission: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """One Python file more than the limit is refused."""
    folder = submission()
    monkeypatch.setattr(limits, "SOURCE_FILES", 4)
    (folder / "one.py").write_text("")
    assert set(taken(folder)) == {"models.py", "transaction_script.py", "one.py"}
    (folder / "two.py").write_text("")
    assert "more than 4 Python files" in refusal(folder)


# --- which files count ------------------------------------------------------------------------------------------------


def test_contract_files_are_taken(submission: Build) -> None:
    """Of the solution exactly its three files are taken, the observations apart."""
    found = take_in(submission())
    assert [source.name for source in found.sources] == ["models.py", "transaction_script.py"]
    assert found.observations is not None
    assert found.observations_problem is None


def test_missing_observations_are_none(submission: Build) -> None:
    """A folder without observations has none, and that is no problem of a file."""
    folder = submission()
    (folder / "observations.toml").unlink()
    found = take_in(folder)
    assert (found.observations, found.observations_problem) == (None, None)


def test_submission_is_called_like_its_folder(submission: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is the folder's, also where the path does not show it."""
    monkeypatch.chdir(submission("bob"))
    assert take_in(Path()).name == "bob"


def test_modules_and_packages_are_taken(submission: Build) -> None:
    """Modules of the student's own and packages beside the script are taken, with or without ``__init__.py``."""
    files = {"shop.py": "", "store/__init__.py": "", "store/parts/rows.py": "", "plain/money.py": "", "größe.py": ""}
    names = set(taken(submission(files=files)))
    assert names == {"models.py", "transaction_script.py", *files}


@pytest.mark.parametrize(
    "name",
    [
        *("tests/test_models.py", "conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py"),
        *("__pycache__/models.py", "venv/lib/six.py", "env/six.py", ".venv/six.py", "node_modules/x.py", "build/x.py"),
        *("site-packages/six.py", ".git/hooks/hook.py", ".github/x.py", "my-notes/x.py", "store/conftest.py"),
        *(
            "store/__pycache__/rows.py",
            "store/observations.toml",
            "products.db",
            "products.db-journal",
            "store/shop.db",
        ),
        *(
            "pyproject.toml",
            "pytest.ini",
            "models.pyc",
            "models.PY",
            "models.py~",
            "README.md",
            "_.pth",
            "sqlalchemy.so",
        ),
    ],
)
def test_other_files_are_not_taken(submission: Build, name: str) -> None:
    """Tests, configuration, databases, environments and hidden folders have no part in a submission."""
    bare = take_in(submission("bare"))
    with_more = take_in(submission("more", files={name: "raise SystemExit"}))
    assert (with_more.sources, with_more.digest) == (bare.sources, bare.digest)


def test_modules_are_taken_to_the_depth_of_the_limit(submission: Build) -> None:
    """A module as deep as the limit is taken, one a folder deeper is not."""
    deep = "/".join(["a"] * limits.SOURCE_DEPTH)
    names = taken(submission(files={f"{deep}/in_.py": "", f"{deep}/a/out.py": ""}))
    assert f"{deep}/in_.py" in names
    assert f"{deep}/a/out.py" not in names


def test_folder_behind_a_link_is_not_entered(submission: Build, tmp_path: Path) -> None:
    """A package that is a link to another folder is not taken."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "rows.py").write_text("")
    folder = submission()
    (folder / "store").symlink_to(tmp_path / "elsewhere")
    assert "store/rows.py" not in taken(folder)


def test_name_that_is_no_text_is_not_taken(submission: Build) -> None:
    """A file whose name is not UTF-8 is left out: no import could name it, and no report could show it."""
    folder = submission()
    (folder / os.fsdecode(b"gr\xf6\xdfe.py")).write_text("")
    assert set(taken(folder)) == {"models.py", "transaction_script.py"}


# --- files with a problem ---------------------------------------------------------------------------------------------


def test_link_is_kept_by_name(submission: Build) -> None:
    """A module that is a link is not followed, and says so."""
    folder = submission()
    (folder / "passwords.py").symlink_to("/etc/passwd")
    source = taken(folder)["passwords.py"]
    assert (source.text, "links are not followed" in (source.problem or "")) == (None, True)


def test_dangling_link_is_kept_by_name(submission: Build) -> None:
    """A link to nothing does not keep the rest from being taken in."""
    folder = submission()
    (folder / "models.py").unlink()
    (folder / "models.py").symlink_to("nowhere.py")
    assert "link" in (taken(folder)["models.py"].problem or "")


def test_pipe_is_kept_by_name(submission: Build) -> None:
    """A named pipe is not opened: nobody may ever write to it."""
    folder = submission()
    os.mkfifo(folder / "pipe.py")
    assert taken(folder)["pipe.py"].problem == "pipe.py is not a regular file"


def test_folder_named_like_a_module_is_no_file(submission: Build) -> None:
    """A folder ``models.py`` is no model."""
    folder = submission()
    (folder / "models.py").unlink()
    (folder / "models.py").mkdir()
    assert "models.py" not in taken(folder)


def test_large_file_is_kept_by_name(submission: Build) -> None:
    """A source of exactly the limit is read, one of a byte more is not."""
    folder = submission()
    assert script(folder, b"#" * limits.SOURCE_BYTES).problem is None
    assert script(folder, b"#" * (limits.SOURCE_BYTES + 1)).problem == "transaction_script.py is larger than 64 KiB"


def test_problem_of_the_observations_is_told(submission: Build) -> None:
    """Observations that are no text are none, and their problem is told."""
    folder = submission()
    (folder / "observations.toml").write_bytes(b"\xff\xfe\x00")
    found = take_in(folder)
    assert found.observations is None
    assert "observations.toml is not UTF-8 text" in (found.observations_problem or "")


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(b"\xef\xbb\xbfa = 1\n", "a = 1\n", id="BOM"),
        pytest.param(b"a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n", id="CRLF"),
        pytest.param(b"a = 1\rb = 2\r", "a = 1\nb = 2\n", id="lone CR"),
        pytest.param(b"a = 1\r\nb = 2\rc = 3\n", "a = 1\nb = 2\nc = 3\n", id="all endings"),
        pytest.param("a = 'größer 日本'\n".encode(), "a = 'größer 日本'\n", id="UTF-8"),
        pytest.param(b"# coding: latin-1\na = '\xe4'\n", "# coding: latin-1\na = 'ä'\n", id="Latin-1"),
        pytest.param(b"#!/x\n# coding=iso-8859-1\n'\xe4'", "#!/x\n# coding=iso-8859-1\n'ä'", id="second line"),
        pytest.param(b"# coding: cp1252\na = '\x80'\n", "# coding: cp1252\na = '€'\n", id="cp1252"),
        pytest.param(b"# coding: windows-1252\na = '\x80'\n", "# coding: windows-1252\na = '€'\n", id="windows-1252"),
        pytest.param(b"# -*- coding: utf8 -*-\n'\xc3\xa4'\n", "# -*- coding: utf8 -*-\n'ä'\n", id="utf8 cookie"),
        pytest.param(b"# coding: latin1\n'\xe4'\n", "# coding: latin1\n'ä'\n", id="latin1 cookie"),
        pytest.param(
            b"# vim: set fileencoding=ISO-8859-1 :\n'\xe4'", "# vim: set fileencoding=ISO-8859-1 :\n'ä'", id="vim"
        ),
        pytest.param(b"\xef\xbb\xbf# coding: utf-8\n", "# coding: utf-8\n", id="BOM and cookie"),
        pytest.param(b"# coding: ascii\na = 1\n", "# coding: ascii\na = 1\n", id="ascii"),
        pytest.param(b"", "", id="empty"),
        pytest.param(b"a = 'x\x0c\x1a\x7f'\n", "a = 'x\x0c\x1a\x7f'\n", id="control characters"),
    ],
)
def test_text_is_read_as_python_reads_it(submission: Build, content: bytes, text: str) -> None:
    """The encodings of the contract are decoded, without BOM and with one kind of line ending."""
    assert script(submission(), content) == Source("transaction_script.py", text)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"a = '\xe4'\n", "is not UTF-8 text", id="Latin-1 without a cookie"),
        pytest.param("a = 1\n".encode("utf-16"), "is not UTF-8 text", id="UTF-16"),
        pytest.param("a = 1\n".encode("utf-16-le"), "NUL characters", id="UTF-16 without a BOM"),
        pytest.param(b"# coding: utf-16\na = 1\n", "declares the encoding utf-16", id="UTF-16 cookie"),
        pytest.param(b"# coding: rot13\nn = 1\n", "declares the encoding rot13", id="rot13"),
        pytest.param(b"# coding: utf-7\n", "declares the encoding utf-7", id="utf-7"),
        pytest.param(b"# coding: klingon\n", "is not UTF-8 text", id="unknown encoding"),
        pytest.param(b"\xef\xbb\xbf# coding: latin-1\n", "is not UTF-8 text", id="BOM against the cookie"),
        pytest.param(b"# coding: ascii\n'\xe4'\n", "is not UTF-8 text", id="not ascii"),
        pytest.param(b"# coding: cp1252\n'\x81'\n", "is not UTF-8 text", id="not cp1252"),
        pytest.param(b"a = '\xed\xa0\x80'\n", "is not UTF-8 text", id="surrogate"),
        pytest.param(b"a = 1\0\n", "NUL characters", id="NUL"),
        pytest.param(b"\x93NUMPY\x01\x00", "is not UTF-8 text", id="binary"),
    ],
)
def test_other_bytes_are_a_clear_problem(submission: Build, content: bytes, problem: str) -> None:
    """What is no text in these encodings is kept by name, with a sentence that says so."""
    source = script(submission(), content)
    assert source.text is None
    assert problem in (source.problem or "")


# --- the digest -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["models.py", "transaction_script.py", "observations.toml", "shop.py"])
def test_any_byte_changes_the_digest(submission: Build, name: str) -> None:
    """One more blank in any file that counts makes another digest."""
    folder = submission(files={"shop.py": "a = 1"})
    before = take_in(folder).digest
    with (folder / name).open("a") as file:
        file.write(" ")
    assert take_in(folder).digest != before


def test_line_endings_change_the_digest(submission: Build) -> None:
    """The digest is that of the bytes, not of the text as it is read."""
    folder = submission()
    before = take_in(folder).digest
    path = folder / "models.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert take_in(folder).digest != before


def test_name_of_a_file_changes_the_digest(submission: Build) -> None:
    """The same bytes under another name make another digest."""
    one, two = submission("one", files={"shop.py": "x"}), submission("two", files={"shoq.py": "x"})
    assert take_in(one).digest != take_in(two).digest


def test_moving_bytes_between_files_changes_the_digest(submission: Build) -> None:
    """Where one file ends and the next begins is part of the digest."""
    one, two = submission("one", files={"a.py": "xy", "b.py": ""}), submission("two", files={"a.py": "x", "b.py": "y"})
    assert take_in(one).digest != take_in(two).digest


def test_times_and_place_do_not_change_the_digest(submission: Build) -> None:
    """The same files elsewhere, touched and with other permissions, have the same digest."""
    one, two = submission("one"), submission("two")
    os.utime(two / "models.py", (0, 0))
    (two / "models.py").chmod(0o755)
    assert take_in(one).digest == take_in(two).digest


def test_digest_names_its_algorithm(submission: Build) -> None:
    """A digest is sha256 in hexadecimal, after its name."""
    name, _, digits = take_in(submission()).digest.partition(":")
    assert (name, len(bytes.fromhex(digits))) == ("sha256", 32)
