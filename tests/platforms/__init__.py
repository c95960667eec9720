"""What platforms read, as far as it is published: the forms that their files have, and readers that do as they do."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator


def conforms(document: object, form: str) -> list[str]:
    """Return what is wrong in a document, by a JSON Schema of this folder."""
    schema = json.loads((Path(__file__).parent / f"{form}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


def notices(*results: str) -> list[str]:
    """Return the notices that GitHub Classroom's autograding-grading-reporter gives for the outputs of its runners.

    It adds the scores of all tests whose runner has a maximum, and gives no notice where no runner has one.
    """
    documents: list[dict[str, Any]] = [json.loads(base64.b64decode(result, validate=True)) for result in results]
    counted = [document for document in documents if document["max_score"]]
    most = sum(document["max_score"] for document in counted)
    total = sum(test["score"] for document in counted for test in document["tests"])
    if not most:
        return []
    report = json.dumps({"totalPoints": total, "maxPoints": most}, separators=(",", ":"))
    return [
        f"::notice title=Autograding complete::Points {total}/{most}",
        f"::notice title=Autograding report::{report}",
    ]


def printed(result: str) -> str:
    """Return the lines of a student's that the same reporter prints: names, messages of errors, code of tests."""
    tests = json.loads(base64.b64decode(result))["tests"]
    lines = [f"Error: {test['message']}" if test["status"] == "error" else test["name"] for test in tests]
    return "\n".join([*lines, *(test["test_code"] for test in tests if test["test_code"])])
