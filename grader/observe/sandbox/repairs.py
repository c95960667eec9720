"""What to do where a level of isolation does not work although all that it needs is installed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from grader.observe.sandbox.levels import BUBBLEWRAP, SHARED

if TYPE_CHECKING:
    from grader.observe.sandbox.levels import Level

_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_CLONE = Path("/proc/sys/kernel/unprivileged_userns_clone")
_MOST = Path("/proc/sys/user/max_user_namespaces")

_PROFILE = (
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or, to allow it to bubblewrap alone: "
    "printf 'abi <abi/4.0>,\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) {\\n  userns,\\n}\\n' | "
    "sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap"
)


def repair(level: Level) -> str:
    """Return the commands that most likely make ``level`` work on this machine."""
    if level not in {BUBBLEWRAP, SHARED}:
        return "run the grader on Linux 6.2 or newer, or install bubblewrap"
    return next((advice for applies, advice in _causes() if applies), "grader doctor tries each level of isolation")


def _causes() -> list[tuple[bool, str]]:
    """Return what can keep bubblewrap from working, most telling first: whether it is so here, and the repair."""
    return [
        (_says(_APPARMOR, "1"), f"AppArmor keeps ordinary users from making namespaces here; {_PROFILE}"),
        (_says(_CLONE, "0"), "namespaces are for root alone here; sudo sysctl -w kernel.unprivileged_userns_clone=1"),
        (_says(_MOST, "0"), "no user namespaces are allowed here; sudo sysctl -w user.max_user_namespaces=10000"),
        (_in_container(), "in a container: docker run --security-opt seccomp=unconfined --cap-add SYS_ADMIN …"),
        ("microsoft" in os.uname().release.lower(), "on Windows it takes WSL 2: wsl --set-version DISTRIBUTION 2"),
    ]


def _says(setting: Path, value: str) -> bool:
    return setting.is_file() and setting.read_text(encoding="ascii").strip() == value


def _in_container() -> bool:
    return any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv"))
