"""The edition of the grader: on what a grade depends beside the submission, as digests that are compared.

Where all four parts are the same, judging again would give the same grade, and nothing is graded twice. Where only
``checks`` or ``rubric`` differ, stored evidence is judged again. Where ``plan`` differs, other calls would be made
today: that evidence has to be taken anew.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

import grader
from grader import flow
from grader.content import RUBRIC, SOLUTION, Content, find_content
from grader.course.nouns import Edition
from grader.observe import plan
from grader.values import EVIDENCE_FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

# A plan is made for a submission and the ids that its model has stored; these stand for all of them.
_ANY_SUBMISSION = "sha256:0"
_ANY_IDS = (1, 2, 3, 4, 500)
_OF_CHECKS = (".py", ".ini")


def current_edition() -> Edition:
    """Return the edition of this installation, with the course's secret from the environment."""
    content = find_content()
    return Edition(
        version=grader.__version__,
        checks=_checks(),
        rubric=_digest([content.read(RUBRIC).encode()]),
        plan=plan_digest(flow.secret(), content),
    )


def plan_digest(secret: str, content: Content) -> str:
    """Return a digest of the calls that are planned, their inputs drawn with ``secret``, and what may stand in there.

    It is made of the calls themselves, not of the source that plans them: a comment there changes nothing.
    """
    draw = plan.Draw(plan.seed(_ANY_SUBMISSION, secret))
    calls = [(plan.model(draw),), *plan.functions(draw, _ANY_IDS), plan.program()]
    reference = (content.read(f"{SOLUTION}/{name}").encode() for name in ("models.py", "transaction_script.py"))
    return _digest([str(EVIDENCE_FORMAT).encode(), msgspec.json.encode(calls, order="deterministic"), *reference])


@cache
def _checks() -> str:
    """Return a digest of the source of all that judges."""
    return _digest(part for name, source in sorted(_sources(files("grader.judge"))) for part in (name, source))


def _sources(folder: Traversable, above: str = "") -> Iterator[tuple[bytes, bytes]]:
    for item in folder.iterdir():
        name = f"{above}/{item.name}"
        if item.is_dir():
            yield from _sources(item, name)
        elif name.endswith(_OF_CHECKS):
            yield name.encode(), item.read_bytes()


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d\n" % len(part))
        digest.update(part)
    return f"sha256:{digest.hexdigest()}"
