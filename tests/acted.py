"""Runs workflows on this machine, as act does: without containers, and with stand-ins for what needs the network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct
from tools import tool

ACTIONS = Path(__file__).parent / "platforms" / "actions"
USED = re.compile(r"uses: (actions/([\w-]+)@[0-9a-f]{40})")
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


def act(repository: Path, home: Path, event: str = "push") -> Acted:
    """Run the workflows of a repository for an event; ``home`` is a folder of its own for what act keeps."""
    workflows = (repository / ".github" / "workflows").glob("*.yml")
    used = {found for file in workflows for found in USED.findall(file.read_text(encoding="utf-8"))}
    stand_ins = [
        f"--local-repository={use}={ACTIONS / name}" for use, name in sorted(used) if (ACTIONS / name).is_dir()
    ]
    artifacts = home / "artifacts"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [
            tool("act"), event, "--json", "--no-cache-server", f"--platform={RUNNER}", *stand_ins,
            f"--env=ARTIFACTS_OF_THE_TESTS={artifacts}", f"--env=PATH={path}",
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
