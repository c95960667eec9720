"""The push ruleset of a class, set up through the API as it is served: made once, repaired, otherwise left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import github_server
import pytest
from click.testing import CliRunner
from github_class import app
from github_server import Answer, Asked, Fault, GitHubServer, serving

from grader.github.api import connect
from grader.github.command import github
from grader.github.refusal import GitHubRefused
from grader.github.rulesets import NAME, PATHS, Done, protect

RIGHTS = {"organization_administration": "write", "administration": "write", "metadata": "read"}
TEACHER = {"GRADER_GITHUB_TOKEN": "teacher"}
Rulesets = dict[str, list[dict[str, Any]]]


@pytest.fixture
def rulesets(monkeypatch: pytest.MonkeyPatch) -> Rulesets:
    """Teach the server rulesets; return those that it has, by the path below which they are."""
    kept: Rulesets = {}

    def listed(_server: GitHubServer, asked: Asked) -> Answer:
        """List them as GitHub does: without what they say."""
        return 200, [{key: found[key] for key in ("id", "name", "target")} for found in kept.get(asked.parts[0], [])]

    def shown(_server: GitHubServer, asked: Asked) -> Answer:
        return 200, kept[asked.parts[0]][int(asked.parts[1]) - 1]

    def add(_server: GitHubServer, asked: Asked) -> Answer:
        there = kept.setdefault(asked.parts[0], [])
        # GitHub writes more than it was told.
        there.append({**asked.body, "id": len(there) + 1, "node_id": "RRS", "source": "course"})
        for condition in there[-1].get("conditions", {}).values():
            condition["protected"] = False
        return 201, there[-1]

    def change(_server: GitHubServer, asked: Asked) -> Answer:
        found = kept[asked.parts[0]][int(asked.parts[1]) - 1]
        found.update(asked.body)
        return 200, found

    routes = []
    for place, right in ((r"(/orgs/[\w-]+)", "organization_administration"), (r"(/repos/[\w./-]+)", "administration")):
        routes += [
            ("GET", f"{place}/rulesets", f"{right}:read", listed),
            ("POST", f"{place}/rulesets", f"{right}:write", add),
            ("GET", rf"{place}/rulesets/(\d+)", f"{right}:read", shown),
            ("PUT", rf"{place}/rulesets/(\d+)", f"{right}:write", change),
        ]
    monkeypatch.setattr(github_server, "ROUTES", [*routes, *github_server.ROUTES])
    return kept


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    """Return a server with two students' repositories and one of the course's."""
    with serving(tmp_path / "server") as started:
        for name in ("hw-alice", "hw-bob", "grading"):
            started.create(name)
        yield started


def set_up(
    server: GitHubServer, who: Mapping[str, str] = TEACHER, *, each: bool = False, dry: bool = False
) -> list[Done]:
    """Set up the ruleset, by default as the teacher."""
    with connect(server.url, server.organisation, RIGHTS, who, pause=0) as connected:
        return list(protect(connected, server.organisation, "hw-", each=each, dry=dry))


def test_organisation_gets_one_ruleset_for_the_class(server: GitHubServer, rulesets: Rulesets) -> None:
    """Nobody but owners may push below .github, into any repository whose name begins as those of the class."""
    assert set_up(server, app(server)) == [Done("/orgs/course", "made")]
    (made,) = rulesets["/orgs/course"]
    assert (made["name"], made["target"], made["enforcement"]) == (NAME, "push", "active")
    assert made["conditions"]["repository_name"]["include"] == ["hw-*"]
    assert made["rules"] == [{"type": "file_path_restriction", "parameters": {"restricted_file_paths": list(PATHS)}}]
    assert made["bypass_actors"] == [{"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}]


def test_second_time_changes_nothing(server: GitHubServer, rulesets: Rulesets) -> None:
    """What is as it should be is not touched, whatever GitHub has added to it."""
    set_up(server)
    assert [done.change for done in set_up(server)] == ["as it should be"]
    assert [method for method, _ in server.writes()] == ["POST"]
    assert len(rulesets["/orgs/course"]) == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("enforcement", "disabled"),
        ("rules", []),
        ("rules", [{"type": "file_path_restriction", "parameters": {"restricted_file_paths": ["tests/**"]}}]),
        ("bypass_actors", []),
        ("conditions", {"repository_name": {"include": ["~ALL"], "exclude": ["hw-eve"]}}),
    ],
)
def test_what_was_changed_is_repaired(server: GitHubServer, rulesets: Rulesets, key: str, value: object) -> None:
    """A ruleset that says something else is made to say what it should again."""
    set_up(server)
    (kept,) = rulesets["/orgs/course"]
    right = kept[key]
    kept[key] = value
    assert [done.change for done in set_up(server)] == ["repaired"]
    assert kept[key] == right or kept[key]["repository_name"]["include"] == ["hw-*"]


def test_each_repository_can_have_its_own(server: GitHubServer, rulesets: Rulesets) -> None:
    """Where there is none for an organisation, each repository of the class gets one, and no other repository."""
    places = {"/repos/course/hw-alice", "/repos/course/hw-bob"}
    assert {done.place for done in set_up(server, app(server), each=True)} == places
    assert {place: len(found) for place, found in rulesets.items()} == dict.fromkeys(places, 1)
    assert all("conditions" not in found for (found,) in rulesets.values())


def test_dry_run_changes_nothing(server: GitHubServer, rulesets: Rulesets) -> None:
    """A dry run says what would be made, and what would be repaired."""
    assert [done.change for done in set_up(server, dry=True)] == ["made"]
    assert rulesets == {}
    set_up(server)
    rulesets["/orgs/course"][0]["enforcement"] = "disabled"
    assert [done.change for done in set_up(server, dry=True)] == ["repaired"]
    assert rulesets["/orgs/course"][0]["enforcement"] == "disabled"


@pytest.mark.usefixtures("rulesets")
def test_plan_without_rulesets_is_told(server: GitHubServer) -> None:
    """What GitHub says of the plan reaches the one who asks."""
    server.faults.append(Fault(403, "Upgrade to GitHub Team to enable this feature.", within="/rulesets"))
    with pytest.raises(GitHubRefused, match="Upgrade to GitHub Team"):
        set_up(server)


def test_command_tells_each_place(server: GitHubServer, rulesets: Rulesets) -> None:
    """The command says for each place what was done there, and in a dry run that it was not."""
    environment = {**TEACHER, "GRADER_API_URL": server.url, "GRADER_ORG": "course"}
    told = CliRunner().invoke(github, ["ruleset", "--prefix=hw-", "--dry-run"], env=environment).output
    assert told == "/orgs/course: made (not done: a dry run)\n"
    told = CliRunner().invoke(github, ["ruleset", "--prefix=hw-"], env=environment).output
    assert told == "/orgs/course: made\n"
    assert set(rulesets) == {"/orgs/course"}
