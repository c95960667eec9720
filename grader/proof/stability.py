"""The same verdict everywhere: what submissions get here, as JSON, to be compared with what they get elsewhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from msgspec import Struct

from grader.observe.submission import take_in
from grader.proof import corpora
from grader.proof.accuracy import graded
from grader.values import GraderInfo, OutcomeName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.values import GradeReport


class Earned(Struct, frozen=True):
    """What one submission got: outcome and points of each criterion, and the keys of advice and flags, sorted."""

    criteria: dict[str, tuple[OutcomeName, int]]
    advice: tuple[str, ...]
    flags: tuple[str, ...]


class Round(Struct, frozen=True):
    """What each submission got, by name, and with what it was graded."""

    grader: GraderInfo
    sqlite: str
    submissions: dict[str, Earned]


def grade_all(folders: Sequence[Path], isolation: str | None) -> Round:
    """Grade these folders with the Python that runs this; raises ValueError where there are none."""
    if not folders:
        raise ValueError("there is nothing to grade: no folder was given")
    submissions: dict[str, Earned] = {}
    with closing(graded([partial(take_in, folder) for folder in folders], isolation)) as all_graded:
        for folder, one in zip(folders, all_graded, strict=True):
            info = one.report.grader
            submissions[corpora.name_of(folder)] = _earned(one.report)
    return Round(info, sqlite3.sqlite_version, submissions)


def _earned(report: GradeReport) -> Earned:
    return Earned(
        {criterion.key: (criterion.outcome, criterion.points) for criterion in report.criteria},
        tuple(sorted({advice.key for advice in report.advice})),
        tuple(sorted({flag.key for flag in report.flags})),
    )


def differences(first: Round, other: Round) -> list[str]:
    """Return, line by line, what ``other`` says otherwise than ``first`` about the submissions that both have."""
    both = sorted(first.submissions.keys() & other.submissions.keys())
    return [f"{name}: {line}" for name in both for line in _unlike(first.submissions[name], other.submissions[name])]


def _unlike(first: Earned, other: Earned) -> Iterator[str]:
    for key, (outcome, points) in first.criteria.items():
        if other.criteria[key] != (outcome, points):
            now, left = other.criteria[key]
            yield f"{key} is {now} with {left} points, not {outcome} with {points}"
    for key in sorted({*first.advice, *first.flags} - {*other.advice, *other.flags}):
        yield f"{key} is not raised"
    for key in sorted({*other.advice, *other.flags} - {*first.advice, *first.flags}):
        yield f"{key} is raised"


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--isolation", metavar="LEVEL", help="The level of isolation; by default the best safe one.")
def main(folders: tuple[Path, ...], isolation: str | None) -> None:
    """Grade FOLDERS and print what each earned, as JSON."""
    click.echo(msgspec.json.encode(grade_all(folders, isolation)))


if __name__ == "__main__":
    main()
