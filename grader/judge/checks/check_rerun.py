"""Run it again: what the script leaves behind, and what the student saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.judge import expect
from grader.judge.checking import check
from grader.judge.observations import QUESTIONS, answers, disagreement, reloadings, truths
from grader.judge.record import counted, shortened, told
from grader.judge.trace import arrivals, ids_in, inserts, line_of, reloads, rows_that_went, spans

if TYPE_CHECKING:
    from grader.judge.record import Record
    from grader.judge.trace import Span
    from grader.values import Run, Step, Where

_CAUSES = ("commit.stored", "rollback.nothing_kept", "rollback.error_reaches_caller", "reload.stale", "model.table")


@check("script.first_run", needs=_CAUSES)
def check_first_run_stores_two_products(record: Record) -> None:
    """A first run of the script ends with exit status 0 and leaves exactly two products."""
    run = _program(record, "first_run")
    _expect_success(run, "the first run")
    expect.that(run.after is not None, _without_a_table(record, run))
    count = len(run.after.rows if run.after else ())
    text = f"the first run left {counted(count, 'product')} where two were to be stored"
    expect.that(count == 2, text + _why_so_many(run, count))  # noqa: PLR2004  # the contract's number


def _without_a_table(record: Record, run: Run) -> str:
    """Say why a run left no table, as far as the files tell: the script is missing, or wrote elsewhere."""
    if "transaction_script.py" not in {source.name for source in record.evidence.files}:
        return "transaction_script.py is not there"
    if not any(step.fact for step in run.steps):
        return "the first run never came to use a database"
    others = [name for name in run.databases if name != "products.db"]
    elsewhere = f"; it wrote to {shortened(', '.join(others))}" if others else ""
    return "the first run left no table products in products.db" + elsewhere


def _why_so_many(run: Run, count: int) -> str:
    """Say what the calls of add_products have to do with the number of products."""
    calls = spans(run.steps, "add_products")
    most = max((len(step.table.rows) for step in arrivals(run.steps, run.before) if step.table), default=0)
    if most > count:
        return f"; there were {most} before some were removed again"
    if count > 2 and len(calls) > 1 and all(call.ending == "returned" for call in calls):  # noqa: PLR2004  # as above
        return f"; each of {len(calls)} calls of add_products returned, and none raised"
    return ""


@check("script.first_run", needs=_CAUSES)
def check_first_run_tries_a_pair_that_fails(record: Record) -> None:
    """The script tries to add a pair of which the second cannot be stored, catches the error, and goes on."""
    run = _program(record, "first_run")
    failed = [call for call in spans(run.steps, "add_products") if call.ending == "raised"]
    tried = [call for call in failed if _is_a_pair(call)]
    none = "no call of add_products failed"
    what = f"the failing call of add_products was given {counted(failed[0].products, 'product')}" if failed else none
    text = f"in the first run {what}: the pair that cannot be stored was not tried"
    expect.that(tried or run.outcome.status, text)
    expect.something(tried, "the first run did not come so far")


def _is_a_pair(call: Span) -> bool:
    """Tell whether a call was given two products, or as many as nobody counts, of which one came to the database."""
    return call.products == 2 or (call.products == 0 and bool(inserts(call.steps)))  # noqa: PLR2004  # that is a pair


@check("script.first_run", needs=_CAUSES)
def check_first_run_shows_reloading(record: Record) -> None:
    """The script shows reloading on one of its products with `show_reloading`, while something changes its price."""
    run = _program(record, "first_run")
    calls = spans(run.steps, "show_reloading")
    returned = any(call.ending == "returned" for call in calls)
    shown = reloadings(run) if returned or reloads(run.steps) else []
    how = "raised an exception" if calls else "was not called"
    expect.that(shown or run.outcome.status, f"the first run did not show reloading: show_reloading {how}")
    expect.something(shown, "the first run did not come so far")
    changed = [each for each in shown if each.written]
    text = "in the first run no change of a price was committed while show_reloading was running"
    expect.that(changed, text, where=shown[-1].where)
    text = "in the first run show_reloading showed one price four times, although a product changed meanwhile"
    expect.that(not all(each.shows_nothing_new for each in changed), text, where=changed[-1].where)


@check("script.second_run", needs=("script.first_run", *_CAUSES))
def check_second_run_leaves_two_more(record: Record) -> None:
    """A second run on the same database leaves two more products, and the first ones as they were, prices included."""
    first, run = _program(record, "first_run"), _program(record, "second_run")
    expect.something(first.after and first.after.rows, "the first run stored nothing")
    if first.outcome.status == 0:  # a script that always ends badly is the first run's matter
        _expect_success(run, "the second run")
    gone, spoiler = rows_that_went(run), _spoiler(run)
    did = "removed" if ids_in(run.before) - ids_in(run.after) else "changed"
    text = f"the second run {did} {counted(len(gone), 'product')} of the first run"
    expect.that(not gone, text, where=spoiler or run.outcome.where)
    new = len(run.after.rows if run.after else ()) - len(first.after.rows if first.after else ())
    text = f"the second run left {counted(new, 'more product')} where two were to be stored"
    text += "; those of the first run were removed meanwhile" * _fewer_meanwhile(run)
    expect.that(new == 2, text, where=spoiler or run.outcome.where)  # noqa: PLR2004  # the contract's number


@check("script.second_run", needs=("script.first_run", *_CAUSES))
def check_the_first_products_are_left_alone(record: Record) -> None:
    """The second run leaves the first products alone all the time: to change them and to put them back is a change."""
    run = _program(record, "second_run")
    spoiled = _spoiling(run)
    text = "the second run changed or removed products of the first run for a while, and put them back"
    expect.that(spoiled is None, text, where=_spoiler(run))


def _fewer_meanwhile(run: Run) -> bool:
    before = len(run.before.rows if run.before else ())
    return any(len(seen.table.rows if seen.table else ()) < before for seen in arrivals(run.steps, run.before))


def _spoiling(run: Run) -> Step | None:
    """Return the step at which others first saw a row from before changed or removed."""
    before = set(run.before.rows) if run.before else set()
    seen = arrivals(run.steps, run.before)
    return next((step for step in seen if before - set(step.table.rows if step.table else ())), None)


def _spoiler(run: Run) -> Where | None:
    """Return the line that changed or removed the first row that did not stay as it was."""
    spoiled = _spoiling(run)
    return None if spoiled is None else line_of(run.steps, spoiled)


def _program(record: Record, kind: str) -> Run:
    return expect.present(record.run(kind), "the script was not run")


def _expect_success(run: Run, what: str) -> None:
    failure = run.outcome.failure
    expect.something(
        failure is None or failure.type not in {"SyntaxError", "IndentationError"},
        told(what, run.outcome),
        where=run.outcome.where,
    )
    expect.that(
        run.outcome.kind == "exited" and run.outcome.status == 0,
        told(what, run.outcome) + _what_is_not_there(run),
        where=run.outcome.where,
    )


def _what_is_not_there(run: Run) -> str:
    """Say so where a script ended because it wanted to start another program."""
    failure = run.outcome.failure
    refused = failure is not None and failure.type in {"PermissionError", "BlockingIOError"}
    tried = any(sign.kind == "processes" for sign in run.signs)
    return "; no other program can be started where it is graded: open another session instead" * (refused and tried)


@check("observations.agree", needs=("script.first_run",))
def check_observations_agree_with_the_program(record: Record) -> None:
    """The observations agree with what the program was seen to do."""
    given, problem = answers(record.evidence)
    expect.that(problem is None, problem or "")
    true = truths(_program(record, "first_run"), record.run("second_run"))
    wrong = [key for key in QUESTIONS if given.get(key) is None or not true[key](given[key])]
    if wrong:
        right = len(QUESTIONS) - len(wrong)
        text = f"{right} of {len(QUESTIONS)} answers agree; {disagreement(given, true, wrong)}"
        expect.fail(text, share=right / len(QUESTIONS))
