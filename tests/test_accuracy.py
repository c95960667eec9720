"""The figures of accuracy are those of the stored run, the run is that of these submissions, and sums are right."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader import cli
from grader.content import Content, find_content
from grader.observe.submission import take_in
from grader.outputs.accuracy import PLACES, figures, page
from grader.proof import corpora, publishing
from grader.proof.accuracy import Case, cases, measure, problems
from grader.proof.verdicts import Accuracy, Share, Verdict
from grader.values import GraderInfo

CONTENT = find_content()
STORED = publishing.load(CONTENT)
CASES = cases(CONTENT)
INFO = GraderInfo("1.0", "3.11.7", "2.1.9", "bubblewrap")
STALE = "repair: .venv/bin/grader check --full --write"

RIGHT = Verdict("accepted/a", "accepted", "d")
MARKED_DOWN = Verdict("accepted/b", "accepted", "d", lost={"flush.ids": "failed"}, unlike=("flush.ids: wanted passed",))
AS_LABELLED = Verdict("rejected/c", "rejected", "d", wanted=("model.money",), lost={"model.money": "failed"})
UNLIKE_ITS_LABEL = Verdict(
    "rejected/d", "rejected", "d", wanted=("model.money",), lost={"flush.ids": "failed"}, unlike=("model.money: …",)
)
PASSED = Verdict("rejected/e", "rejected", "d", wanted=("model.money",), unlike=("model.money: wanted failed",))
CAUGHT = Verdict(
    "solution/s.py:add_products:drop_commit#1",
    "mutant",
    "d",
    wanted=("commit.stored",),
    lost={"commit.stored": "failed", "commit.one_transaction": "blocked"},
    place="add_products",
)
ELSEWHERE = Verdict(
    "solution/s.py:main:drop_commit#1",
    "mutant",
    "d",
    wanted=("script.first_run",),
    may_follow=("observations.agree",),
    lost={"observations.agree": "failed"},
    place="main",
)
SURVIVED = Verdict("solution/s.py:main:other_pair#1", "mutant", "d", wanted=("script.first_run",), place="main")
HARMLESS = Verdict("solution/s.py:main:other_pair#2", "equivalent", "d", wanted=("script.first_run",), place="main")
SMALL = Accuracy(
    INFO, (RIGHT, MARKED_DOWN, AS_LABELLED, UNLIKE_ITS_LABEL, PASSED, CAUGHT, ELSEWHERE, SURVIVED, HARMLESS)
)


# --- sums -------------------------------------------------------------------------------------------------------------


def test_a_right_submission_that_loses_something_is_marked_down() -> None:
    """Of the right ones, those are named that lost a point."""
    assert SMALL.marked_down() == [MARKED_DOWN]


def test_a_wrong_submission_that_loses_nothing_has_passed() -> None:
    """Of the wrong ones, those are named that lost no point."""
    assert SMALL.passed() == [PASSED, SURVIVED]


def test_a_wrong_submission_that_loses_something_else_is_misjudged() -> None:
    """Of those that were caught, the ones are named that lost what is not wrong."""
    assert SMALL.misjudged() == [UNLIKE_ITS_LABEL, ELSEWHERE]


def test_what_is_blocked_only_follows() -> None:
    """A mutant is diagnosed although criteria were blocked besides the one that is wrong."""
    assert CAUGHT.as_wanted


def test_what_follows_does_not_diagnose_alone() -> None:
    """A mutant that lost nothing but what may follow is not diagnosed."""
    assert not ELSEWHERE.as_wanted


def test_shares_count_the_caught_and_the_diagnosed() -> None:
    """Mutants are caught or not, and of those that are, diagnosed or not."""
    assert (SMALL.caught("mutant"), SMALL.diagnosed("mutant")) == (Share(2, 3), Share(1, 2))


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (99_999, 100_000, "99.9 %"),
        (1, 100_000, "0.1 %"),
        (2, 3, "66.7 %"),
        (0, 0, "0 %"),
    ],
)
def test_percent_is_honest(part: int, whole: int, percent: str) -> None:
    """A share is 100 % only if nothing is missed, and 0 % only if there is nothing."""
    assert Share(part, whole).percent == percent


def test_a_fault_of_the_graders_is_an_exception() -> None:
    """A right submission on which the grader failed is not as wanted, whatever it lost."""
    assert not Verdict("accepted/a", "accepted", "d", unlike=("Traceback …",)).as_wanted


@pytest.mark.parametrize(
    ("verdict", "message"),
    [
        (MARKED_DOWN, "accepted/b: is right and loses flush.ids."),
        (SURVIVED, "solution/s.py:main:other_pair#1: is wrong and loses nothing."),
        (UNLIKE_ITS_LABEL, "rejected/d: loses something else: flush.ids."),
    ],
)
def test_each_exception_is_a_problem(verdict: Verdict, message: str) -> None:
    """A verdict that is not as it should be is told with its name and what was lost."""
    found = problems(Accuracy(INFO, (RIGHT, verdict)), [])
    assert [str(problem).startswith(message) for problem in found] == [True]


def test_an_excuse_for_a_mutant_that_is_not_made_is_a_problem() -> None:
    """A line about a mutant that is not there is told."""
    found = problems(Accuracy(INFO, (RIGHT, HARMLESS)), [HARMLESS.name, "gone#1"])
    assert [problem.message for problem in found] == ["there is no mutant gone#1."]


# --- the page ---------------------------------------------------------------------------------------------------------


def test_page_is_that_of_the_stored_run() -> None:
    """The page is what the stored run renders."""
    assert CONTENT.read(publishing.PAGE) == publishing.page(CONTENT, STORED), STALE


def test_readme_has_the_figures_of_the_page() -> None:
    """The README shows the figures of the stored run, and so does the page."""
    assert CONTENT.read(publishing.README) == publishing.readme(CONTENT, STORED), STALE
    assert figures(STORED) in CONTENT.read(publishing.PAGE)


def test_stored_run_is_of_the_submissions_that_are_here() -> None:
    """Every golden submission and every mutant of today is in the stored run, byte for byte, and nothing else is."""
    with ThreadPoolExecutor(4) as threads:
        here = list(threads.map(lambda case: (case.name, case.kind, case.take_in().digest), CASES))
    assert here == [(verdict.name, verdict.kind, verdict.digest) for verdict in STORED.verdicts], STALE


def test_stored_run_is_compared_with_the_labels_of_today() -> None:
    """What the stored run wanted of a golden submission is what its label says."""
    labels = {case.name: sorted(case.label.lost) for case in CASES if case.label is not None}
    assert labels == {v.name: list(v.wanted) for v in STORED.of("accepted", "rejected")}, STALE


def test_no_right_submission_is_marked_down() -> None:
    """Of everything that is right, by label or by proof, nothing lost a point in the stored run."""
    assert STORED.marked_down() == []


def test_every_wrong_submission_is_judged_by_its_label() -> None:
    """Every submission that people labelled lost what its label says in the stored run."""
    assert [verdict.name for verdict in STORED.of("rejected") if not verdict.as_wanted] == []


def test_page_names_every_exception() -> None:
    """Whatever is not as it should be stands on the page above the details."""
    text = page(SMALL, ["commit.stored"]).partition("## Criterion by mistake")[0]
    wrong = (MARKED_DOWN, PASSED, SURVIVED, UNLIKE_ITS_LABEL, ELSEWHERE)
    assert [verdict.name for verdict in wrong if f"`{verdict.name}`" not in text] == []


def test_page_without_exceptions_says_so() -> None:
    """Where nothing is wrong, each list of exceptions says so."""
    text = page(Accuracy(INFO, (RIGHT, AS_LABELLED, CAUGHT)), ["commit.stored"])
    assert text.count("None.") == len(["marked down", "passed", "misjudged", "equivalent"])


def test_matrix_counts_by_place() -> None:
    """A row has the wrong submissions first, then the mutants by the place of their mistake."""
    text = page(SMALL, ["commit.stored", "commit.one_transaction"])
    assert "| `commit.stored` | · | · | 1 | · | · | · | · | · |\n" in text
    assert "| `commit.one_transaction` | · | · | +1 | · | · | · | · | · |\n" in text
    assert "| **all** | 3 | 0 | 1 | 0 | 0 | 2 | 0 | 0 |" in text


def test_every_mutant_has_a_place_in_the_matrix() -> None:
    """No mutant is left out of the matrix because of where its mistake lies."""
    assert {case.mutant.place for case in CASES if case.mutant is not None} == set(PLACES)


def test_figures_are_short() -> None:
    """The README's table shows what was measured beside what it should be."""
    assert figures(SMALL).splitlines()[2:] == [
        "| right submissions that lose a point | 1 of 2 | none |",
        "| mutants that break no promise, and lose a point | 0 of 1 | none |",
        "| wrong submissions that lose nothing | 1 of 3 | none |",
        "| mutants that break a promise, and are caught | 2 of 3 (66.7 %) | all |",
        "| wrong submissions that lose what is wrong, nothing else | 1 of 2 (50.0 %) | 98 % |",
        "| caught mutants that lose what is wrong, nothing else | 1 of 2 (50.0 %) | 98 % |",
    ]


# --- the run ----------------------------------------------------------------------------------------------------------


def chosen(*names: str) -> list[Case]:
    """Return some of the cases, by name."""
    return [case for case in CASES if case.name in names]


@pytest.mark.slow
def test_a_run_finds_what_is_stored() -> None:
    """A right one, a wrong one and a mutant get the verdicts of the stored run, and each is told as it comes."""
    told: list[str] = []
    mutant = "solution/transaction_script.py:show_reloading:drop_refresh#1"
    some = chosen("accepted/begin_block", "rejected/no_refresh", mutant)
    measured = measure(some, "bubblewrap", lambda case: told.append(case.name))
    assert list(measured.verdicts) == [verdict for verdict in STORED.verdicts if verdict.name in told]
    assert told == ["accepted/begin_block", "rejected/no_refresh", mutant]


def test_a_run_that_is_interrupted_ends_at_once() -> None:
    """Ctrl+C while a case is told ends the run: what waits is not begun, and nothing stays."""

    def interrupt(_case: Case) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(CASES[:40], "process", interrupt)


def test_nothing_is_measured_of_nothing() -> None:
    """A run without a case is an error of whoever asked for it."""
    with pytest.raises(ValueError, match="no case was given"):
        measure([], "process")


def test_without_golden_submissions_the_repair_is_named(tmp_path: Path) -> None:
    """Where only the package is installed, the error says that the repository is needed."""
    with pytest.raises(corpora.CorpusMissing, match="clone the whole repository"):
        corpora.folders(tmp_path, corpora.ACCEPTED)


def test_a_mutant_is_taken_in_with_its_change() -> None:
    """The submission of a mutant has the mutant's text, the other files of its base, and no label."""
    (case,) = chosen("text_sql/transaction_script.py:show_reloading:drop_refresh#1")
    assert case.mutant is not None
    sources = {source.name: source.text for source in case.take_in().sources}
    base = {source.name: source.text for source in take_in(case.folder).sources}
    assert sources == base | {case.mutant.file: case.mutant.text}


def test_publishing_writes_run_page_and_readme(tmp_path: Path) -> None:
    """The three files agree with each other after they are written, and the run is read back as it was."""
    for name in ("README.md", "assignment/rubric.toml", publishing.PAGE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(CONTENT.read(name))
    content = Content(tmp_path)
    publishing.publish(content, SMALL)
    assert publishing.load(content) == SMALL
    assert content.read(publishing.PAGE) == publishing.page(content, SMALL)
    assert content.read(publishing.README) == publishing.readme(content, SMALL)


def test_readme_without_a_place_is_an_error(tmp_path: Path) -> None:
    """A README without the two marks is left alone, and the error names them."""
    (tmp_path / "README.md").write_text("# Nothing\n")
    with pytest.raises(publishing.NoPlace, match="accuracy:begin"):
        publishing.readme(Content(tmp_path), SMALL)


# --- the command ------------------------------------------------------------------------------------------------------


def check(*options: str) -> Result:
    """Run ``grader check`` in this process."""
    return CliRunner().invoke(cli.app, ["check", "--isolation", "process", *options])


@pytest.mark.slow
def test_command_prints_the_figures_and_tells_what_errs(monkeypatch: pytest.MonkeyPatch) -> None:
    """``grader check --full`` prints the figures, and ends with status 1 where a target is missed."""
    some = chosen("solution", "rejected/no_refresh")
    monkeypatch.setattr("grader.proof.accuracy.cases", lambda _: some)
    monkeypatch.setattr("grader.proof.publishing.equivalents", lambda _: {"gone#1": "It is."})
    done = check("--full")
    assert "| right submissions that lose a point | 0 of 1 | none |" in done.output
    assert (done.exit_code, "there is no mutant gone#1." in done.output) == (1, True)


def test_command_writes_only_what_it_has_measured() -> None:
    """``--write`` alone is wrong use, and the error names the command that writes."""
    done = check("--write")
    assert (done.exit_code, "grader check --full --write" in done.output) == (2, True)
