"""A class on the GitHub of these tests: students who clone, write, commit and push."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github_server import APP, GitHubServer, git

from grader.content import SOLUTION, find_content
from grader.github.api import APP_ID, APP_KEY, GitHub, connect

RIGHT = {
    file.name: file.read_text(encoding="utf-8")
    for file in sorted((find_content().root / SOLUTION).iterdir())
    if file.is_file()
}
SPARSE = {"models.py": "x = 1\n"}
ALL_RIGHTS = {"contents": "read", "metadata": "read", "checks": "write", "actions": "read"}


def day(number: int, hour: int = 12) -> datetime:
    """Return a moment of the month in which the class hands in."""
    return datetime(2026, 11, number, hour, tzinfo=UTC)


def app(server: GitHubServer, number: int = 0) -> dict[str, str]:
    """Give the course an App with one of several keys; return the environment in which it signs in."""
    key = _key(number)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    server.public_key = key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {APP_ID: str(APP), APP_KEY: private.decode()}


@cache
def _key(number: int) -> rsa.RSAPrivateKey:  # noqa: ARG001  # each number has a key of its own
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def signed_in(server: GitHubServer, environment: Mapping[str, str] | None = None) -> GitHub:
    """Sign in at the server: as the teacher, or with what an environment holds."""
    holds = {"GRADER_GITHUB_TOKEN": "teacher"} if environment is None else environment
    return connect(server.url, server.organisation, ALL_RIGHTS, holds, pause=0)


def commit(clone: Path, files: Mapping[str, str], *, date: str = "2026-11-01T12:00:00Z", message: str = "Work") -> str:
    """Write files into a clone and commit them, as if on a date; return the commit."""
    if not (clone / ".git").exists():
        git("init", "--quiet", "--initial-branch=main", str(clone))
    for name, text in files.items():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text(text, encoding="utf-8")
    git("-C", str(clone), "add", "--all")
    who = ("-c", "user.name=Eve", "-c", "user.email=eve@example.org")
    dated = ("--date", date, "--quiet", "--allow-empty", "--message", message)
    git("-C", str(clone), *who, "commit", *dated)
    return git("-C", str(clone), "rev-parse", "HEAD")
