"""Runs workflows on this machine, as act does: without containers, and with stand-ins for what needs the network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from tools import tool

ACTIONS = Path(__file__).parent / "platforms" / "actions"
USED = re.compile(r"uses: (actions/([\w-]+)@[0-9a-f]{40})")
SELF = re.compile(r"(uses: )\$/(\S+)")  # this repository at this commit: newer than act
OWN = f"the/repository@{'0' * 40}"
RUNNER = "ubuntu-24.04=-self-hosted"


class Acted(Struct, frozen=True):
    """How a workflow ended: each line of act's log, the annotations that were obeyed, the summary, the artifacts."""

    succeeded: bool
    lines: list[dict[str, Any]]
    artifacts: Path

    @property
    def commands(self) -> list[dict[str, Any]]:
        """The workflow commands that were carried out, with their properties as ``kvPairs``."""
        return [line for line in self.lines if line.get("command")]

    @property
    def summary(self) -> str:
        """What was written for the page of the run."""
        return "".join(line["content"] for line in self.lines if line.get("command") == "summary")

    @property
    def raw(self) -> str:
        """All that the steps have printed."""
        return "".join(line["msg"] for line in self.lines if line.get("raw_output"))


def act(
    repository: Path,
    home: Path,
    event: str = "push",
    *options: str,
    python: Path | None = None,
    called: Mapping[str, Path] = MappingProxyType({}),
) -> Acted:
    """Run the workflows of a repository for an event; ``home`` is a folder of its own for what act keeps.

    ``options`` go to act; ``python`` is the Python that a workflow sets up, by default the one that runs the tests;
    ``called`` are repositories whose workflows are called, by ``OWNER/NAME@REF``.
    """
    places = {OWN: repository, **called}
    used = {found for name, place in places.items() for text in understood(name, place) for found in USED.findall(text)}
    stand_ins = [f"--local-repository={name}={place}" for name, place in places.items()]
    stand_ins += [
        f"--local-repository={use}={ACTIONS / name}" for use, name in sorted(used) if (ACTIONS / name).is_dir()
    ]
    artifacts = home / "artifacts"
    path = f"{(python or Path(sys.executable)).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [
            tool("act"), event, "--json", "--no-cache-server", f"--platform={RUNNER}", *stand_ins,
            f"--env=ARTIFACTS_OF_THE_TESTS={artifacts}", f"--env=PATH={path}", *options,
        ],
        cwd=repository,
        env={"PATH": path, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
    assert lines, done.stderr
    return Acted(done.returncode == 0, lines, artifacts)


def understood(name: str, place: Path) -> list[str]:
    """Write in the workflows and actions of a repository ``OWNER/NAME@REF`` what act understands; return them."""
    own, _, ref = name.partition("@")
    files = [*place.glob(".github/workflows/*.yml"), *place.glob(".github/actions/*/action.yml")]
    for file in files:
        file.write_text(SELF.sub(rf"\1{own}/\2@{ref}", file.read_text(encoding="utf-8")), encoding="utf-8")
    return [file.read_text(encoding="utf-8") for file in files]
