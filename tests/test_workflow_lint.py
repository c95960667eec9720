"""The workflows as three linters see them, those that we hand out as well as our own."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from platforms import conforms
from repository import ROOT, tracked
from tools import tool

from grader.content import STARTER

WORKFLOWS = [
    file.as_posix() for file in tracked() if file.match("workflows/*.y*ml") and "submissions" not in file.parts
]
ACTIONS = [file.as_posix() for file in tracked() if file.name == "action.yml"]
SELF_CHECK = f"{STARTER}/.github/workflows/self-check.yml"
USES = re.compile(r"^ *(?:- )?uses: (.*)$", re.MULTILINE)
PINNED = re.compile(r"([\w-]+/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+")


def said(program: str, *arguments: str, text: str | None = None) -> str:
    """Return what a linter prints, if it finds something wrong; ``text`` is what it reads from its standard input."""
    command = [tool(program), *arguments]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_actionlint_finds_nothing(workflow: str) -> None:
    """Expressions, contexts, events and inputs are those that GitHub knows."""
    # actionlint knows ./ and not yet $/, which is this repository as well, but at the commit of the workflow.
    text = (ROOT / workflow).read_text(encoding="utf-8").replace("uses: $/", "uses: ./")
    assert said("actionlint", "-stdin-filename", workflow, "-", text=text) == ""


@pytest.mark.parametrize("file", [*WORKFLOWS, *ACTIONS])
def test_zizmor_finds_nothing(file: str) -> None:
    """No workflow can be injected into, gives more rights than it needs, or keeps a credential."""
    assert said("zizmor", "--offline", "--persona=pedantic", "--quiet", "--no-config", file) == ""


@pytest.mark.parametrize(
    ("file", "form"),
    [
        *((file, "vendor.github-workflows") for file in WORKFLOWS),
        *((file, "vendor.github-actions") for file in ACTIONS),
    ],
)
def test_files_have_the_published_form(file: str, form: str) -> None:
    """Workflows and actions are valid by the schemas that are published for them."""
    assert said("check-jsonschema", "--builtin-schema", form, file) == ""


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_job_ends_by_itself(workflow: str) -> None:
    """Each job has a limit of time of its own; GitHub's is six hours."""
    assert said("check-jsonschema", "--builtin-schema", "custom.github-workflows-require-timeout", workflow) == ""


def test_linters_find_what_is_wrong(tmp_path: Path) -> None:
    """A workflow with a script that a title can inject into, and without a limit, is found by all of them."""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        "on: pull_request_target\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n"
        "      - uses: actions/checkout@v7\n        wiht: {}\n"
    )
    assert "potentially untrusted" in said("actionlint", str(wrong))
    assert "template-injection" in said("zizmor", "--offline", "--no-config", str(wrong))
    assert "wiht" in said("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(wrong))
    assert said("check-jsonschema", "--builtin-schema", "custom.github-workflows-require-timeout", str(wrong))


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_actions_are_pinned_by_their_commit(workflow: str) -> None:
    """Every action of others is named by its commit, with its version beside it, and the same one everywhere."""
    used = USES.findall((ROOT / workflow).read_text(encoding="utf-8"))
    assert used
    assert [use for use in used if not use.startswith(("./", "$/")) and not PINNED.fullmatch(use)] == []


def test_an_action_has_one_version_everywhere() -> None:
    """No workflow uses an older commit of an action than another one."""
    found = {match for file in WORKFLOWS for match in PINNED.findall((ROOT / file).read_text(encoding="utf-8"))}
    assert len(found) == len({name for name, _ in found})


def test_self_check_may_only_read() -> None:
    """The student's workflow has the least rights, keeps no credential, and gives way to a newer push."""
    workflow = (ROOT / SELF_CHECK).read_text(encoding="utf-8")
    assert re.findall(r"^ *permissions:\n(?: +.*\n)+", workflow, re.MULTILINE) == ["permissions:\n  contents: read\n"]
    assert workflow.count("actions/checkout@") == workflow.count("persist-credentials: false") == 1
    assert "cancel-in-progress: true" in workflow
    assert "secrets" not in workflow


def test_development_container_has_the_published_form() -> None:
    """The settings of the container are those that its reference describes."""
    settings = (ROOT / STARTER / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    assert conforms(json.loads(settings), "devcontainer") == []
