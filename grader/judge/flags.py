"""Flags: what an instructor should look at. They take no points; a person decides.

Facts come first: what the database server and the observer saw. Signs from the student's own process are hints, as code
beside the tripwire could silence it. Nothing here is a reproach to ordinary work: what honest programs do as well is
left out where the sign is made, or below.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from grader.judge.contradictions import contradictions, never_ended
from grader.judge.record import shortened
from grader.values import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.values import Evidence, Run, Sign

FLAGS = {
    "flag.contradiction": "what was told from inside the process does not agree with what the database saw",
    "flag.files_outside": "reads, lists or changes files outside of its own folder",
    "flag.introspection": "looks through the frames or the memory of the process for what is not its own",
    "flag.limits": "runs into limits that no solution comes near, or tries to change them",
    "flag.native_code": "uses C functions and raw memory",
    "flag.network": "opens sockets, or asks for other machines",
    "flag.process_ended": "ends its process, or its connection to the grader, instead of returning",
    "flag.processes": "starts other programs or processes, or sends them signals",
    "flag.record_cut": "does so much that the record of it had to be cut",
    "flag.tampering": "changes or uses what records and drives it",
    "flag.tracing": "has its own calls or imports go through hooks",
}
"""Every flag there is, with what it says of the submission."""

_OF_SIGN = {
    "files": "flag.files_outside",
    "processes": "flag.processes",
    "network": "flag.network",
    "introspection": "flag.introspection",
    "native_code": "flag.native_code",
    "tracing": "flag.tracing",
    "tampering": "flag.tampering",
    "limits": "flag.limits",
}
_ENDED = ("its own process", "cut its connection", "crashed the interpreter")
_NO_ANSWER = "or with something else"
_FORCED = re.compile(r"\[Errno (23|24|27|28)\]|can't start new thread|too many connections", re.IGNORECASE)
_FORCED_CODES = frozenset({"SQLITE_NOMEM", "SQLITE_FULL"})
_REACHES_OUT = re.compile(r"\s*(ATTACH|VACUUM\b.*\bINTO)\b|load_extension|writable_schema", re.IGNORECASE | re.DOTALL)
# A program that logs where it is uses frames for names and lines, and for nothing else.
_NAMES_ITSELF = re.compile(r"\bco_name\b|\bco_qualname\b|lineno\b|\.function\b|\[3\]")
_LOOKS_INSIDE = re.compile(r"f_locals|f_globals|f_builtins|f_trace")


def flags(evidence: Evidence) -> tuple[Flag, ...]:
    """Return what an instructor should look at, each kind once: the first that was seen, and how many there are."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for run in evidence.runs:
        for key, message in _of_run(run, evidence):
            found[key].setdefault(message)
    return tuple(Flag(key, _counted(list(messages))) for key, messages in sorted(found.items()))


def _counted(messages: list[str]) -> str:
    more = len(messages) - 1
    return shortened(messages[0]) + (f" (and {more} more)" if more else "")


def _of_run(run: Run, evidence: Evidence) -> Iterator[tuple[str, str]]:
    yield from _of_outcomes(run)
    for text in contradictions(run):
        yield "flag.contradiction", f"{run.name}: {text}"
    for step in run.steps:
        if step.fact and step.error is not None:
            place = f"{step.where.file}, line {step.where.line}" if step.where else run.name
            if step.error.code in _FORCED_CODES:
                yield "flag.limits", f"{place}: the database ran out of room: {step.error.message}"
            elif step.error.code == "SQLITE_AUTH" and _REACHES_OUT.search(step.sql or ""):
                yield "flag.files_outside", f"{place}: sends {shortened(step.sql or '')}"
    for sign in run.signs:
        if not _is_honest(sign, evidence):
            place = f"{sign.where.file}, line {sign.where.line}" if sign.where else run.name
            yield _OF_SIGN[sign.kind], f"{place}: {sign.text}"


def _of_outcomes(run: Run) -> Iterator[tuple[str, str]]:
    """Yield what shows in how a run ended."""
    if run.steps_dropped:
        text = f"{run.steps_dropped} steps more than are kept; what came later was not seen"
        yield "flag.record_cut", f"{run.name}: {text}"
    # A program may end its process as it likes, but then nobody told of the end of the call that it was in.
    if run.outcome.kind == "exited" and not run.steps_dropped and (name := never_ended(run)):
        yield "flag.process_ended", f"{run.name}: it ended its own process before the end of {name} could be told"
    for outcome in (run.outcome, *run.then):
        text = outcome.text or ""
        if outcome.kind == "unfinished" and any(words in text for words in _ENDED):
            yield "flag.process_ended", f"{run.name}: {text}"
        if outcome.kind == "unfinished" and _NO_ANSWER in text:
            yield "flag.tampering", f"{run.name}: {text}"
        failure = outcome.failure
        if failure and (failure.type == "MemoryError" or _FORCED.search(failure.message)):
            place = f"{failure.where.file}, line {failure.where.line}" if failure.where else run.name
            yield "flag.limits", f"{place}: {failure.type} {failure.message}".rstrip()


def _is_honest(sign: Sign, evidence: Evidence) -> bool:
    """Tell whether frames are looked at for the sake of a log: for the name of a function or the number of a line."""
    if sign.kind != "introspection" or sign.where is None or "frames that called" not in sign.text:
        return False
    text = next((source.text for source in evidence.files if source.name == sign.where.file), None) or ""
    return bool(_NAMES_ITSELF.search(text)) and not _LOOKS_INSIDE.search(text)
