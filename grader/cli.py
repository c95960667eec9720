"""The command line: arguments, progress and exit statuses; the work is done elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader import __version__, flow
from grader.observe.sandbox.levels import LEVELS, IsolationMissing
from grader.observe.sandbox.students import SandboxFailed
from grader.observe.submission import SubmissionUnreadable, take_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from grader.content import Problem
    from grader.values import Evidence, Run

BELOW, WRONG_USE, FAILED, INTERRUPTED = 1, 2, 3, 130
REPORTS = ("report.json", "report.md", "evidence.json")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Grades submissions of the assignment on SQLAlchemy sessions and transactions.

Student code runs in a sandbox, against a database outside of it; what it did is recorded, and judged later.

Try it on the reference: **grader grade assignment/solution**, then on the starter: **grader grade starter**.

Exit status: 0 graded, whatever the score; 1 below --fail-under; 2 wrong use or an unreadable folder;
3 the grader itself failed, and the grade is withheld.""",
)

SubmissionArgument = Annotated[
    Path, typer.Argument(help="The folder that holds models.py and transaction_script.py.", metavar="SUBMISSION")
]
IsolationOption = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL",
        help=f"One of {', '.join(level.name for level in LEVELS)}; by default the best safe one of this machine. "
        "**process** walls nothing in: only for your own code on your own machine.",
    ),
]


@app.callback(invoke_without_command=True)
def _version(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False
) -> None:
    if version:
        typer.echo(f"grader {__version__}")
        raise typer.Exit


@app.command()
def grade(
    submission: SubmissionArgument,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=f"Where to write {', '.join(REPORTS)}; nothing is written without it."),
    ] = None,
    isolation: IsolationOption = None,
    fail_under: Annotated[
        int | None, typer.Option(metavar="POINTS", help="End with status 1 below this score.")
    ] = None,
) -> None:
    """Grade one folder: print what was expected, what was seen and where to look.

    Examples: `grader grade alice --out grades/alice`, `grader grade . --isolation process --fail-under 60`.
    """
    if out is not None:
        from grader.outputs import files  # noqa: PLC0415  # what is not needed at once is loaded while the sandbox starts

        files.prepare(out, REPORTS)
    graded = flow.judged(_observe(submission, isolation))
    if out is not None:  # first of all: a reader that goes away (| head) must not cost the reports
        _write(out, graded)
    from grader.outputs import console  # noqa: PLC0415  # as above

    console.render(graded.report, graded.evidence, _console())
    if out is not None:
        typer.echo(f"\nWritten: {', '.join(str(out / name) for name in REPORTS)}")
    if graded.report.status == "withheld":
        sys.stderr.write("\n".join(graded.faults) + "\n")
        raise typer.Exit(FAILED)
    if fail_under is not None and graded.report.score < fail_under:
        raise typer.Exit(BELOW)


@app.command()
def timeline(
    submission: SubmissionArgument,
    run: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Show this run; may be given several times. Default: one of each kind."),
    ] = None,
    isolation: IsolationOption = None,
    *,
    details: Annotated[
        bool, typer.Option("--details", help="Show connections taken from and given back to the pool as well.")
    ] = False,
) -> None:
    """Show what each session did, step by step, beside what other connections could see.

    It shows the inputs of hidden runs: it is for you, not for the student.
    """
    evidence = _observe(submission, isolation)
    from grader.outputs import timeline as output  # noqa: PLC0415  # loaded while the sandbox starts

    try:
        output.render(evidence, _console(), run or (), details=details)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--run") from error


@app.command()
def check(
    isolation: IsolationOption = None,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Rewrite the table of points in the handout.")] = False,
) -> None:
    """Prove the content: points add up, documents agree, the solution earns everything and the starter the floor."""
    from grader import content, proof  # noqa: PLC0415  # only this command needs them

    found = content.find_content()
    if fix and content.write_points_table(found):
        typer.echo("assignment/README.md: the table of points was rewritten")
    problems: list[Problem] = content.check_content(found)
    if not problems:
        with flow.observer(isolation) as observer:
            problems = proof.check_by_running(found, observer)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        raise typer.Exit(BELOW)
    typer.echo("The content holds: points add up, documents agree, the solution earns 100, the starter 0.")


@app.command()
def doctor() -> None:
    """Say which isolation this machine gives, and how to repair what is missing."""
    chosen = None
    for level in LEVELS:
        problem = level.problem()
        if problem is None and level.safe and chosen is None:
            chosen = level.name
        typer.echo(f"{level.name}: {problem or ('works' if level.safe else 'works, but walls nothing in')}")
    typer.echo(f"grader grade uses: {chosen or 'nothing safe'}")
    if chosen is None:
        raise typer.Exit(BELOW)


def _observe(submission: Path, isolation: str | None) -> Evidence:
    """Observe a folder, with a line of progress where a person is watching."""
    taken = take_in(submission.expanduser())
    with flow.observer(isolation) as observer:
        import grader.judge.grade  # noqa: PLC0415  # loaded while the sandbox starts
        import grader.judge.suite  # noqa: PLC0415
        import grader.outputs.console  # noqa: F401, PLC0415

        with _progress() as tell:
            return observer.observe(taken, tell)


class _Teller:
    """Tells, on one line, which run has ended."""

    def __init__(self, console: Console) -> None:
        self._status = console.status("starting the sandbox …")
        self._runs = 0

    def __call__(self, run: Run) -> None:
        self._runs += 1
        self._status.update(f"{self._runs} runs watched, the last one: {run.name}")


@contextmanager
def _progress() -> Iterator[_Teller]:
    from rich.console import Console  # noqa: PLC0415  # loaded while the sandbox starts

    teller = _Teller(Console(stderr=True))
    with teller._status:  # noqa: SLF001  # its own class, three lines above
        yield teller


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415  # as above

    return Console()


def _write(out: Path, graded: flow.Graded) -> None:
    from grader.outputs import document, files, markdown  # noqa: PLC0415  # only with --out

    files.write(
        out,
        {
            "report.json": document.report_json(graded.document, graded.report),
            "report.md": markdown.render(graded.report, graded.evidence),
            "evidence.json": document.evidence_json(graded.evidence),
        },
    )


def run() -> None:
    """Run the command line and turn what went wrong into a sentence and an exit status."""
    from grader.outputs.files import OutputUnwritable  # noqa: PLC0415  # small, and needed only here

    try:
        app()
    except (SubmissionUnreadable, IsolationMissing, OutputUnwritable) as error:
        sys.stderr.write(f"grader: {error}\n")
        sys.exit(WRONG_USE)
    except SandboxFailed as error:
        sys.stderr.write(f"grader: {error}\n")
        sys.stderr.write("This is the grader's failure, not the student's: the grade is withheld. Try: grader doctor\n")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.stderr.write("grader: interrupted; nothing was written\n")
        sys.exit(INTERRUPTED)
