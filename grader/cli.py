"""The command line: arguments and progress; the work is done elsewhere, and :mod:`grader.ending` tells what fails."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import __version__, flow
from grader.course.commands.decide import extend, late, override
from grader.course.commands.explain import explain
from grader.course.commands.export import export
from grader.course.commands.grade_class import grade_class
from grader.course.commands.regrade import regrade
from grader.course.commands.similar import similar
from grader.course.commands.standing import standing
from grader.ending import BELOW, FAILED, run, tell
from grader.github.command import github
from grader.github.steps import COMMANDS
from grader.notebook.command import nbgrader
from grader.observe.sandbox.levels import LEVELS
from grader.observe.submission import SubmissionUnreadable, take_in
from grader.template.command import template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from grader.content import Problem
    from grader.values import Evidence, Run

REPORTS = ("report.json", "report.md", "report.html", "evidence.json")

_submission = click.argument("submission", type=click.Path(path_type=Path))
_isolation = click.option(
    "--isolation",
    metavar="LEVEL",
    help=f"One of {', '.join(level.name for level in LEVELS)}; by default the best safe one of this machine. "
    "'process' walls nothing in: only for your own code on your own machine.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader", message="%(prog)s %(version)s")
def app() -> None:
    """Grade submissions of the assignment on SQLAlchemy sessions and transactions.

    Student code runs in a sandbox, against a database outside of it; what it did is recorded, and judged later.

    Try it on the reference, then on the starter:

    \b
      grader grade assignment/solution
      grader grade starter

    Exit status: 0 graded, whatever the score; 1 below --fail-under; 2 wrong use or an unreadable folder; 3 the
    grader itself failed, and the grade is withheld.
    """


@app.command()
@_submission
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=f"Where to write {', '.join(REPORTS)}; nothing is written without it.",
)
@_isolation
@click.option("--fail-under", metavar="POINTS", type=int, help="End with status 1 below this score.")
@click.option(
    "--for",
    "platform",
    type=click.Choice(["classroom", "classroom50", "gradescope"]),
    help="Write into --out what this platform reads as well; it is told by the environment that the platform gives.",
)
@click.option("--annotations", is_flag=True, help="Print annotations for a GitHub workflow as well, at most ten.")
def grade(  # noqa: PLR0913  # click hands over each option by itself
    submission: Path,
    out: Path | None,
    isolation: str | None,
    fail_under: int | None,
    platform: str | None,
    *,
    annotations: bool,
) -> None:
    """Grade one folder and say what to look at.

    SUBMISSION is the folder that holds models.py and transaction_script.py. For each of the 19 criteria it is printed
    what was expected and, where points were lost, what was seen, in which line, and a hint.

    \b
    Examples:
      grader grade alice --out grades/alice
      grader grade . --isolation process --fail-under 60
    """
    if out is not None:
        from grader.outputs import files

        files.prepare(out, REPORTS)
    with _refusing(platform, submission.expanduser(), out):
        evidence = _observe(submission, isolation)
    graded = flow.judged(evidence)
    if out is not None:  # first of all: a reader that goes away (| head) must not cost the reports
        _write(out, graded, platform)
    from grader.outputs import console

    console.render(graded.report, graded.evidence, _console())
    if annotations:
        _annotate(graded, submission)
    if out is not None:
        tell(f"\nWritten: {', '.join(str(out / name) for name in REPORTS)}", err=False)
    if graded.report.status == "withheld":
        for fault in graded.faults:
            tell(fault)
        sys.exit(FAILED)
    if fail_under is not None and graded.report.score < fail_under:
        sys.exit(BELOW)


@app.command()
@_submission
@click.option(
    "--run",
    "runs",
    metavar="NAME",
    multiple=True,
    help="Show this run; may be given several times. By default one of each kind is shown.",
)
@_isolation
@click.option("--details", is_flag=True, help="Show connections taken from and given back to the pool as well.")
def timeline(submission: Path, runs: tuple[str, ...], isolation: str | None, *, details: bool) -> None:
    """Show what each session did, step by step.

    Beside each step stand the line of the student's code that caused it, what reached the database, and what other
    connections could see from then on. It shows the inputs of hidden runs: it is for you, not for the student.

    \b
    Example:
      grader timeline alice --run reload --run failed_commit
    """
    evidence = _observe(submission, isolation)
    from grader.outputs import timeline as output

    try:
        output.render(evidence, _console(), runs, details=details)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--run") from error


@app.command()
@_isolation
@click.option("--fix", is_flag=True, help="Rewrite the table of points in the handout.")
@click.option("--full", is_flag=True, help="Also measure how often the grader errs. It takes minutes.")
@click.option("--write", is_flag=True, help="With --full: write the figures into tests/submissions and README.md.")
def check(isolation: str | None, *, fix: bool, full: bool, write: bool) -> None:
    """Prove that the assignment holds together.

    Points add up, documents agree, the solution earns everything and the starter the floor. With --full everything
    whose verdict is known is graded: right and wrong submissions, and mutants of the right ones.
    """
    from grader import content
    from grader.notebook import promises
    from grader.proof import publishing, running

    if write and not full:
        raise click.UsageError("--write goes with --full: grader check --full --write")

    found = content.find_content()
    if fix and content.write_points_table(found):
        click.echo("assignment/README.md: the table of points was rewritten")
    problems: list[Problem] = content.check_content(found)
    if not problems:
        with flow.observer(isolation) as observer:
            problems = [*running.check_by_running(found, observer), *promises.check_notebook(found)]
    if full and not problems:
        problems = publishing.check_errors(found, isolation, write=write)
    for problem in problems:
        tell(str(problem))
    if problems:
        sys.exit(BELOW)
    click.echo("The content holds: points add up, documents agree, the solution earns 100, the starter 0.")


@app.command()
def doctor() -> None:
    """Say how well student code can be walled in here.

    Each level of isolation is started, and tried from inside: a process in it tries to read a file of this machine, to
    write outside of its folder, to connect, to send signals and to start processes. What is missing comes with its
    repair.
    """
    from grader.observe.sandbox.starting import problem

    chosen = None
    for level in LEVELS:
        wrong = problem(level)
        if wrong is None and level.safe and chosen is None:
            chosen = level.name
        click.echo(f"{'✗' if wrong else '✓'} {level.name}: {level.about}")
        if wrong:
            click.echo(f"    {wrong}")
    click.echo(f"\ngrader grade uses: {chosen or 'nothing: no level with walls works here'}")
    if chosen is None:
        sys.exit(BELOW)


app.add_command(template)
app.add_command(grade_class)
for command in (standing, explain, override, late, extend, export, regrade, similar, *COMMANDS):
    app.add_command(command)
app.add_command(nbgrader)
app.add_command(github)


def _observe(submission: Path, isolation: str | None) -> Evidence:
    """Observe a folder, with a line of progress where a person is watching."""
    taken = take_in(submission.expanduser())
    with flow.observer(isolation) as observer:
        import pytest_jsonreport.plugin  # noqa: F401  # loaded here, used later

        import grader.judge.grade
        import grader.judge.suite
        import grader.outputs.console  # noqa: F401  # loaded here, used later

        with _progress() as teller:
            evidence = observer.observe(taken, teller)
        for better in observer.sandboxes.passed_over:
            tell(f"grader: not isolated by {better}")
        return evidence


class _Teller:
    """Tells, on one line, which run has ended."""

    def __init__(self, console: Console) -> None:
        self._status = console.status("starting the sandbox …")
        self._runs = 0

    def __call__(self, run: Run) -> None:
        from grader.outputs.terminal import shown

        self._runs += 1
        self._status.update(shown(f"{self._runs} runs watched, the last one: {run.name}"))


@contextmanager
def _progress() -> Iterator[_Teller]:
    from rich.console import Console

    teller = _Teller(Console(stderr=True))
    with teller._status:  # noqa: SLF001  # its own class, three lines above
        yield teller


def _console() -> Console:
    from rich.console import Console

    return Console()


@contextmanager
def _refusing(platform: str | None, place: Path, out: Path | None) -> Iterator[None]:
    """Tell a platform as well of a submission that cannot be read: there the student sees nothing else."""
    if platform is not None and out is None:
        raise click.UsageError(f"--for goes with --out: grader grade SUBMISSION --for {platform} --out DIR")
    try:
        yield
    except SubmissionUnreadable as error:
        if platform is not None and out is not None:
            from grader.outputs import files, platforms

            files.write(out, platforms.refuse(platform, str(place), str(error), os.environ))
        raise


def _write(out: Path, graded: flow.Graded, platform: str | None) -> None:
    """Write the reports, and what a platform reads beside them."""
    from grader.outputs import files, platforms, reports

    beside = platforms.render(platform, graded.report, graded.evidence, os.environ)
    files.write(out, {**beside, **reports.contents(graded.report, graded.evidence, graded.document)})


def _annotate(graded: flow.Graded, submission: Path) -> None:
    from grader.outputs import annotations

    place = submission.expanduser().absolute()
    click.echo(annotations.render(graded.report, graded.evidence, place), nl=False)


def main() -> None:
    """Run the command line."""
    run(app)
