"""The commands ``grader take-in``, ``observe`` and ``judge``: a grading in three steps, each in a job of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

REPORTS = ("report.json", "report.md", "report.html")
_WITHHELD = 3

_file = click.Path(path_type=Path)
_submission = click.argument("submission", type=_file)


@click.command("take-in")
@_submission
@click.option("--out", metavar="FILE", type=_file, required=True, help="The file to write.")
@click.option("--student", metavar="KEY", help="The name in the report; by default the folder's.")
def take_in(submission: Path, out: Path, student: str | None) -> None:
    """Read what was handed in, for a grader elsewhere.

    FILE gets the files that count, as text, and the seed of this submission's hidden inputs, made from the course's
    secret. Nothing is run. Who has that file observes the submission without the folder, and without the secret.

    \b
    Example:
      GRADER_SECRET=… grader take-in alice --out alice.json
    """
    from grader.github import seam  # noqa: PLC0415  # no other command waits for it

    _write(out, seam.as_json(seam.take_in(submission.expanduser(), student)))


@click.command()
@_submission
@click.option("--out", metavar="FILE", type=_file, required=True, help="The evidence to write, as evidence.json.")
@click.option("--isolation", metavar="LEVEL", help="As for grader grade; by default the best safe one.")
def observe(submission: Path, out: Path, isolation: str | None) -> None:
    """Run a submission and write down what happened, without a judgement.

    SUBMISSION is a folder, or a file that grader take-in has written. Student code runs here, in the sandbox, and
    nowhere else.

    \b
    Example:
      grader observe alice.json --out evidence.json
    """
    from grader import flow  # noqa: PLC0415  # no other command waits for it
    from grader.github import seam  # noqa: PLC0415  # the same
    from grader.outputs.document import evidence_json  # noqa: PLC0415  # the same

    place = submission.expanduser()
    taken = seam.take_in(place) if place.is_dir() else seam.read_taken_in(place)
    with flow.observer(isolation) as observer:
        evidence = observer.observe(taken.submission, seed=taken.seed)
    _write(out, evidence_json(evidence))


@click.command()
@click.argument("evidence", type=_file)
@click.option("--out", metavar="DIR", type=_file, required=True, help=f"Where to write {', '.join(REPORTS)}.")
@click.option("--of", "taken_in", metavar="FILE", type=_file, help="Refuse evidence of anything but this submission.")
def judge(evidence: Path, out: Path, taken_in: Path | None) -> None:
    """Judge evidence: no code of a student's runs.

    FILE was written by grader take-in. Evidence of other files, of another student, or of calls that this grader does
    not make any more is refused.

    \b
    Example:
      grader judge evidence.json --of alice.json --out grades/alice
    """
    from rich.console import Console  # noqa: PLC0415  # no other command waits for it

    from grader import flow  # noqa: PLC0415  # the same
    from grader.github import seam  # noqa: PLC0415  # the same
    from grader.outputs import console, files, reports, text  # noqa: PLC0415  # the same

    files.prepare(out, REPORTS)
    found = seam.read_evidence(evidence)
    if taken_in is not None:
        seam.check(found, seam.read_taken_in(taken_in))
    graded = flow.judged(found)
    contents = reports.contents(graded.report, graded.evidence, graded.document)
    files.write(out, {name: contents[name] for name in REPORTS})
    console.render(graded.report, graded.evidence, Console())
    if graded.report.status == "withheld":
        for fault in graded.faults:
            click.echo(text.log(fault), err=True)
        sys.exit(_WITHHELD)


COMMANDS = (take_in, observe, judge)
"""The commands that are added to ``grader``."""


def _write(file: Path, content: bytes) -> None:
    from grader.outputs import files, text  # noqa: PLC0415  # no other command waits for it

    files.write(file.parent, {file.name: content})
    click.echo(text.log(f"Written: {file}"))
