"""Where a report comes from: GitHub's signature under its digest, as ``grade.yml`` asks for it.

A job may ask GitHub for a token that says which workflow runs in it, called by which repository at which commit. Whom
the token is for is the job's to choose: ``grade.yml`` names the digest of the report that it has judged. So nobody who
cannot change that workflow has a token for a report of their own making.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import requests
from msgspec import Struct

from grader.outputs.text import visible

ISSUER = "https://token.actions.githubusercontent.com"
KEYS = f"{ISSUER}/.well-known/jwks"
"""Where GitHub publishes the keys with which it signs."""
_ALGORITHM = "RS256"
_SECONDS = 30


class TokenRefused(ValueError):  # noqa: N818  # it names what happened
    """A token does not say what it should; the message names the claim, or how to get what is missing."""


class Origin(Struct, frozen=True):
    """Where a report has to come from: ``workflow`` as ``ORG/REPO/.github/workflows/grade.yml@refs/heads/main``."""

    repository: str
    commit: str
    workflow: str


def digest(report: bytes) -> str:
    """Return what stands in a token for this report."""
    return f"sha256:{hashlib.sha256(report).hexdigest()}"


def verify(token: str, report: bytes, origin: Origin, keys: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return the claims of a token that GitHub has signed for this report, of this origin, and that was valid ``at``.

    ``keys`` is a JSON Web Key Set. Raises :class:`TokenRefused`.
    """
    claims = _signed(token, keys)
    wanted = {
        "iss": ISSUER,
        "aud": digest(report),
        "job_workflow_ref": origin.workflow,
        "repository": origin.repository,
        "sha": origin.commit,
        "runner_environment": "github-hosted",  # whoever owns a runner can make it say anything
    }
    for claim, value in wanted.items():
        if claims.get(claim) != value:
            raise TokenRefused(f"{claim} is {visible(str(claims.get(claim)), 300)} in the token, and should be {value}")
    _check_time(claims, at)
    return claims


def _signed(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """Return the claims if one of the keys has signed them; nothing else is looked at here."""
    try:
        number = jwt.get_unverified_header(token).get("kid")
        key = next((key for key in jwt.PyJWKSet.from_dict(keys).keys if key.key_id == number), None)
        if key is None:
            raise TokenRefused(f"no key {visible(str(number), 100)} signs for {ISSUER} (any more); see --keys")
        # Each claim is compared below, where a wrong one is named.
        unlooked = dict.fromkeys(("verify_aud", "verify_iss", "verify_exp", "verify_nbf", "verify_iat"), False)
        return jwt.decode(token, key, algorithms=[_ALGORITHM], options=unlooked)  # type: ignore[arg-type]  # all known
    except jwt.InvalidTokenError as error:
        raise TokenRefused(f"the token is not signed by {ISSUER}: {visible(str(error), 300)}") from error
    except jwt.PyJWTError as error:
        raise TokenRefused(f"these are no keys to verify with: {visible(str(error), 300)}") from error


def _check_time(claims: dict[str, Any], at: datetime) -> None:
    moment = at.timestamp()
    for claim, is_wrong in (("nbf", float.__gt__), ("exp", float.__le__)):
        found = claims.get(claim)
        if not isinstance(found, int) or is_wrong(float(found), moment):
            shown = (
                datetime.fromtimestamp(found, UTC).isoformat() if isinstance(found, int) else visible(str(found), 50)
            )
            raise TokenRefused(f"{claim} is {shown}: the token was not valid at {at.isoformat()}; see --at")


def published_keys(place: str) -> dict[str, Any]:
    """Return the key set of a file, or of an address that begins with https; raises :class:`TokenRefused`."""
    try:
        if place.startswith("https:"):
            found = requests.get(place, timeout=_SECONDS).json()
        else:
            found = json.loads(Path(place).read_bytes())
    except (OSError, ValueError) as error:  # requests' own are among them
        raise TokenRefused(f"no keys can be read from {place}: {visible(str(error), 200)}; see --keys") from error
    if not isinstance(found, dict):
        raise TokenRefused(f"{place} holds no set of keys; see --keys")
    return found
