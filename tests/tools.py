"""The programs that check and run workflows: where they are, and how to get them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

GO = {"act": "github.com/nektos/act@v0.2.89", "actionlint": "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"}


def tool(name: str) -> str:
    """Return the path of a program that lies beside this Python or in PATH; FileNotFoundError names the repair."""
    beside = Path(sys.executable).parent
    found = shutil.which(name, path=str(beside)) or shutil.which(name)
    if found is None:
        repair = (
            f"GOBIN={beside} go install {GO[name]}" if name in GO else f"{sys.executable} -m pip install -e '.[dev]'"
        )
        raise FileNotFoundError(f"{name} is not installed; repair: {repair}")
    return found
