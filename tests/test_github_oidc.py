"""What GitHub signs under a report, checked with keys that are made here: each claim that is wrong is named."""

from __future__ import annotations

import base64
import hmac
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from grader.github import oidc
from grader.github.command import github

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
REPORT = b'{"grade": {"score": 87}}'
ORIGIN = oidc.Origin("course/hw-ada", "c" * 40, "course/grading/.github/workflows/grade.yml@refs/heads/main")
KEY, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
"""GitHub's key, and somebody else's."""


def key_set(**keys: rsa.RSAPrivateKey) -> dict[str, Any]:
    """Return public keys by name, as GitHub publishes its own."""
    algorithm = jwt.algorithms.RSAAlgorithm
    found = {name: algorithm.to_jwk(key.public_key(), as_dict=True) for name, key in keys.items()}
    return {"keys": [{**key, "kid": name, "alg": "RS256", "use": "sig"} for name, key in found.items()]}


KEYS = key_set(ours=KEY)


def claims(**other: object) -> dict[str, object]:
    """Return what GitHub says of a job that has judged the report, with some of it otherwise."""
    said: dict[str, object] = {
        "iss": oidc.ISSUER,
        "aud": oidc.digest(REPORT),
        "sub": "repo:course@1/hw-ada@2:ref:refs/heads/main",
        "repository": ORIGIN.repository,
        "sha": ORIGIN.commit,
        "job_workflow_ref": ORIGIN.workflow,
        "runner_environment": "github-hosted",
        "run_id": "42",
        "iat": int(NOON.timestamp()),
        "nbf": int(NOON.timestamp()) - 300,
        "exp": int(NOON.timestamp()) + 21_600,
    }
    return {claim: value for claim, value in {**said, **other}.items() if value is not None}


def signed(said: dict[str, object] | None = None, key: rsa.RSAPrivateKey = KEY, name: str = "ours") -> str:
    """Return a token that says so."""
    return jwt.encode(said or claims(), key, algorithm="RS256", headers={"kid": name})


def verified(token: str, report: bytes = REPORT, at: datetime = NOON) -> dict[str, Any]:
    """Return what a token says, checked at noon."""
    return oidc.verify(token, report, ORIGIN, KEYS, at)


def test_token_for_this_report_is_good() -> None:
    """The claims of a token that GitHub has signed for this report come back."""
    assert verified(signed())["run_id"] == "42"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://token.actions.example.org"),
        ("iss", None),
        ("aud", oidc.digest(b"another report")),
        ("aud", [oidc.digest(REPORT), oidc.digest(b"another report")]),
        ("aud", None),
        ("job_workflow_ref", "course/hw-ada/.github/workflows/grade.yml@refs/heads/main"),
        ("job_workflow_ref", "course/grading/.github/workflows/grade.yml@refs/heads/other"),
        ("job_workflow_ref", None),
        ("repository", "course/hw-bob"),
        ("repository", None),
        ("sha", "d" * 40),
        ("sha", None),
        ("runner_environment", "self-hosted"),
        ("runner_environment", None),
        ("exp", int(NOON.timestamp())),
        ("exp", None),
        ("exp", "never"),
        ("nbf", int(NOON.timestamp()) + 1),
        ("nbf", None),
    ],
)
def test_each_claim_that_is_wrong_is_named(claim: str, value: object) -> None:
    """One claim that is wrong or missing is enough to refuse a token, and the message begins with its name."""
    with pytest.raises(oidc.TokenRefused, match=rf"^{claim} is "):
        verified(signed(claims(**{claim: value})))


def test_token_of_another_report_is_refused() -> None:
    """A token does not vouch for a report in which one byte is another."""
    with pytest.raises(oidc.TokenRefused, match=r"^aud is "):
        verified(signed(), REPORT.replace(b"87", b"97"))


def test_expired_token_was_valid_at_its_time() -> None:
    """After the hours of its validity a token is refused, unless it is asked about a moment within them."""
    tomorrow = NOON + timedelta(days=1)
    with pytest.raises(oidc.TokenRefused, match=r"^exp is 2026-12-01T18:00:00\+00:00: .* see --at$"):
        verified(signed(), at=tomorrow)
    assert verified(signed(), at=NOON + timedelta(hours=1))


def unsigned() -> str:
    """Return a token that asks not to be checked."""
    return jwt.encode(claims(), "", algorithm="none", headers={"kid": "ours"})


def signed_with_the_public_key() -> str:
    """Return a token that takes GitHub's public key, which everybody has, for a secret that two share."""
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said, _, _ = jwt.encode(claims(), "k" * 32, algorithm="HS256", headers={"kid": "ours"}).rpartition(".")
    signature = base64.urlsafe_b64encode(hmac.digest(public, said.encode(), "sha256")).rstrip(b"=")
    return f"{said}.{signature.decode()}"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: signed(key=OTHER), "is not signed by"),
        (lambda: signed(key=OTHER, name="another"), "no key another signs for"),
        (unsigned, "is not signed by"),
        (signed_with_the_public_key, "is not signed by"),
        (lambda: signed()[:-8] + "AAAAAAAA", "is not signed by"),
        (lambda: "no token", "is not signed by"),
        (lambda: "", "is not signed by"),
    ],
)
def test_token_that_github_has_not_signed_is_refused(make: Callable[[], str], reason: str) -> None:
    """A signature of anybody else's, none, or one by another method, is no signature of GitHub's."""
    with pytest.raises(oidc.TokenRefused, match=reason):
        verified(make())


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": [{"kty": "?"}]}])
def test_keys_that_are_none_are_told(keys: dict[str, Any]) -> None:
    """A set without a key that can be used is told as such."""
    with pytest.raises(oidc.TokenRefused, match="no keys to verify with"):
        oidc.verify(signed(), REPORT, ORIGIN, keys, NOON)


# --- the command ------------------------------------------------------------------------------------------------------


def run(folder: Path, *more: str, token: str | None = None) -> tuple[int, str]:
    """Run ``grader github verify`` on files; return status and text."""
    (folder / "report.json").write_bytes(REPORT)
    (folder / "token.jwt").write_text(signed() if token is None else token)
    (folder / "keys.json").write_text(json.dumps(KEYS))
    origin = [f"--repository={ORIGIN.repository}", f"--commit={ORIGIN.commit}", f"--workflow={ORIGIN.workflow}"]
    places = [str(folder / name) for name in ("report.json", "token.jwt")]
    done = CliRunner().invoke(github, ["verify", *places, *origin, f"--keys={folder / 'keys.json'}", *more])
    return done.exit_code, done.output


def test_command_says_who_has_judged(tmp_path: Path) -> None:
    """A good token is told with workflow, repository, commit and run."""
    status, told = run(tmp_path, "--at", "2026-12-01T12:00")
    assert status == 0
    assert f"judged by {ORIGIN.workflow} for {ORIGIN.repository} at {ORIGIN.commit}, in run 42" in told


@pytest.mark.parametrize(
    ("more", "token", "reason"),
    [
        (["--at=2026-12-03T12:00Z"], None, "exp is"),
        (["--at=noon"], None, "Invalid isoformat string"),
        (["--at=2026-12-01T12:00Z", "--commit=" + "d" * 40], None, "sha is"),
        (["--at=2026-12-01T12:00Z", "--keys=nowhere.json"], None, "no keys can be read from nowhere.json"),
        (["--at=2026-12-01T12:00Z"], "no token", "is not signed by"),
        (["--at=2026-12-01T12:00Z"], "\u2603", "ascii"),
    ],
)
def test_command_refuses_what_is_wrong(tmp_path: Path, more: list[str], token: str | None, reason: str) -> None:
    """What is wrong ends the command with a status that is not 0, and is told."""
    status, told = run(tmp_path, *more, token=token)
    assert status != 0
    assert reason in told


def test_file_that_is_no_set_of_keys_is_told(tmp_path: Path) -> None:
    """Keys have to be a set of keys."""
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(oidc.TokenRefused, match="holds no set of keys"):
        oidc.published_keys(str(tmp_path / "list.json"))


def test_library_that_is_missing_is_told_with_its_repair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who installed the grader without the extra learns how to get it."""
    monkeypatch.setitem(sys.modules, "jwt", None)
    monkeypatch.delitem(sys.modules, "grader.github.oidc")
    monkeypatch.delattr("grader.github.oidc")
    status, told = run(tmp_path)
    assert status != 0
    assert "jwt is not installed; repair: " in told
    assert "-m pip install 'session-grader[github]'" in told
