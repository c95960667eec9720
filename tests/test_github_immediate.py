"""Grading at once from a student's own push: the template's workflow calls the course's, and GitHub signs the report.

The workflow of the template is run as it is handed out, against the course's ``grade.yml``. What act cannot give is a
signature of GitHub's: a server of the tests signs, with a key that is made here, what GitHub would sign.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from acted import Acted, act
from cryptography.hazmat.primitives.asymmetric import rsa
from github_course import COURSE, RIGHT, STUDENT, Course, committed, git, log
from test_workflow_lint import said

from grader.content import find_content
from grader.github import oidc
from grader.github.seam import read_taken_in
from grader.observe import plan
from grader.template.folder import TemplateUnwritable
from grader.template.repository import IMMEDIATE, Author, immediate_workflow, write_template

pytest_plugins = ("github_course_fixtures",)
ADA = Author("Ada", "ada@example.org", datetime(2026, 1, 1, tzinfo=UTC))
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
WORKFLOW = f"{COURSE}/.github/workflows/grade.yml@refs/tags/v1"
BEARER = "of the job that vouches"


@dataclass
class Signer:
    """GitHub's issuer of tokens: it signs for whom a token is, and which job has asked."""

    claims: dict[str, object] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    url: str = ""

    @property
    def keys(self) -> dict[str, Any]:
        """The key set that everybody can get."""
        return {"keys": [{**jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": "ours"}]}

    def token(self, audience: str) -> str:
        """Return what is signed for an audience."""
        return jwt.encode({**self.claims, "aud": audience}, self.key, algorithm="RS256", headers={"kid": "ours"})


@pytest.fixture
def signer() -> Iterator[Signer]:
    """Return an issuer that answers over HTTP, only to the job that may ask."""
    state = Signer()

    class Connection(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that it has there
            """Say nothing on the error stream."""

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            good = self.headers["Authorization"] == f"bearer {BEARER}" and asked["api-version"] == ["2.0"]
            self.send_response(200 if good else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"value": state.token(asked["audience"][0])}).encode() if good else b"")

    with HTTPServer(("127.0.0.1", 0), Connection) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/token?api-version=2.0"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield state
        server.shutdown()
        thread.join()


def pushed(course: Course, signer: Signer) -> tuple[Acted, str]:
    """Push right work in the template's repository, and run its workflow; return the run and the commit."""
    student = course.folder / "hw-ada"
    write_template(student, find_content(), ADA, f"{COURSE}@v1")
    for name, text in RIGHT.items():
        (student / name).write_text(text, encoding="utf-8")
    committed(student, STUDENT)
    git(course.folder, "clone", "--quiet", "--bare", str(student), str(course.server))
    commit = git(student, "rev-parse", "HEAD")
    moment = int(NOON.timestamp())
    signer.claims = {
        "iss": oidc.ISSUER, "repository": STUDENT, "sha": commit, "job_workflow_ref": WORKFLOW,
        "runner_environment": "github-hosted", "run_id": "42", "nbf": moment, "exp": moment + 21_600,
    }  # fmt: skip
    signs = [f"--env=ACTIONS_ID_TOKEN_REQUEST_URL={signer.url}", f"--env=ACTIONS_ID_TOKEN_REQUEST_TOKEN={BEARER}"]
    run = act(
        student, course.home, "push", f"--workflows={IMMEDIATE}", *course.settings, *signs,
        python=course.python, called={f"{COURSE}@v1": course.repository()},
    )  # fmt: skip
    return run, commit


@pytest.mark.slow
def test_push_is_graded_at_once_and_vouched_for(course: Course, signer: Signer) -> None:
    """A push brings a report made with data drawn by lot, and a token for that report, and for no other one."""
    run, commit = pushed(course, signer)
    assert run.succeeded, log(run)
    assert run.summary.startswith("# 100 of 100 points\n")
    taken = read_taken_in(run.artifacts / "submission" / "submission.json")
    assert taken.seed not in {plan.seed(taken.submission.digest, secret) for secret in ("", "local")}

    report = (run.artifacts / "report" / "report.json").read_bytes()
    token = (run.artifacts / "vouched" / "token.jwt").read_text().strip()
    origin = oidc.Origin(STUDENT, commit, WORKFLOW)
    assert oidc.verify(token, report, origin, signer.keys, NOON)["run_id"] == "42"
    with pytest.raises(oidc.TokenRefused, match=r"^aud is "):
        oidc.verify(token, report.replace(b"100", b"101"), origin, signer.keys, NOON)


@pytest.mark.parametrize("ref", ["c" * 40])
def test_workflow_of_the_template_is_sound(tmp_path: Path, ref: str) -> None:
    """With the course's workflow pinned by its commit, no linter finds anything."""
    file = tmp_path / "grade-now.yml"
    file.write_bytes(immediate_workflow(f"{COURSE}@{ref}"))
    assert f"uses: {COURSE}/.github/workflows/grade.yml@{ref}\n" in file.read_text()
    assert said("actionlint", str(file)) == ""
    assert said("zizmor", "--offline", "--persona=pedantic", "--quiet", "--no-config", str(file)) == ""
    assert said("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)) == ""


def test_template_has_it_only_when_asked_for(tmp_path: Path) -> None:
    """The workflow is in the template if a course is named, and otherwise not."""
    write_template(tmp_path / "with", find_content(), ADA, f"{COURSE}@v1")
    write_template(tmp_path / "without", find_content(), ADA)
    assert (tmp_path / "with" / IMMEDIATE).is_file()
    assert not (tmp_path / "without" / IMMEDIATE).exists()


@pytest.mark.parametrize(
    "course", ["grading", "course/grading", "course/grading@", "a/b@c d", "a/b@c\nx: y", "a/b/c@d"]
)
def test_course_that_is_none_is_refused(tmp_path: Path, course: str) -> None:
    """What is no ORG/REPO@REF makes no template, and never a line of a workflow."""
    with pytest.raises(TemplateUnwritable, match="--immediate my-course/grading@v1"):
        write_template(tmp_path / "template", find_content(), ADA, course)
    assert not (tmp_path / "template").exists()
