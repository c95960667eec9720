"""Decoys that stand in ``sys.modules`` for our own modules, and tell the tripwire when students' code uses one.

Our modules hold each other already, so they meet no decoy. What is read or changed by way of one is the real thing's.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .tripwire import Tripwire

# Whoever goes through all modules of a program, as inspect does, asks for these.
_ASKED_OF_EVERY_MODULE = frozenset(
    {"__file__", "__name__", "__spec__", "__loader__", "__path__", "__package__", "__class__", "__doc__", "__all__"}
)


class Decoy(ModuleType):
    """Passes everything on to ``module``; modules below it are decoys as well."""

    def __init__(self, module: ModuleType, tripwire: Tripwire) -> None:
        super().__init__(module.__name__)
        object.__setattr__(self, "_real", (module, tripwire))

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401  # any attribute
        module, tripwire = object.__getattribute__(self, "_real")
        value = getattr(module, name)
        if name not in _ASKED_OF_EVERY_MODULE:
            tripwire.used(f"module {module.__name__}", sys._getframe(1))  # noqa: SLF001  # the only way to the stack
        return sys.modules.get(value.__name__, value) if type(value) is ModuleType else value

    def __setattr__(self, name: str, value: object) -> None:
        module, tripwire = object.__getattribute__(self, "_real")
        setattr(module, name, value)
        tripwire.used(f"module {module.__name__}", sys._getframe(1))  # noqa: SLF001  # as above


def set_out(tripwire: Tripwire) -> None:
    """Put decoys in the places of all modules of ours that are loaded."""
    ours = [name for name in sys.modules if name == __package__ or name.startswith(f"{__package__}.")]
    for name in ours:
        sys.modules[name] = Decoy(sys.modules[name], tripwire)


def give_way(sources: Iterable[str]) -> None:
    """Take the decoys away where a submission has a module of its own that is called like our package."""
    if any(source == f"{__package__}.py" or source.startswith(f"{__package__}/") for source in sources):
        for name in [name for name, module in sys.modules.items() if type(module) is Decoy]:
            del sys.modules[name]
