"""The rubric: what the points are given for, read from ``assignment/rubric.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

from msgspec import Struct, ValidationError, convert, field


class RubricError(ValueError):
    """The rubric cannot be used; the message names the file, the place in it and what would be right."""


class RubricConcept(Struct, frozen=True, forbid_unknown_fields=True):
    """A concept of the chapter, under which criteria are summed; ``praise`` is for whoever has all of it right."""

    key: str
    title: str
    praise: str = ""


class RubricCriterion(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that earns points: ``task`` is its number in the handout, ``hint`` what to look at when it fails.

    ``section`` is the heading in the hints for this task under which to read on.
    """

    key: str
    concept: str
    task: int
    points: int
    title: str
    hint: str
    section: str = ""


class RubricAdvice(Struct, frozen=True, forbid_unknown_fields=True):
    """Something worth knowing that costs nothing."""

    key: str
    message: str


class Rubric(Struct, frozen=True, forbid_unknown_fields=True):
    """All concepts, criteria and pieces of advice, in the order in which they are reported."""

    concepts: tuple[RubricConcept, ...] = field(name="concept")
    criteria: tuple[RubricCriterion, ...] = field(name="criterion")
    advice: tuple[RubricAdvice, ...]

    @property
    def max_score(self) -> int:
        """The points of all criteria together."""
        return sum(criterion.points for criterion in self.criteria)

    def criteria_of(self, concept: str) -> tuple[RubricCriterion, ...]:
        """Return the criteria of a concept, in order."""
        return tuple(criterion for criterion in self.criteria if criterion.concept == concept)


def load_rubric(path: Path) -> Rubric:
    """Read and validate a rubric; raise RubricError if it is missing, malformed or contradicts itself."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        rubric = convert(table, Rubric)
    except OSError as error:
        raise RubricError(f"{path}: cannot be read ({error.strerror}). Restore assignment/rubric.toml.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricError(f"{path}: is not TOML in UTF-8: {error}.") from error
    except ValidationError as error:
        raise RubricError(f"{path}: {_named(str(error), table)}.") from error
    _refuse_contradictions(path, rubric)
    return rubric


def points_table(rubric: Rubric) -> str:
    """Return the Markdown table of points for the handout: a line for each criterion, and the sum."""
    titles = {concept.key: concept.title for concept in rubric.concepts}
    lines = ["| task | concept | what earns the points | key | points |", "|---:|---|---|---|---:|"]
    lines += [f"| {c.task} | {titles[c.concept]} | {c.title} | `{c.key}` | {c.points} |" for c in rubric.criteria]
    return "\n".join([*lines, f"| | | **Sum** | | **{rubric.max_score}** |"]) + "\n"


def _named(message: str, table: dict[str, object]) -> str:
    """Return msgspec's message with the key of the entry that it counts: ``criterion[3]`` says little to a reader."""
    for kind in ("concept", "criterion", "advice"):
        entries = table.get(kind)
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            if f"$.{kind}[{number}]" in message and isinstance(entry, dict) and "key" in entry:
                return f"{message} (the {kind} {entry['key']!r})"
    return message


def _refuse_contradictions(path: Path, rubric: Rubric) -> None:
    """Raise RubricError where an entry is unusable although each of its values has the right type."""
    keys = [entry.key for entries in (rubric.concepts, rubric.criteria, rubric.advice) for entry in entries]
    concepts = {concept.key for concept in rubric.concepts}
    for key in keys:
        if keys.count(key) > 1:
            raise RubricError(f"{path}: the key {key!r} is there twice. Keep one of them.")
    for criterion in rubric.criteria:
        if criterion.concept not in concepts:
            raise RubricError(
                f"{path}: {criterion.key}: no concept {criterion.concept!r}; there are {sorted(concepts)}."
            )
        if criterion.points < 1 or criterion.task < 1:
            raise RubricError(f"{path}: {criterion.key}: points and task are whole numbers from 1 on.")
