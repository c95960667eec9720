"""Where the figures stand: the run itself, the page that is made of it, and the short table of the README."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from grader.outputs import accuracy as output
from grader.proof import accuracy
from grader.proof.mutants import equivalents
from grader.proof.verdicts import Accuracy

if TYPE_CHECKING:
    from grader.content import Content, Problem

RUN = "tests/submissions/accuracy.json"
PAGE = "tests/submissions/ACCURACY.md"
README = "README.md"
BETWEEN = re.compile(r"(?<=<!-- accuracy:begin -->\n).*?(?=\n<!-- accuracy:end -->)", re.DOTALL)


class NoPlace(ValueError):  # noqa: N818  # it names the fault
    """The README has no place for the figures; the message names the repair."""


def check_errors(content: Content, isolation: str | None, *, write: bool) -> list[Problem]:
    """Grade everything whose verdict is known, print the figures, ``write`` them, and return where the grader errs."""
    cases = accuracy.cases(content)
    with _progress() as progress:
        bar = progress.add_task("grading", total=len(cases))
        measured = accuracy.measure(cases, isolation, lambda _: progress.advance(bar))
    click.echo(output.figures(measured))
    if write:
        click.echo(f"Written: {', '.join(publish(content, measured))}")
    return accuracy.problems(measured, equivalents(content.root))


def _progress() -> Progress:
    """Return a line of progress, shown only where a person is watching."""
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def publish(content: Content, measured: Accuracy) -> list[str]:
    """Write run, page and the README's figures; return the names of the files. Raises NoPlace."""
    texts = {RUN: stored(measured), PAGE: page(content, measured), README: readme(content, measured)}
    for name, text in texts.items():
        (content.root / name).write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def stored(measured: Accuracy) -> str:
    """Return a run as JSON, a line for each verdict: what changes from run to run is seen in a diff."""
    head = msgspec.json.encode({"format": measured.format, "grader": measured.grader}).decode()
    lines = ",\n".join(msgspec.json.encode(verdict).decode() for verdict in measured.verdicts)
    return f'{head[:-1]},"verdicts":[\n{lines}\n]}}\n'


def load(content: Content) -> Accuracy:
    """Return the run that is stored; an error of msgspec's or of the file system says what is wrong with it."""
    return msgspec.json.decode((content.root / RUN).read_bytes(), type=Accuracy)


def page(content: Content, measured: Accuracy) -> str:
    """Return the page of a run."""
    return output.page(measured, [criterion.key for criterion in content.rubric().criteria])


def readme(content: Content, measured: Accuracy) -> str:
    """Return the README with the figures of a run; raises NoPlace."""
    old = content.read(README)
    if not BETWEEN.search(old):
        raise NoPlace(f"{README}: no place for the figures; add <!-- accuracy:begin --> and <!-- accuracy:end -->")
    return BETWEEN.sub(lambda _: output.figures(measured), old)
