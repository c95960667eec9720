"""The picture of a run that goes right, to stand beside what was seen, and what only one of the two shows."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING

import msgspec

from grader.content import find_content
from grader.outputs.html.picture import Beat, Event, Picture, finished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.values import Run

TIMELINES = "assignment/timelines.toml"
_WHY = {
    "id_taken": "the id is taken",
    "no_name": "the name is missing",
    "no_price": "the price is missing",
    "": "the grader's doing",
}
_COMPARED = ({"returns", "raises"}, {"close", "reload"}, {"commit", "rollback"})
"""The kinds of events that decide, in the lanes of code, session and database; what others see always does."""
_PARTICULARS = re.compile(r" \N{MULTIPLICATION SIGN}\d+| \(.*|(?<= returns) [\[{].*")


class BeatInWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a timeline: what the code does, and the events of each lane, with placeholders."""

    code: str = ""
    calls: tuple[str, ...] = ()
    session: tuple[str, ...] = ()
    database: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class Timeline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run that goes right: ``runs`` are the names or the kinds of the runs that it is for."""

    runs: tuple[str, ...]
    title: str
    beats: tuple[BeatInWords, ...]


@cache
def timelines() -> dict[str, Timeline]:
    """Return the timelines by what they are for."""
    table = tomllib.loads(find_content().read(TIMELINES))
    found = msgspec.convert(table["timeline"], tuple[Timeline, ...])
    return {name: timeline for timeline in found for name in timeline.runs}


def title(run: Run) -> str:
    """Say what a run was, without its inputs."""
    return _of(run).title.format_map(_numbers(run))


def expected(run: Run) -> Picture:
    """Draw what a run should have been."""
    numbers = _numbers(run)
    beats = [_beat(beat, numbers) for beat in _of(run).beats]
    return finished(Picture(beats, len(run.before.rows) if run.before else 0))


def _of(run: Run) -> Timeline:
    return timelines().get(run.name) or timelines()[run.kind]


def _beat(beat: BeatInWords, numbers: dict[str, str]) -> Beat:
    calls, session, database, others = (
        [Event(text.format_map(numbers)) for text in texts]
        for texts in (beat.calls, beat.session, beat.database, beat.others)
    )
    return Beat(beat.code, calls=calls, session=session, database=database, others=others)


def _numbers(run: Run) -> dict[str, str]:
    """Return what the placeholders stand for in a run."""
    invocations = run.inputs.get("invocations") or [{}]
    _, what, position = (*run.name.split("."), "", "")[:3]
    refused = run.inputs.get("refuse_insert")
    row = refused or (int(position) if position.isdecimal() else 1)
    return {
        "products": str(len(invocations[0].get("products", ()))),
        "row": str(row),
        "times": f" \N{MULTIPLICATION SIGN}{row}" if row > 1 else "",
        "why": _WHY.get(what, _WHY[""]),
    }


# --- what differs -----------------------------------------------------------------------------------------------------
def compare(seen: Picture, wanted: Picture) -> None:
    """Mark in both pictures the events that decide and that only one of them has."""
    in_seen, in_wanted = (Counter(_sense(lane[place]) for lane, place in _deciding(p)) for p in (seen, wanted))
    _mark(seen, in_seen - in_wanted)
    _mark(wanted, in_wanted - in_seen)


def _mark(picture: Picture, only: Counter[str]) -> None:
    """Mark the last ones of those that are too many: the first had their counterpart."""
    for lane, place in reversed(list(_deciding(picture))):
        if only[_sense(lane[place])] > 0:
            only[_sense(lane[place])] -= 1
            lane[place] = replace(lane[place], mark="only")


def _deciding(picture: Picture) -> Iterator[tuple[list[Event], int]]:
    """Yield the place of each event that decides, as a lane and a number in it."""
    for beat in picture.beats:
        for lane, kinds in zip_longest(beat.lanes(), _COMPARED):
            for place, event in enumerate(lane):
                if event.who != "other program" and (kinds is None or event.kind in kinds):
                    yield lane, place


def _sense(event: Event) -> str:
    """Return what an event is: whatever session it is of, how often it was done, and with which values."""
    return _PARTICULARS.sub("", event.said)
