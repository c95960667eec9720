"""The two documents for programs, ``report.json`` and ``evidence.json``, and the JSON Schemas that describe them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec

from grader.values import EVIDENCE_FORMAT, GRADE_FORMAT, Evidence, GradeReport

SCHEMAS = Path(__file__).parent
REWRITE = "python -m grader.outputs.document"
"""The command that writes the schemas anew."""
MOST_TEXT = 2000
"""The longest text in ``report.json``, in characters; evidence is stored as it was taken, to be judged again."""

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DEFINITIONS = "#/$defs/{name}"
_OF_PYTEST = {
    "created": {"type": "number", "description": "When the checks ended, in seconds since 1970."},
    "duration": {"type": "number", "description": "How long the checks took, in seconds."},
    "exitcode": {"type": "integer", "description": "pytest's exit status: 1 where a check failed."},
    "root": {"type": "string"},
    "environment": {"type": "object"},
    "summary": {"type": "object"},
    "tests": {"type": "array", "items": {"type": "object"}},
}


def report_json(document: dict[str, Any], report: GradeReport) -> bytes:
    """Return pytest-json-report's ``document`` with the grade beside its own keys, as JSON in ASCII."""
    return _json({**document, "grade": _format_first(msgspec.to_builtins(report))}, indent=2, most=MOST_TEXT)


def evidence_json(evidence: Evidence) -> bytes:
    """Return the evidence as JSON in ASCII; msgspec reads it back as the same value."""
    return _json(_format_first(msgspec.to_builtins(evidence)), indent=None)


def schemas() -> dict[str, str]:
    """Return the published JSON Schemas (Draft 2020-12), by file name."""
    return {
        "report.schema.json": _pretty(_report_schema()),
        "evidence.schema.json": _pretty(_evidence_schema()),
    }


def _format_first(value: dict[str, Any]) -> dict[str, Any]:
    """Put ``format`` in front: a reader has to know it before all else."""
    return {"format": value["format"], **value}


def _json(value: object, *, indent: int | None, most: int | None = None) -> bytes:
    # ASCII, because a report is also looked at with `cat`, in a workflow as well: no text of a student's may command
    # the terminal, or the runner, which obeys ##[name] anywhere in a line. A ## stands in texts only.
    text = json.dumps(value if most is None and _is_plain(value) else _plain(value, most), indent=indent)
    return (text.replace("##", r"#\u0023") + "\n").encode("ascii")


def _is_plain(value: object) -> bool:
    """Tell whether ``value`` is what JSON can say everywhere already: nearly always, and asking is far cheaper."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError):  # a set, NaN, half a character
        return False
    return True


def _plain(value: Any, most: int | None) -> Any:  # noqa: ANN401  # JSON out, nearly anything in
    """Return ``value`` as JSON can say it everywhere: no half characters, no NaN, names as text, ``most`` long."""
    if isinstance(value, dict):
        return {_whole(str(key), most): _plain(item, most) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, most) for item in value]
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return _whole(str(value), most)


def _whole(text: str, most: int | None) -> str:
    """Return ``text``, or its beginning, without surrogates, which strict readers of JSON refuse."""
    kept = text if most is None or len(text) <= most else text[: most - 1] + "…"
    return kept.encode("utf-8", "replace").decode("utf-8")


def _report_schema() -> dict[str, Any]:
    grade, definitions = _schema_of(GradeReport, GRADE_FORMAT)
    for definition in definitions.values():  # a grade is always written in full
        definition["required"] = list(definition["properties"])
    return {
        "$schema": _DRAFT,
        "title": "report.json",
        "description": "A pytest-json-report document with the grade of one submission.",
        "type": "object",
        "properties": {**_OF_PYTEST, "grade": grade},
        "required": [*_OF_PYTEST, "grade"],
        "$defs": definitions,
    }


def _evidence_schema() -> dict[str, Any]:
    evidence, definitions = _schema_of(Evidence, EVIDENCE_FORMAT)
    return {"$schema": _DRAFT, "title": "evidence.json", **evidence, "$defs": definitions}


def _schema_of(kind: type[msgspec.Struct], number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schema of a value of ours and its definitions, closed: a key that is not described is a mistake."""
    (schema,), definitions = msgspec.json.schema_components([kind], ref_template=_DEFINITIONS)
    for definition in definitions.values():
        definition["additionalProperties"] = False
    definitions[kind.__name__]["properties"]["format"] = {"const": number}
    return schema, definitions


def _pretty(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2) + "\n"


def main() -> None:
    """Write the schemas into the package."""
    for name, text in schemas().items():
        (SCHEMAS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
