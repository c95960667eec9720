"""The two documents for programs, and their schemas."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, ValidationError
from nasty import NASTY, obeyed
from outputs_samples import SCRIPT, adding, criterion, evidence, hostile, refused, report

from grader.outputs.document import MOST_TEXT, REWRITE, SCHEMAS, evidence_json, main, report_json, schemas
from grader.values import Advice, Evidence, Flag, Where

DOCUMENT = {
    "created": 1.5,
    "duration": 0.1,
    "exitcode": 1,
    "root": ".",
    "environment": {},
    "summary": {"passed": 1, "total": 1},
    "tests": [{"nodeid": "check_commit.py::check", "outcome": "passed", "keywords": {"own", "record"}, "odd": object}],
}
GRADE = report(
    criterion("model.table"),
    criterion("commit.stored", "failed", where=Where(SCRIPT, 9)),
    criterion("rollback.nothing_kept", "blocked", cause="commit.stored"),
    advice=(Advice("advice.bare_except", "Name it.", None),),
    flags=(Flag("flag.record_cut", "cut"),),
)


def schema(name: str) -> Any:  # noqa: ANN401  # JSON
    """Return a published schema."""
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def check(content: bytes, name: str) -> None:
    """Validate a document against a published schema."""
    Draft202012Validator(schema(name)).validate(json.loads(content))


def test_the_grade_stands_beside_pytests_own_keys() -> None:
    """The document of pytest-json-report stays as it is, with one more key."""
    written = json.loads(report_json(DOCUMENT, GRADE))
    assert list(written) == [*DOCUMENT, "grade"]
    assert written["summary"] == DOCUMENT["summary"]


def test_the_format_comes_first() -> None:
    """A reader of a grade meets the number of its layout before all else."""
    assert next(iter(json.loads(report_json(DOCUMENT, GRADE))["grade"].items())) == ("format", 1)


def test_a_grade_is_written_in_full() -> None:
    """Every key of the contract is there, those without a value as null."""
    first = json.loads(report_json(DOCUMENT, GRADE))["grade"]["criteria"][0]
    assert first["where"] is None
    assert first["cause"] is None


def test_the_same_grade_is_the_same_bytes() -> None:
    """Writing twice gives the same document."""
    assert report_json(DOCUMENT, GRADE) == report_json(dict(DOCUMENT), GRADE)


def test_a_value_that_json_lacks_is_written_as_text() -> None:
    """What a plugin leaves in the document does not stop the report."""
    document: dict[Any, Any] = DOCUMENT | {"duration": float("nan"), 7: (object, None)}
    written = json.loads(report_json(document, GRADE))
    assert written["duration"] == "nan"
    assert written["7"] == ["<class 'object'>", None]


@pytest.mark.parametrize("text", NASTY)
def test_documents_are_plain_ascii(text: str) -> None:
    """Looking at a document with `cat` sends nothing of a student's to the terminal."""
    grade, record = hostile(text)
    for content in (report_json({**DOCUMENT, "tests": [text]}, grade), evidence_json(record)):
        assert set(content) <= {*range(0x20, 0x7F), 0x0A}
        assert obeyed(content.decode()) == []


def test_signs_of_commands_are_read_back() -> None:
    """What is escaped for a terminal and for a runner is the same text again for a reader of JSON."""
    text = "\x7f ##[group]x ###[error] ##vso[x] C:\\##[x"
    assert json.loads(report_json(DOCUMENT, report(text=text)))["grade"]["submission"] == text


def test_a_report_has_no_endless_text() -> None:
    """In the report a text is cut, in evidence it is kept: the judge must see what was recorded."""
    grade, record = hostile("x" * 1_000_000)
    assert json.loads(report_json({"tests": ["x" * 5000]}, grade))["tests"] == ["x" * (MOST_TEXT - 1) + "…"]
    assert len(report_json(DOCUMENT, grade)) < 100_000
    assert len(json.loads(evidence_json(record))["submission"]) == 1_000_000


@pytest.mark.parametrize("text", NASTY)
def test_hostile_documents_are_valid(text: str) -> None:
    """Whatever a student wrote, the documents keep to their schemas."""
    grade, record = hostile(text)
    check(report_json(DOCUMENT, grade), "report.schema.json")
    check(evidence_json(record), "evidence.schema.json")


def test_evidence_is_read_back_as_it_was() -> None:
    """Stored evidence is the same value again, so that it can be judged anew."""
    record = evidence(adding(), refused())
    read = msgspec.json.decode(evidence_json(record), type=Evidence)
    assert msgspec.to_builtins(read) == msgspec.to_builtins(record)


def test_evidence_with_a_half_character_is_read_back() -> None:
    """A name that is no Unicode does not make the evidence unreadable."""
    read = msgspec.json.decode(evidence_json(evidence(text="\udcff")), type=Evidence)
    assert read.submission == "?"


def test_the_documents_keep_to_their_schemas() -> None:
    """A grade and its evidence are what the schemas describe."""
    check(report_json(DOCUMENT, GRADE), "report.schema.json")
    check(evidence_json(evidence(adding(), refused())), "evidence.schema.json")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda grade: grade.update(bonus=5),
        lambda grade: grade["criteria"][0].update(note=""),
        lambda grade: grade["concepts"]["model"].update(note=""),
        lambda grade: grade["criteria"][1]["where"].update(column=3),
        lambda grade: grade.pop("flags"),
        lambda grade: grade.update(format=2),
        lambda grade: grade.update(score="100"),
    ],
)
def test_a_grade_of_another_shape_is_refused(spoil: Any) -> None:  # noqa: ANN401  # a function on JSON
    """Inside ``grade`` no key may be added or missing, and the layout has its number."""
    written = json.loads(report_json(DOCUMENT, GRADE))
    spoil(written["grade"])
    with pytest.raises(ValidationError):
        Draft202012Validator(schema("report.schema.json")).validate(written)


@pytest.mark.parametrize("name", list(schemas()))
def test_a_schema_is_a_schema(name: str) -> None:
    """Each published schema is valid itself."""
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", list(schemas()))
def test_a_schema_is_fresh(name: str) -> None:
    """The published schemas describe the values as they are now."""
    published = (SCHEMAS / name).read_text(encoding="utf-8")
    assert published == schemas()[name], f"{name} is out of date; run: {REWRITE}"


def test_the_command_rewrites_the_schemas(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401  # a path
    """The command that the test above names writes every schema."""
    monkeypatch.setattr("grader.outputs.document.SCHEMAS", tmp_path)
    main()
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == schemas()
