"""The commands of a class workflow, ``grader github …``: from what was pushed to what is returned."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.course.grading import Tally
    from grader.github.api import GitHub

_SOME_FAILED = 3
_READS = {"contents": "read", "metadata": "read"}
_TELLS = {"checks": "write", "metadata": "read"}

_path = click.Path(path_type=Path)
_pushes = click.option("--pushes", metavar="CSV", type=_path, required=True, help="What grader github pushes wrote.")
_org = click.option("--org", metavar="ORG", envvar="GRADER_ORG", required=True, help="The organisation of the class.")
_roster = click.option("--roster", metavar="CSV", type=_path, required=True, help="Who is in the class.")
_grades = click.option("--grades", metavar="DIR", type=_path, required=True, help="The folder of the gradebook.")
_isolation = click.option("--isolation", metavar="LEVEL", help="As for grader grade; by default the best safe one.")
_url = click.option(
    "--api-url",
    metavar="URL",
    envvar=["GRADER_API_URL", "GITHUB_API_URL"],
    default="https://api.github.com",
    help="The address of GitHub's API; another one for GitHub Enterprise.",
)
_pause = click.option("--pause", metavar="SECONDS", type=float, default=1.0, envvar="GRADER_PAUSE", hidden=True)


@click.command()
@_roster
@_org
@click.option("--prefix", metavar="TEXT", default="", help="Repositories are called so, and the login follows.")
@click.option("--until", metavar="TIME", help="What was pushed later does not count: '2026-12-01 23:59'.")
@click.option("--timezone", metavar="NAME", default="UTC", show_default=True, help="Whose clocks --until means.")
@click.option("--last", metavar="CSV", type=_path, help="An earlier list: only what may have changed is asked for.")
@click.option("--out", metavar="CSV", type=_path, required=True, help="The list to write.")
@_url
@_pause
def pushes(  # noqa: PLR0913  # click hands over each option by itself
    *,
    roster: Path,
    org: str,
    prefix: str,
    until: str | None,
    timezone: str,
    last: Path | None,
    out: Path,
    api_url: str,
    pause: float,
) -> None:
    """Find the newest push of each student.

    The moment of a push is that of GitHub's clock. The date of a commit is the student's to choose, and is not looked
    at. Sign in by GRADER_APP_ID and GRADER_APP_KEY (the App's number and private key) or by GRADER_GITHUB_TOKEN.

    \b
    Example:
      grader github pushes --roster roster.csv --org my-course --prefix sessions- \\
        --until '2026-12-01 23:59' --timezone Europe/Berlin --out pushes.csv
    """
    from grader.course.roster import read_roster  # noqa: PLC0415  # no other command waits for it
    from grader.github import pushes as listing  # noqa: PLC0415  # the same
    from grader.outputs import files  # noqa: PLC0415  # the same

    students = read_roster(roster)
    before = {push.student: push for push in listing.read(last)} if last and last.exists() else None
    moment = _moment(until, timezone)
    with _connect(api_url, org, _READS, pause) as github:
        found = listing.find(github, org, students, prefix=prefix, until=moment, last=before)
    files.write(out.parent, {out.name: listing.write(found.pushes)})
    _tell(listing.told(found))
    _tell([f"{len(found.pushes)} of {len(students)} students have pushed: {out}"])


@click.command()
@_pushes
@_org
@click.option("--grades", metavar="DIR", type=_path, help="Leave out what the gradebook in this folder has already.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 32), default=8, show_default=True, help="How many at once.")
@click.option("--out", metavar="DIR", type=_path, required=True, help="Where each student gets a folder.")
@_url
@_pause
def fetch(  # noqa: PLR0913  # click hands over each option by itself
    *, pushes: Path, org: str, grades: Path | None, jobs: int, out: Path, api_url: str, pause: float
) -> None:
    """Fetch the files that count of each push, at exactly its commit.

    Nothing is checked out and nothing is run: no hooks, no filters, no submodules. What is there already is not
    fetched again.

    \b
    Example:
      grader github fetch --pushes pushes.csv --org my-course --out clones
    """
    from grader.github import fetching  # noqa: PLC0415  # no other command waits for it
    from grader.github import pushes as listing  # noqa: PLC0415  # the same

    graded = _graded(grades)
    wanted = [push for push in listing.read(pushes) if (push.student, push.commit) not in graded]
    with _connect(api_url, org, _READS, pause) as github:
        failed = fetching.fetch_all(wanted, github, out, jobs, lambda line: _tell([line]))
    _tell([f"{len(wanted) - len(failed)} of {len(wanted)} pushes are there: {out}"])
    _end(failed)


@click.command()
@_pushes
@click.option("--clones", metavar="DIR", type=_path, required=True, help="Where grader github fetch has put them.")
@_grades
@click.option("--out", metavar="DIR", type=_path, required=True, help="Where the work of each job is written.")
@click.option("--output", metavar="FILE", type=_path, help="A file for the outputs of a step, as $GITHUB_OUTPUT.")
def shards(pushes: Path, clones: Path, grades: Path, out: Path, output: Path | None) -> None:
    """Divide what is to be graded among the jobs of a workflow.

    Each gets a folder with files and seeds by their digests: it tells no name, and nothing of the course's secret. The
    outputs are ``shards``, the folders as JSON, and ``due``: whether there is anything to record or to return.

    \b
    Example:
      grader github shards --pushes pushes.csv --clones clones --grades grades --out work
    """
    import json  # noqa: PLC0415  # no other command waits for it

    from grader.course.editions import current_edition  # noqa: PLC0415  # the same
    from grader.course.gradebook import open_gradebook  # noqa: PLC0415  # the same
    from grader.github import pushes as listing  # noqa: PLC0415  # the same
    from grader.github import returning  # noqa: PLC0415  # the same
    from grader.github import shards as dividing  # noqa: PLC0415  # the same

    listed = listing.read(pushes)
    with open_gradebook(grades) as book:
        work = dividing.gather(listed, clones, book.done(current_edition()))
        owed = any(returning.owed(book, {push.student for push in listed}))
    names = dividing.write(work, out)
    if output:
        _outputs(output, shards=json.dumps(names), due=json.dumps(bool(names) or owed))
    _tell([f"{len(work.due)} pushes, {len(work.submissions)} submissions, {len(names)} jobs: {out}"])
    _tell(f"{student}: {why}" for student, why in work.unreadable.items())


@click.command()
@click.argument("shard", metavar="DIR", type=_path)
@click.option("--out", metavar="DIR", type=_path, required=True, help="Where the evidence is written.")
@_isolation
def observe(shard: Path, out: Path, isolation: str | None) -> None:
    """Observe the submissions of one job; it needs no secret, and goes on where it was stopped.

    \b
    Example:
      grader github observe work/0 --out evidence
    """
    from grader.github import shards as dividing  # noqa: PLC0415  # no other command waits for it

    lost = dividing.observe(shard, out, isolation, lambda line: _tell([line]))
    _end(dict.fromkeys(lost, "no sandbox survived it"))


@click.command()
@_roster
@click.option("--work", metavar="DIR", type=_path, required=True, help="What grader github shards has written.")
@click.option("--evidence", metavar="DIR", type=_path, required=True, help="What came back from the jobs.")
@_grades
@click.option("--summary", metavar="FILE", type=_path, help="A file for the page of the run, as $GITHUB_STEP_SUMMARY.")
def record(roster: Path, work: Path, evidence: Path, grades: Path, *, summary: Path | None) -> None:
    """Judge what the jobs have seen, and write it into the gradebook, grades.csv and class.html.

    No student code runs here. Evidence that is not of the submission that was handed out is refused.

    \b
    Example:
      grader github record --roster roster.csv --work work --evidence evidence --grades grades
    """
    from grader.course import publishing  # noqa: PLC0415  # no other command waits for it
    from grader.course.editions import current_edition  # noqa: PLC0415  # the same
    from grader.course.gradebook import open_gradebook  # noqa: PLC0415  # the same
    from grader.course.roster import read_roster  # noqa: PLC0415  # the same
    from grader.github import recording  # noqa: PLC0415  # the same

    with open_gradebook(grades) as book:
        book.enroll(read_roster(roster))
        tally = recording.ClassRecording(book, current_edition(), grades, _progress).record(work, evidence)
        publishing.publish(book, grades, tally.ungraded)
    if summary:
        with summary.open("a", encoding="utf-8") as page:
            page.write(recording.summary(tally))
    _tell([f"{len(tally.graded)} graded, {len(tally.failed) + len(tally.withheld)} failed: {grades}"])
    _end({**tally.failed, **tally.withheld})


@click.command("return")
@_grades
@_pushes
@_org
@_url
@_pause
def give_back(grades: Path, pushes: Path, org: str, api_url: str, pause: float) -> None:
    """Return to each student the report on the push that counts.

    The App adds a check to the commit. With a token alone it is a comment and a status, which others who may write
    there can imitate. Who has the very same report already gets nothing new.

    \b
    Example:
      grader github return --grades grades --pushes pushes.csv --org my-course
    """
    from grader.course.gradebook import open_gradebook  # noqa: PLC0415  # no other command waits for it
    from grader.github import pushes as listing  # noqa: PLC0415  # the same
    from grader.github import returning  # noqa: PLC0415  # the same

    with _connect(api_url, org, _TELLS, pause) as github, open_gradebook(grades) as book:
        failed = returning.return_grades(github, book, listing.read(pushes), lambda line: _tell([line]))
    _end(failed)


@click.command()
@click.option("--repository", metavar="ORG/REPO", envvar="GITHUB_REPOSITORY", required=True, help="Where the runs are.")
@click.option("--branch", metavar="NAME", envvar="GITHUB_REF_NAME", required=True, help="Whose runs count.")
@click.option("--output", metavar="FILE", type=_path, required=True, help="A file for outputs, as $GITHUB_OUTPUT.")
@_url
@_pause
def last(repository: str, branch: str, output: Path, api_url: str, pause: float) -> None:
    """Find the run that has kept the newest gradebook; the outputs are ``run`` and ``stale``.

    \b
    Example:
      grader github last --repository my-course/grading --branch main --output "$GITHUB_OUTPUT"
    """
    from grader.github.last import last_gradebook  # noqa: PLC0415  # no other command waits for it

    found = last_gradebook(
        _connect(api_url, repository.partition("/")[0], {"actions": "read"}, pause), repository, branch
    )
    _outputs(output, run=found.run if found else "", stale="true" if found and found.stale else "false")
    _tell([f"The gradebook goes on from run {found.run}." if found else "There is no gradebook yet: a new one begins."])


COMMANDS = (pushes, fetch, shards, observe, record, give_back, last)
"""The commands that are added to ``grader github``."""


def _moment(until: str | None, timezone: str) -> datetime | None:
    from grader.course import late  # noqa: PLC0415  # no other command waits for it

    try:
        return late.moment(until, timezone) if until else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--until") from error


def _connect(url: str, org: str, permissions: dict[str, str], pause: float) -> GitHub:
    from grader.github.api import connect  # noqa: PLC0415  # no other command waits for it

    return connect(url, org, permissions, os.environ, pause)


def _done(grades: Path) -> frozenset[tuple[str, str, str]]:
    from grader.course.editions import current_edition  # noqa: PLC0415  # no other command waits for it
    from grader.course.gradebook import open_gradebook  # noqa: PLC0415  # the same

    with open_gradebook(grades) as book:
        return book.done(current_edition())


def _graded(grades: Path | None) -> frozenset[tuple[str, str]]:
    return frozenset((student, commit) for student, commit, _ in _done(grades)) if grades else frozenset()


def _outputs(file: Path, **values: str) -> None:
    """Add outputs of a step, as a workflow's runner reads them."""
    with file.open("a", encoding="utf-8") as outputs:
        outputs.writelines(f"{name}={value}\n" for name, value in values.items())


def _progress(tally: Tally) -> None:
    if tally.seen % 100 == 0:
        _tell([f"{tally.seen} dealt with"])


def _tell(lines: Iterable[str]) -> None:
    from grader.outputs.text import log  # noqa: PLC0415  # no other command waits for it

    for line in lines:
        click.echo(log(line))


def _end(failed: dict[str, str]) -> None:
    """End with a status that says whether something failed, and say what."""
    _tell(f"{name}: {why}" for name, why in failed.items())
    if failed:
        sys.exit(_SOME_FAILED)
