"""Similar submissions: copies are found in disguise, honest likeness is not, and nobody's own words are a verdict."""

from __future__ import annotations

import ast
import random
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from course_samples import evidence, handed, keep

from grader.cli import app
from grader.content import SOLUTION, STARTER, find_content
from grader.course import similarity
from grader.course.classpage import classwork
from grader.course.gradebook import open_gradebook
from grader.course.similarity import Alike, SimilarityMissing, alike
from grader.values import Source

ACCEPTED = Path(__file__).parent / "submissions" / "accepted"
CONTENT = find_content()
EVERYBODYS = [CONTENT.read(f"{folder}/transaction_script.py") for folder in (STARTER, SOLUTION)]
# Two golden submissions that were made of each other on purpose: they are a pair, and told as one.
A_PAIR = {"enum_and_typeddict", "strenum_keys"}
COPIED = ("try_except_finally", "dto_and_repository")


@pytest.fixture(scope="module")
def styles() -> dict[str, str]:
    """Return right solutions in many styles, by name; of the pair that belongs together only one."""
    folders = sorted(folder for folder in ACCEPTED.iterdir() if folder.name not in A_PAIR)
    return {folder.name: _text(folder) for folder in folders if (folder / "transaction_script.py").is_file()}


def _text(folder: Path) -> str:
    return "\n".join(
        file.read_text(encoding="utf-8", errors="replace")
        for file in sorted(folder.rglob("*.py"))
        if file.name != "models.py"
    )


def disguised(text: str) -> str:
    """Return a copy with other names, other layout, no comments, and the functions the other way round."""
    tree = ast.parse(text)
    functions = iter([part for part in tree.body if isinstance(part, ast.FunctionDef)][::-1])
    tree.body = [next(functions) if isinstance(part, ast.FunctionDef) else part for part in tree.body]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in {"session", "product", "ids", "rows"}:
            node.id = f"my_{node.id}"
    return ast.unparse(tree)


def pairs(found: list[Alike]) -> set[frozenset[str]]:
    """Return who is alike, without how much."""
    return {frozenset(each.students + each.others) for each in found}


# --- right solutions --------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_right_solutions_are_not_told_as_copies(styles: dict[str, str]) -> None:
    """Of right solutions in all their styles, and of thirty of them, no pair comes up to the limit."""
    assert alike(styles, EVERYBODYS) == []
    chosen = random.Random(1).sample(sorted(styles), 30)  # noqa: S311  # no secret
    assert alike({name: styles[name] for name in chosen}, EVERYBODYS) == []


@pytest.mark.slow
def test_a_copy_is_found_in_its_disguise(styles: dict[str, str]) -> None:
    """Copies with other names, order, comments and layout are found, and nobody else is told."""
    copies = {f"copy of {name}": disguised(styles[name]) for name in COPIED}
    found = alike({**styles, **copies}, EVERYBODYS)
    assert pairs(found) == {frozenset((name, f"copy of {name}")) for name in COPIED}


# --- what counts ------------------------------------------------------------------------------------------------------
def test_the_same_text_is_told_once_for_all(styles: dict[str, str]) -> None:
    """Who handed in the very same text stands together, however many they are."""
    text = styles["try_except_finally"]
    assert alike({"a": text, "b": text, "c": text}, EVERYBODYS) == [Alike(100, ("a", "b", "c"))]


def test_the_starter_and_the_reference_are_everybodys() -> None:
    """Who handed in the starter, or wrote what the reference says, resembles nobody by that."""
    for text in EVERYBODYS:
        assert alike({"a": text, "b": text + "\nx = 1\n"}, EVERYBODYS) == []


def test_what_many_wrote_is_everybodys(styles: dict[str, str]) -> None:
    """A passage that many of the class have makes no two of them alike."""
    text = styles["try_except_finally"]
    some = sorted(styles)[:15]
    found = alike({name: f"{styles[name]}\n{text}" for name in some}, EVERYBODYS)
    assert len(found) < 3


def test_a_few_lines_are_chance() -> None:
    """Texts that share less than a few lines are not alike, however short they are."""
    assert alike({"a": "for x in range(3):\n    print(x, 1)\n", "b": "for y in range(3):\n    print(y, 1)\n"}, []) == []


def test_the_result_is_the_same_each_time(styles: dict[str, str]) -> None:
    """The order in which students come makes no difference."""
    some = {name: styles[name] for name in sorted(styles)[:12]}
    assert alike(some, EVERYBODYS, 10) == alike(dict(reversed(some.items())), EVERYBODYS, 10)


def test_empty_and_broken_texts_resemble_nothing() -> None:
    """What is empty, or no Python, is compared like everything else."""
    assert alike({"a": "", "b": "", "c": "def ((((", "d": "\x00" * 500}, EVERYBODYS) == []


# --- the gradebook and the command ------------------------------------------------------------------------------------
@pytest.fixture
def copied(tmp_path: Path, styles: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a class in which alice and bob handed in the same."""
    text = {
        "sha256:a": styles["try_except_finally"],
        "sha256:b": disguised(styles["try_except_finally"]),
        "sha256:c": "",
    }
    made = {
        digest: (Source("models.py", "x = 1\n" * 99), Source("transaction_script.py", text[digest])) for digest in text
    }
    monkeypatch.setattr("course_samples.evidence", lambda digest: _with_files(digest, made[digest]))
    with open_gradebook(tmp_path) as book:
        for student, digest in zip(("alice", "bob", "carol"), text, strict=True):
            keep(book, handed(student, digest))
    return tmp_path


def _with_files(digest: str, files: tuple[Source, ...]) -> object:
    from msgspec.structs import replace  # noqa: PLC0415  # beside its use

    return replace(evidence(digest), files=files)


def test_stored_sources_are_compared(copied: Path) -> None:
    """What is compared comes from the gradebook, without the models, in which all are alike."""
    with open_gradebook(copied) as book:
        pushes = classwork.counting(book.standings(), book.pushes())
        (found,) = similarity.similar(pushes.values(), book.evidence)
    assert (found.students, found.others) == (("alice",), ("bob",))


def test_the_command_lists_pairs_and_says_what_they_are(copied: Path) -> None:
    """``grader similar`` tells who is alike, and that this is no verdict."""
    done = CliRunner().invoke(app, ["similar", str(copied)])
    assert done.exit_code == 0
    assert "alice and bob" in done.output
    assert "1 found. They are hints where to look" in done.output


def test_the_command_takes_another_limit(copied: Path) -> None:
    """With ``--least`` only pairs that are at least so much alike are listed."""
    done = CliRunner().invoke(app, ["similar", str(copied), "--least", "100"])
    assert "0 found" in done.output


def test_without_the_library_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "copydetect", None)
    with pytest.raises(SimilarityMissing, match=r"pip install 'session-grader\[similarity\]'"):
        alike({"a": "x = 1\n"}, [])
