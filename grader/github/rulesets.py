"""The push ruleset of a class: students cannot push workflows, so the one that checks them stays as it was handed out.

It keeps an honest workflow honest. It makes no score of a student's repository one of record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.github.api import GitHub

NAME = "The course's workflows"
PATHS = (".github/**/*", ".github/**/.*")
"""Everything below ``.github``; a star alone leaves out names that begin with a dot."""
_OWNERS = {"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}
_SAID = ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")

Change = Literal["made", "repaired", "as it should be"]


class Done(Struct, frozen=True):
    """What became of the ruleset of an organisation or of a repository."""

    place: str
    change: Change


def ruleset(prefix: str | None = None) -> dict[str, Any]:
    """Return the ruleset as GitHub takes it: for repositories whose names begin so, or for one that has it itself."""
    rule = {"type": "file_path_restriction", "parameters": {"restricted_file_paths": list(PATHS)}}
    said: dict[str, Any] = {
        "name": NAME,
        "target": "push",
        "enforcement": "active",
        "bypass_actors": [_OWNERS],
        "rules": [rule],
    }
    if prefix is not None:
        said["conditions"] = {"repository_name": {"include": [f"{prefix}*"], "exclude": []}}
    return said


def protect(github: GitHub, organisation: str, prefix: str, *, each: bool, dry: bool = False) -> Iterator[Done]:
    """Give an organisation the ruleset for all repositories that begin with ``prefix``, or ``each`` of them its own.

    What is as it should be stays. With ``dry`` nothing is changed at all. Raises GitHubRefused.
    """
    if not each:
        yield _put(github, f"/orgs/{organisation}", ruleset(prefix), dry=dry)
        return
    for repository in github.pages(f"/orgs/{organisation}/repos"):
        if repository["name"].startswith(prefix):
            yield _put(github, f"/repos/{repository['full_name']}", ruleset(), dry=dry)


def _put(github: GitHub, place: str, wanted: dict[str, Any], *, dry: bool) -> Done:
    listed = github.pages(f"{place}/rulesets", includes_parents="false")
    number = next((found["id"] for found in listed if found["name"] == NAME), None)
    if number is None:
        if not dry:
            github.request("POST", f"{place}/rulesets", wanted)
        return Done(place, "made")
    if _same(github.request("GET", f"{place}/rulesets/{number}"), wanted):
        return Done(place, "as it should be")
    if not dry:
        github.request("PUT", f"{place}/rulesets/{number}", wanted)
    return Done(place, "repaired")


def _same(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Tell whether a ruleset says what is wanted; GitHub adds keys of its own, also inside."""
    return all(_says(found.get(key), wanted[key]) for key in _SAID if key in wanted)


def _says(found: object, wanted: object) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_says(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_says, found, wanted))
    return found == wanted
