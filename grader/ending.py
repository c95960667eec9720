"""How a command ends: what went wrong is told in a sentence that names the repair, and in the exit status."""

from __future__ import annotations

import gc
import io
import sys
import traceback

import click

from grader.course.faults import GradesWithheld, GradingInterrupted, WrongUse
from grader.github.seam import StepRefused
from grader.notebook.bridge import CourseUnusable
from grader.observe.sandbox.databases import DatabaseLost
from grader.observe.sandbox.starting import IsolationMissing
from grader.observe.sandbox.students import SandboxFailed
from grader.observe.submission import SubmissionUnreadable
from grader.outputs.files import OutputUnwritable
from grader.outputs.plain import SaysTooLittle
from grader.outputs.text import MOST_IN_A_LINE, log, visible
from grader.template.folder import TemplateUnwritable

BELOW, WRONG_USE, FAILED, INTERRUPTED = 1, 2, 3, 130


def tell(text: str, *, err: bool = True) -> None:
    """Write what is not part of a result. It may name files and quote messages of a student's: nothing obeys them."""
    click.echo(log(text.rstrip()), err=err)


def run(app: click.Command) -> None:
    """Run a command line and turn what went wrong into a sentence and an exit status."""
    gc.set_threshold(100_000)  # loading makes many objects, and nearly all of them stay: looking through them is waste
    try:
        sys.exit(app(standalone_mode=False))
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        tell(shown.getvalue())
        sys.exit(WRONG_USE)
    except (
        WrongUse,
        CourseUnusable,
        SubmissionUnreadable,
        OutputUnwritable,
        TemplateUnwritable,
        SaysTooLittle,
        StepRefused,
    ) as error:
        # One line: a name of several lines forges none of ours.
        tell(visible(f"grader: {error}", MOST_IN_A_LINE))
        sys.exit(WRONG_USE)
    except IsolationMissing as error:
        tell(f"grader: {error}")
        sys.exit(WRONG_USE)
    except (SandboxFailed, DatabaseLost) as error:
        tell(f"grader: {error}")
        tell("This is the grader's failure, not the student's: the grade is withheld. Try: grader doctor")
        sys.exit(FAILED)
    except GradesWithheld as error:
        tell(f"grader: {error}")
        sys.exit(FAILED)
    except GradingInterrupted as error:
        tell(f"grader: {error}")
        sys.exit(INTERRUPTED)
    except (KeyboardInterrupt, click.Abort):
        tell("grader: interrupted; nothing was written")
        sys.exit(INTERRUPTED)
    except Exception:  # noqa: BLE001  # whatever it is, it is not the student's, and status 1 would say that it is
        tell(f"{traceback.format_exc()}\nThis is the grader's failure: the grade is withheld.")
        sys.exit(FAILED)
