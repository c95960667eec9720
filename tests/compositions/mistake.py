"""What a single mistake is: what takes the place of right choices, and which criteria that costs.

Where a mistake needs company to be that mistake alone (a commit for each row needs a session that is committed by
hand), the company is among its changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from . import failing, inserting, program, reloading, scope
from .answers import TRUE
from .composition import Choose, Composition, Files
from .fragment import Fragment

Lost = Mapping[str, Literal["failed", "blocked", "lost"] | int]


@dataclass(frozen=True)
class Mistake:
    """One mistake; ``changes`` holds, for each dimension it touches, the choices among which one is taken."""

    name: str
    lost: Lost
    changes: Mapping[str, Sequence[object]] = field(default_factory=dict)

    @property
    def concept(self) -> str:
        """The concept of the first criterion that is lost."""
        return next(iter(self.lost)).partition(".")[0]

    def put_into(self, right: Composition, choose: Choose[Any]) -> Composition:
        """Return a composition with this mistake in it; not every one then still holds together."""
        chosen = {key: choose(list(options)) for key, options in self.changes.items()}
        table = {key.partition(".")[2]: chosen.pop(key) for key in list(chosen) if key.startswith("model.")}
        return replace(right, model=replace(right.model, **table), **chosen)


def named(fragments: Sequence[Any], *names: str) -> list[Any]:
    """Return the choices with these names."""
    return [fragment for fragment in fragments if fragment.name in names]


def lose(*keys: str, how: Literal["failed", "blocked", "lost"] = "failed") -> Lost:
    """Return that these criteria are lost, all in the same way."""
    return dict.fromkeys(keys, how)


# --- company ----------------------------------------------------------------------------------------------------------
BY_HAND = named(scope.SCOPES, "commit_or_rollback", "try_finally", "bind_keyword", "scoped_session", "callback")
FLUSHED = [reading for reading in inserting.READINGS if not reading.after]
OBJECTS = [way for way in inserting.INSERTINGS if not way.gives_ids and way.attached]
REFUSES_NOTHING = named(failing.CHECKS, "none", "copies", "empty_early")
NO_EARLY_END = named(failing.CHECKS, "none", "copies", "nothing_missing", "asserts_names", "ids_differ")
PLAIN_STEPS = reloading.STEPS[:1]


# --- kinds of mistakes ------------------------------------------------------------------------------------------------
def adding(name: str, lost: Lost, way: Fragment, **changes: Sequence[object]) -> Mistake:
    """Return a mistake in how rows are inserted; it stands in sessions that are committed by hand."""
    company = {"add_insert": (way,), "add_reading": FLUSHED, "add_scope": BY_HAND}
    return Mistake(name, lost, {**company, **changes})


def returning(reading: Fragment) -> Mistake:
    """Return a mistake in what ``add_products`` returns."""
    return Mistake(reading.name, lose("commit.ids"), {"add_insert": OBJECTS, "add_reading": (reading,)})


def storing(way: scope.Scope, lost: Lost, **changes: Sequence[object]) -> Mistake:
    """Return a mistake in the scope of ``add_products``."""
    return Mistake(f"add_{way.name}", lost, {"add_scope": (way,), "add_reading": FLUSHED, **changes})


def swallowing(way: Fragment) -> Mistake:
    """Return a mistake that keeps errors from the caller."""
    changes = {"failing": (way,), "checks": [*REFUSES_NOTHING, *NO_EARLY_END]}
    return Mistake(way.name, lose("rollback.error_reaches_caller"), changes)


def reloaded(name: str, key: str, **changes: Sequence[object]) -> Mistake:
    """Return a mistake in ``show_reloading``, which is written in the plainest order."""
    return Mistake(name, lose(f"reload.{key}"), {"steps": PLAIN_STEPS, **changes})


def running(name: str, lost: Lost, seen: Mapping[str, object] = TRUE, **changes: Sequence[object]) -> Mistake:
    """Return a mistake in ``main``; what was ``seen`` of the program is answered truly."""
    return Mistake(name, lost, {"seen": (seen,), "pair": program.PAIRS[:2], **changes})


def answering(name: str, points: int, **wrong: object) -> Mistake:
    """Return wrong observations, of which some points are kept."""
    lost: Lost = {"observations.agree": points or "lost"}
    return Mistake(name, lost, {"seen": (wrong,), "pair": program.PAIRS[:2]})


def spoiling(name: str, lost: Lost, spoil: Callable[[Files], Files], **changes: Sequence[object]) -> Mistake:
    """Return a mistake in the files themselves."""
    return Mistake(name, lost, {"spoil": (spoil,), **changes})


def without(file: str) -> Callable[[Files], Files]:
    """Return what forgets a file."""
    return lambda files: {name: content for name, content in files.items() if name != file}


def appended(file: str, text: str) -> Callable[[Files], Files]:
    """Return what adds a line to a file, in the characters that all encodings share."""
    return lambda files: {**files, file: files[file] + text.encode("ascii")}


def replaced(file: str, old: str, new: str) -> Callable[[Files], Files]:
    """Return what writes ``new`` for ``old`` in a file."""
    return lambda files: {**files, file: files[file].replace(old.encode("ascii"), new.encode("ascii"))}
