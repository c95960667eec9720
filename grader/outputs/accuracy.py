"""How often the grader errs: a page with every figure and every exception, and the short table of the README."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from grader.proof.verdicts import DIAGNOSED_AT_LEAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.proof.verdicts import Accuracy, Share, Verdict

COMMAND = "grader check --full --write"
PLACES = (
    "models.py", "add_products", "preview_ids", "show_reloading", "main", "a helper", "observations.toml",
)  # fmt: skip
_NONE = "None."


def figures(accuracy: Accuracy) -> str:
    """Return the short table: what was measured, how it came out, and what it should be."""
    right, equivalent = (_share(accuracy, accuracy.marked_down(kind), kind) for kind in ("accepted", "equivalent"))
    wrong = _share(accuracy, accuracy.passed("rejected"), "rejected")
    at_least = f"{DIAGNOSED_AT_LEAST:.0%}".replace("%", " %")
    rows = [
        ("right submissions that lose a point", right, "none"),
        ("mutants that break no promise, and lose a point", equivalent, "none"),
        ("wrong submissions that lose nothing", wrong, "none"),
        ("mutants that break a promise, and are caught", _written(accuracy.caught("mutant")), "all"),
        ("wrong submissions that lose what is wrong, nothing else", _written(accuracy.diagnosed("rejected")), at_least),
        ("caught mutants that lose what is wrong, nothing else", _written(accuracy.diagnosed("mutant")), at_least),
    ]
    return _table(("what", "measured", "target"), rows, "lrl")


def page(accuracy: Accuracy, keys: Sequence[str]) -> str:
    """Return the whole page; ``keys`` are all criteria, in the order of the rubric."""
    return "\n\n".join(_blocks(accuracy, keys)) + "\n"


def _blocks(accuracy: Accuracy, keys: Sequence[str]) -> Iterator[str]:
    info = accuracy.grader
    yield "# How often the grader errs"
    yield (
        f"Made by `{COMMAND}`, which grades everything whose verdict is known and compares. session-grader "
        f"{info.version}, Python {info.python}, SQLAlchemy {info.sqlalchemy}, isolation {info.isolation}."
    )
    yield figures(accuracy)
    yield _WHAT_IS_WHAT
    yield from _exceptions(accuracy)
    yield "## Criterion by mistake"
    yield _HOW_TO_READ
    yield _matrix(accuracy, keys)
    yield from _details("The operators", _operators(accuracy))
    yield from _details("The wrong submissions", _list(accuracy.of("rejected")))
    yield from _details("The mutants that break a promise", _list(accuracy.of("mutant")))
    yield from _details("The mutants that break none", _names(accuracy.of("equivalent")))


_WHAT_IS_WHAT = """\
- Right submissions are the solution and the folders in [accepted](accepted), wrong ones those in [rejected](rejected).
  People labelled them; a label names every criterion that is lost, so one more or one less is an exception.
- Mutants are made by machine: one small change in the solution, or in a right submission of another style. Those that
  break no promise stand in [mutants.toml](mutants.toml), each with the reason. All others have to lose something, and
  nothing but what the kind of change and the function that was changed can cost.
- All of one kind are 100 % only if none is missed."""

_HOW_TO_READ = """\
How many lost a criterion: of the wrong submissions, then of the mutants, by the place of their mistake. Behind a plus
sign stand those for which it was blocked: nothing was left to judge, and another criterion is named as the cause."""


def _exceptions(accuracy: Accuracy) -> Iterator[str]:
    yield "## The exceptions"
    yield "Right, and marked down:"
    yield _list(accuracy.marked_down())
    yield "Wrong, and passed:"
    yield _names(accuracy.passed())
    yield "Caught, but by a criterion that is not what is wrong:"
    yield _list(accuracy.misjudged())


def _share(accuracy: Accuracy, missed: Sequence[Verdict], kind: str) -> str:
    return f"{len(missed)} of {len(accuracy.of(kind))}"


def _written(share: Share) -> str:
    return f"{share.part} of {share.whole} ({share.percent})"


def _list(verdicts: Sequence[Verdict]) -> str:
    """Return a table of verdicts with what each of them lost."""
    if not verdicts:
        return _NONE
    rows = [(f"`{verdict.name}`", _lost(verdict)) for verdict in verdicts]
    return _table(("submission", "lost"), rows, "ll")


def _lost(verdict: Verdict) -> str:
    failed = [f"`{key}`" for key in verdict.lost if key in verdict.failed]
    blocked = [f"`{key}`" for key in verdict.lost if key not in verdict.failed]
    parts = [", ".join(failed), f"blocked: {', '.join(blocked)}" if blocked else ""]
    unlike = [f"{len(verdict.unlike)} unlike its label"] if verdict.unlike else []
    return "; ".join([part for part in [*parts, *unlike] if part]) or "nothing"


def _names(verdicts: Sequence[Verdict]) -> str:
    return "\n".join(f"- `{verdict.name}`" for verdict in verdicts) or _NONE


def _matrix(accuracy: Accuracy, keys: Sequence[str]) -> str:
    columns = [accuracy.of("rejected"), *([v for v in accuracy.of("mutant") if v.place == p] for p in PLACES)]
    rows = [(f"`{key}`", *(_cell(key, column) for column in columns)) for key in keys]
    counts = ("**all**", *(str(len(column)) for column in columns))
    return _table(("criterion", "wrong submissions", *PLACES), [*rows, counts], "l" + "r" * len(columns))


def _cell(key: str, verdicts: Iterable[Verdict]) -> str:
    outcomes = Counter(verdict.lost.get(key) for verdict in verdicts)
    blocked = outcomes["blocked"]
    failed = outcomes.total() - outcomes[None] - blocked
    return (str(failed or "") + (f"+{blocked}" if blocked else "")) or "·"


def _operators(accuracy: Accuracy) -> str:
    made = Counter(_operator(verdict) for verdict in accuracy.of("mutant", "equivalent"))
    right = Counter(_operator(verdict) for verdict in accuracy.of("equivalent"))
    passed = Counter(_operator(verdict) for verdict in accuracy.passed("mutant"))
    rows = [
        (f"`{name}`", str(count), str(count - right[name] - passed[name]), str(right[name] or "·"))
        for name, count in sorted(made.items())
    ]
    return _table(("operator", "made", "caught", "break no promise"), rows, "lrrr")


def _operator(verdict: Verdict) -> str:
    return verdict.name.rpartition(":")[2].partition("#")[0]


def _details(title: str, content: str) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>"
    yield content
    yield "</details>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> str:
    rule = ["---" if side == "l" else "--:" for side in align]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
