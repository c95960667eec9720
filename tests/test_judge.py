"""The suite of hidden checks: what a check may say, what becomes of our own faults, and what it may never show."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import msgspec
import pytest
from evidence_samples import evidence, run

from grader.content import SOLUTION, find_content
from grader.flow import judged
from grader.judge import checks
from grader.judge.checking import CRITERION, NEEDS
from grader.judge.examining import BROKEN, examine_all
from grader.judge.record import counted, kind_of, told, wants_more
from grader.judge.suite import CHECKS, Judgement, judge
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.values import CheckResult, Evidence, Failure, Outcome, Part, Run, Where

HEADER = """
from grader.judge import expect
from grader.judge.checking import check
from grader.values import Where
"""
SECRET = "the wit of the hidden check"  # noqa: S105  # a mark that no report may show


@pytest.fixture(scope="module")
def reference(walled_observer: Observer) -> Evidence:
    """Return what the reference solution was seen to do."""
    return walled_observer.observe(take_in(find_content().root / SOLUTION))


@pytest.fixture
def suite(tmp_path: Path) -> Callable[[str], Judgement]:
    """Return a judge whose suite is the file of checks that it is given."""

    def run_suite(source: str) -> Judgement:
        # Python knows a module by its name: each test's has one of its own.
        (tmp_path / f"check_{tmp_path.name}.py").write_text(HEADER + textwrap.dedent(source))
        return judge(evidence(run("model")), tmp_path)

    return run_suite


@pytest.fixture
def verdict(suite: Callable[[str], Judgement]) -> Callable[[str], CheckResult]:
    """Return a judge of one check, whose body it is given."""

    def run_check(body: str) -> CheckResult:
        (result,) = suite(sample(body)).results
        return result

    return run_check


def sample(body: str) -> str:
    """Return the source of one check with this body."""
    head = '@check("tea.hot", needs=("tea.made",))\ndef check_sample(record):\n    """The tea\n       is hot."""\n'
    return head + textwrap.indent(f"secret = {SECRET!r}\n{body}\n", "    ")


def functions() -> Iterator[tuple[str, FunctionType]]:
    """Yield every hidden check with the name of its module."""
    for module in pkgutil.iter_modules(checks.__path__):
        for name, value in vars(importlib.import_module(f"{checks.__name__}.{module.name}")).items():
            if name.startswith("check_") and isinstance(value, FunctionType):
                yield module.name, value


ALL_CHECKS = list(functions())

# --- what a check may say ---------------------------------------------------------------------------------------------


def test_a_check_that_ends_has_passed(verdict: Callable[[str], CheckResult]) -> None:
    """A check that comes to its end has passed; what it expects is its docstring, on one line."""
    assert verdict("pass") == CheckResult("tea.hot", "passed", expected="The tea is hot.", needs=("tea.made",))


def test_a_check_that_expected_something_else_has_failed(verdict: Callable[[str], CheckResult]) -> None:
    """A failed check tells what was seen, the student's line and the part of the points that is kept."""
    result = verdict('expect.fail("cold", where=Where("kettle.py", 3), share=0.5)')
    assert result == CheckResult(
        "tea.hot",
        "failed",
        expected="The tea is hot.",
        seen="cold",
        needs=("tea.made",),
        where=Where("kettle.py", 3),
        share=0.5,
    )


def test_a_check_may_expect_something_narrower_than_its_docstring(verdict: Callable[[str], CheckResult]) -> None:
    """What a check says that it expected takes the place of its docstring."""
    assert verdict('expect.fail("50 degrees", expected="90 degrees")').expected == "90 degrees"


def test_a_condition_that_holds_says_nothing(verdict: Callable[[str], CheckResult]) -> None:
    """A check goes on where what it expects is so."""
    assert verdict('expect.that([1], "cold")\nexpect.something("tea", "no tea")').outcome == "passed"


def test_a_condition_that_does_not_hold_fails(verdict: Callable[[str], CheckResult]) -> None:
    """A check fails where what it expects is not so."""
    assert verdict('expect.that([], "cold")').outcome == "failed"


@pytest.mark.parametrize("call", ['expect.something([], "no tea")', 'expect.present(None, "no tea")'])
def test_a_check_without_anything_to_judge_is_unseen(call: str, verdict: Callable[[str], CheckResult]) -> None:
    """A check that finds nothing to judge says so, and what may be the cause."""
    result = verdict(call)
    assert (result.outcome, result.seen, result.needs) == ("unseen", "no tea", ("tea.made",))


# --- faults of ours ---------------------------------------------------------------------------------------------------

FAULTS = {
    "error": "1 / 0",
    "assertion": "assert secret is None, record",
    "no such key": "record.evidence.surroundings.nothing",
    "exit": "raise SystemExit(3)",
    "skip": "import pytest; pytest.skip('not today')",
    "expected failure": "import pytest; pytest.xfail('not yet')",
}


@pytest.mark.parametrize("body", FAULTS.values(), ids=list(FAULTS))
def test_a_check_that_ends_in_any_other_way_is_broken(body: str, verdict: Callable[[str], CheckResult]) -> None:
    """Whatever leaves a check and is no verdict is the grader's own fault, and is said to be."""
    result = verdict(body)
    assert (result.outcome, result.seen) == ("broken", BROKEN)


def test_the_traceback_of_a_fault_is_kept(suite: Callable[[str], Judgement]) -> None:
    """Whoever keeps the grader learns where a check broke."""
    (fault,) = suite(sample("1 / 0")).faults
    assert ("ZeroDivisionError" in fault, "in check_sample" in fault) == (True, True)


@pytest.mark.parametrize("body", ["1 / 0", "assert secret is None, record", "expect.fail('cold')"])
def test_a_report_shows_neither_source_nor_path(body: str, suite: Callable[[str], Judgement], tmp_path: Path) -> None:
    """What goes into the document comes from verdicts: no source of a check, no folder of the machine, no input."""
    document = json.dumps(suite(sample(body)).document)
    assert [
        word for word in (SECRET, "def check_sample", str(tmp_path), "alice", "Traceback") if word in document
    ] == []


def test_a_check_that_cannot_be_set_up_is_broken(suite: Callable[[str], Judgement]) -> None:
    """A check that asks for something that is not there is broken, like one that fails on its way."""
    source = '@check("tea.hot")\ndef check_sample(record, kettle):\n    """The tea is hot."""\n'
    assert [result.outcome for result in suite(source).results] == ["broken"]


NO_SUITES = {"a check without a criterion": "def check_sample(record): pass", "no Python": "def", "nothing": "x = 1"}


@pytest.mark.parametrize("source", NO_SUITES.values(), ids=list(NO_SUITES))
def test_a_suite_that_cannot_run_is_a_fault(source: str, suite: Callable[[str], Judgement]) -> None:
    """A suite without a check that can run judges nothing, and the fault says so: it is no zero."""
    judgement = suite(source)
    assert (judgement.results, "cannot run" in judgement.faults[-1]) == ((), True)


def test_the_fault_of_a_suite_names_its_reason(suite: Callable[[str], Judgement], tmp_path: Path) -> None:
    """A file of checks that cannot be imported is named, with the error in it."""
    fault = suite("1 / 0").faults[0]
    assert (tmp_path.name in fault, "ZeroDivisionError" in fault) == (True, True)


def test_a_fault_withholds_the_grade(reference: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that breaks makes the grade withheld: it is never turned into a zero."""
    monkeypatch.setattr("grader.judge.checks.check_flush.arrivals", lambda *_: 1 / 0)
    graded = judged(reference)
    broken = {criterion.key for criterion in graded.report.criteria if criterion.outcome == "broken"}
    assert (graded.report.status, broken) == ("withheld", {"flush.nothing_stored"})


# --- the same everywhere ----------------------------------------------------------------------------------------------


def test_whoever_starts_the_grader_has_no_say(
    reference: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options and plugins for pytest in the environment, and files of its in the current folder, change nothing."""
    clean = judge(reference).results
    (tmp_path / "conftest.py").write_text("raise RuntimeError('loaded')\n")
    (tmp_path / "check_more.py").write_text("def check_more(): raise RuntimeError\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    (tmp_path / "pollution.py").write_text("raise RuntimeError('loaded')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing -x --nonsense")
    monkeypatch.setenv("PYTEST_PLUGINS", "pollution")
    assert judge(reference).results == clean


def test_the_environment_is_given_back(reference: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was hidden while the checks ran is there again afterwards."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    judge(reference)
    assert os.environ["PYTEST_ADDOPTS"] == "-x"


def test_whoever_interrupts_is_heard(reference: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C inside a check ends the judging: it is no fault of the check's."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.judge.checks.check_flush.arrivals", interrupted)
    for judging in (judge, examine_all):
        with pytest.raises(KeyboardInterrupt):
            judging(reference)


def test_without_pytest_the_results_are_the_same(reference: Evidence, without_a_table: Evidence) -> None:
    """Examined without pytest, right and wrong submissions have the results that the suite gives them, in its order."""
    for seen in (reference, without_a_table):
        judgement = judge(seen)
        assert examine_all(seen) == (judgement.results, judgement.faults)


def test_without_pytest_a_fault_breaks_the_same_checks(
    reference: Evidence, without_a_table: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in one check withholds what it judges and nothing else, with pytest around it and without."""
    monkeypatch.setattr("grader.judge.checks.check_flush.arrivals", lambda *_: 1 / 0)
    for seen in (reference, without_a_table):
        judgement, (results, faults) = judge(seen), examine_all(seen)
        assert results == judgement.results
        assert {result.key for result in results if result.outcome == "broken"} <= {"flush.nothing_stored"}
        assert len(faults) == len(judgement.faults)
    assert faults


def test_stored_evidence_is_judged_alike(reference: Evidence) -> None:
    """Evidence that was written down and read again gives the same results."""
    stored = msgspec.json.decode(msgspec.json.encode(reference), type=Evidence)
    assert judge(stored).results == judge(reference).results


# --- the document -----------------------------------------------------------------------------------------------------


def test_the_document_is_pytest_json_reports_own(reference: Evidence) -> None:
    """The document has the keys of pytest-json-report, as the contract names them."""
    document = judge(reference).document
    assert {"created", "duration", "exitcode", "root", "environment", "summary", "tests"} == document.keys()


def test_the_document_can_be_written_as_json(reference: Evidence) -> None:
    """The document survives being written and read."""
    document = judge(reference).document
    assert json.loads(json.dumps(document)) == document


def test_each_test_of_the_document_names_its_criterion(reference: Evidence) -> None:
    """Beside each test stands the key of the criterion that it judges."""
    keys = {test["metadata"][CRITERION] for test in judge(reference).document["tests"]}
    assert keys == {criterion.key for criterion in find_content().rubric().criteria}


def test_the_document_shows_no_folder_of_the_machine(reference: Evidence) -> None:
    """No path of the machine stands in the document."""
    assert str(CHECKS.parent) not in json.dumps(judge(reference).document)


# --- two views --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def without_a_table(walled_observer: Observer, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Return what a right script beside an empty models.py was seen to do."""
    folder = tmp_path_factory.mktemp("empty_model")
    (folder / "transaction_script.py").write_text(find_content().read(f"{SOLUTION}/transaction_script.py"))
    (folder / "models.py").write_text("")
    return walled_observer.observe(take_in(folder))


def test_a_model_is_judged_by_itself_alone(without_a_table: Evidence) -> None:
    """Where the reference's model stood in, the criteria of the model are judged on the student's own only."""
    followed = {result.key.partition(".")[0] for result in judge(without_a_table).results if result.followed}
    assert "model" not in followed


def test_a_script_is_judged_beside_the_references_model_as_well(without_a_table: Evidence) -> None:
    """Where the reference's model stood in, every check of the script is made on both views."""
    views: dict[bool, int] = {True: 0, False: 0}
    for result in judge(without_a_table).results:
        views[result.followed] += not result.key.startswith("model.")
    assert views[True] == views[False] > 0


def test_without_a_stand_in_there_is_one_view(reference: Evidence) -> None:
    """A submission whose parts all serve is judged once."""
    assert not any(result.followed for result in judge(reference).results)


# --- the words of a verdict -------------------------------------------------------------------------------------------

KINDS = {
    "None": (None, "None"),
    "number": (7, "7"),
    "text": ("seven", "'seven'"),
    "empty list": ([], "[]"),
    "texts": (["1", "2"], "a list of texts"),
    "mixed": ([1, None, {"object": "Product"}], "a list of None and Product objects and numbers"),
    "truth values": ([True], "a list of truth values"),
    "dict": ({"dict": [[1, 2]]}, "a dict"),
    "Decimal": ({"decimal": "1"}, "an object of type Decimal"),
    "generator": ({"object": "generator", "text": "<generator>"}, "an object of type generator"),
}


@pytest.mark.parametrize(("value", "words"), KINDS.values(), ids=list(KINDS))
def test_what_was_returned_is_said_by_its_kind(value: object, words: str) -> None:
    """A returned value is named so that the student knows it again."""
    assert kind_of(value) == words


def test_a_long_value_is_cut() -> None:
    """A long text does not flood a verdict."""
    assert len(kind_of("x" * 1000)) < 250


ENDINGS = {
    "returned": (Outcome("returned"), "f returned normally"),
    "raised": (Outcome("raised", failure=Failure("KeyError", "'id'")), "f raised KeyError: 'id'"),
    "raised without a word": (Outcome("raised", failure=Failure("KeyError", "")), "f raised KeyError"),
    "not written": (Outcome("raised", failure=Failure("NotImplementedError", "")), "f is not written yet"),
    "missing": (Outcome("missing"), "f is not there"),
    "exited": (Outcome("exited", status=3), "f ended with exit status 3"),
    "exited with a word": (
        Outcome("exited", status=1, failure=Failure("SystemExit", "no")),
        "f ended with exit status 1 (SystemExit: no)",
    ),
    "unfinished": (Outcome("unfinished", text="it crashed"), "f did not end well: it crashed"),
    "unimportable": (
        Outcome("unimportable", failure=Failure("SyntaxError", "oh")),
        "transaction_script.py cannot be imported: SyntaxError: oh",
    ),
}


@pytest.mark.parametrize(("outcome", "words"), ENDINGS.values(), ids=list(ENDINGS))
def test_how_a_call_ended_is_said_in_words(outcome: Outcome, words: str) -> None:
    """Each way in which a call may end has its sentence."""
    assert told("f", outcome) == words


def test_the_parameters_of_a_statement_are_not_told() -> None:
    """Of SQLAlchemy's messages the first line alone is told: the others hold hidden inputs."""
    message = "(sqlite3.IntegrityError) UNIQUE constraint failed\n[SQL: INSERT]\n[parameters: ('Lamp, old', 3)]"
    assert "Lamp" not in told("f", Outcome("raised", failure=Failure("IntegrityError", message)))


MORE = {
    "import": "cannot import name 'products' from 'models' (models.py)",
    "module": "module 'models' has no attribute 'SessionLocal'",
    "class": "type object 'Product' has no attribute 'create'",
    "object": "'Product' object has no attribute 'cents'",
    "keyword": "'stock' is an invalid keyword argument for Product",
}


def failing(message: str, model: Part) -> Run:
    """Return a run on a model that ended with this message."""
    return Run("add", "add", {}, Outcome("raised", failure=Failure("X", message)), model=model)


@pytest.mark.parametrize("message", MORE.values(), ids=list(MORE))
def test_a_script_wants_more_than_the_references_model_has(message: str) -> None:
    """A name that only the student's own model has is missed in the reference's; missed in their own it is wrong."""
    assert wants_more(failing(message, "reference"))
    assert not wants_more(failing(message, "own"))


@pytest.mark.parametrize(
    "message", ["", "no such table: products", "cannot import name 'Sesion' from 'sqlalchemy.orm'"]
)
def test_other_failures_want_nothing_of_a_model(message: str) -> None:
    """What fails with the reference's model in any other way says nothing of a model."""
    assert not wants_more(failing(message, "reference"))


def test_numbers_agree_with_their_nouns() -> None:
    """One is singular, everything else is plural."""
    assert [counted(number, "product") for number in (0, 1, 2)] == ["0 products", "1 product", "2 products"]


# --- evidence of any kind ---------------------------------------------------------------------------------------------

GARBAGE: dict[str, Any] = {
    "nothing": None,
    "number": 1,
    "text": "x",
    "list": [None, {"object": "Product", "text": "Product()"}, True, "1"],
    "empty dict": {"dict": []},
    "odd keys": {"dict": [[1, 2], ["loaded", "x"], ["stale", {"float": "nan"}], [None, None]]},
    "object": {"object": "Thing", "text": "Thing()"},
    "no dict": {"dict": 5},
    "no pairs": {"dict": [5, [], ["loaded"], ["stale", 1, 2], {"a": 1}]},
    "no lists": {"dict": [["stored", 5], ["as_given", {"dict": []}], ["reads", None]]},
    "odd lists": {"dict": [["stored", [[1], {"a": 1}, None, True]], ["as_given", [[], 1]], ["reads", [[], 1, {}]]]},
    "no decimals": {"dict": [["loaded", {"decimal": [1]}], ["stale", {"decimal": "x"}], ["after_refresh", {}]]},
    "huge numbers": {"dict": [["loaded", 10**400], ["stale", -1.7e308], ["after_refresh", {"decimal": "9e999999"}]]},
    "huge texts": {"dict": [["loaded", {"decimal": "9" * 10_000}], ["stale", {"decimal": "1E+99999999999999"}]]},
    "nested": {"dict": [["loaded", [[[[[[[[[[[["x"]]]]]]]]]]]]]]},
}


def without_faults(evidence: Evidence) -> list[str]:
    """Return the faults of judging this evidence; the results have to be there."""
    judgement = judge(evidence)
    assert {result.key for result in judgement.results} == {key for key, _ in map(_about, ALL_CHECKS)}
    return list(judgement.faults)


def _about(about: tuple[str, FunctionType]) -> tuple[str, tuple[str, ...]]:
    return getattr(about[1], CRITERION), getattr(about[1], NEEDS)


def changed(evidence: Evidence, **fields: Any) -> Evidence:  # noqa: ANN401  # the fields of Run
    """Return evidence in which all runs have these fields."""
    runs = tuple(msgspec.structs.replace(run, **fields) for run in evidence.runs)
    return msgspec.structs.replace(evidence, runs=runs)


@pytest.mark.parametrize("value", GARBAGE.values(), ids=list(GARBAGE))
def test_no_returned_value_breaks_a_check(value: object, reference: Evidence) -> None:
    """Whatever a function returned, its checks come to a verdict."""
    assert without_faults(changed(reference, outcome=Outcome("returned", value=value))) == []


@pytest.mark.parametrize("value", [[1], {"a": 1}, "x", True, None, 10**400, -1.7e308, {"decimal": "9e999999"}, {}])
def test_no_product_that_was_read_breaks_a_check(value: object, reference: Evidence) -> None:
    """Whatever a model gives as an id, a name and a price, the checks come to a verdict."""
    read: tuple[dict[str, object], ...] = ({"id": value, "name": value, "price": value}, {}, {"id": value})
    assert without_faults(changed(reference, read_back=read)) == []


def telling(run: Run, text: str) -> Run:
    """Return a run in which every claim has this text after its name, and numbers from nowhere."""
    steps = tuple(
        step
        if step.fact
        else msgspec.structs.replace(step, text=f"{step.text}: {text}"[:2000], session=-1, object=2**63, connection=-1)
        for step in run.steps
    )
    return msgspec.structs.replace(run, steps=steps)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 1990,
        '{"dict": 5}',
        '{"dict": [["loaded", 1e999], 5]}',
        '{"dict": [["loaded", {"decimal": 1}], ["stale", {"decimal": "1E+999999"}]]}',
        "9" * 1900,
        "null",
    ],
    ids=["empty", "nested", "no dict", "endless", "odd decimals", "many digits", "null"],
)
def test_no_claim_breaks_a_check(text: str, reference: Evidence) -> None:
    """Whatever is told from inside a process, the checks come to a verdict."""
    told = tuple(telling(run, text) for run in reference.runs)
    assert without_faults(msgspec.structs.replace(reference, runs=told)) == []


@pytest.mark.parametrize("kind", ["raised", "exited", "missing", "unimportable", "unfinished"])
@pytest.mark.parametrize("failure", [None, Failure("ValueError", ""), Failure("X", "y\nz", Where("a.py", 1))])
def test_no_ending_breaks_a_check(kind: Any, failure: Failure | None, reference: Evidence) -> None:  # noqa: ANN401  # a Literal
    """However a call ended, its checks come to a verdict."""
    assert without_faults(changed(reference, outcome=Outcome(kind, failure=failure, status=1, text="x"))) == []


MISSING: dict[str, dict[str, Any]] = {
    "steps": {"steps": ()},
    "tables": {"before": None, "after": None},
    "schema": {"schema": None},
    "reading back": {"read_back": None},
    "next ids": {"next_ids": ()},
    "second calls": {"then": ()},
    "all of it": {"steps": (), "before": None, "after": None, "schema": None, "read_back": None, "next_ids": ()},
}


@pytest.mark.parametrize("fields", MISSING.values(), ids=list(MISSING))
def test_nothing_that_is_missing_breaks_a_check(fields: dict[str, Any], reference: Evidence) -> None:
    """Whatever the record of a call lacks, its checks come to a verdict."""
    assert without_faults(changed(reference, **fields)) == []


def cut(run: Run) -> Run:
    """Return a run whose record ends in the middle."""
    return msgspec.structs.replace(run, steps=run.steps[: len(run.steps) // 2], steps_dropped=len(run.steps) // 2)


def test_a_record_that_was_cut_breaks_no_check(reference: Evidence) -> None:
    """A record that ends in the middle of a call is judged as far as it goes."""
    assert without_faults(msgspec.structs.replace(reference, runs=tuple(map(cut, reference.runs)))) == []


def test_a_run_that_was_not_made_breaks_no_check(reference: Evidence) -> None:
    """Evidence of nothing but the model is judged: what was not tried is not seen."""
    assert without_faults(msgspec.structs.replace(reference, runs=reference.runs[:1])) == []


# --- the content of the suite -----------------------------------------------------------------------------------------


def test_every_criterion_has_a_check_and_every_check_a_criterion() -> None:
    """The keys of the checks are those of the rubric."""
    assert {key for key, _ in map(_about, ALL_CHECKS)} == {c.key for c in find_content().rubric().criteria}


@pytest.mark.parametrize(("module", "function"), ALL_CHECKS, ids=[function.__name__ for _, function in ALL_CHECKS])
def test_a_check_needs_only_criteria_that_there_are(module: str, function: FunctionType) -> None:
    """What a check names as possible causes are other criteria of the rubric."""
    key, needs = _about((module, function))
    known = {criterion.key for criterion in find_content().rubric().criteria} - {key}
    assert set(needs) <= known


@pytest.mark.parametrize(("module", "function"), ALL_CHECKS, ids=[function.__name__ for _, function in ALL_CHECKS])
def test_a_check_stands_in_the_file_of_its_concept(module: str, function: FunctionType) -> None:
    """The checks of a concept are in one file that has its name."""
    concepts = {criterion.key: criterion.concept for criterion in find_content().rubric().criteria}
    assert module == f"check_{concepts[_about((module, function))[0]]}"


@pytest.mark.parametrize("function", [f for _, f in ALL_CHECKS], ids=[f.__name__ for _, f in ALL_CHECKS])
def test_a_docstring_is_a_sentence(function: FunctionType) -> None:
    """The student reads the docstring as what was expected: it is there, in one sentence."""
    text = " ".join((function.__doc__ or "").split())
    assert (text[:1].isupper() or text.startswith("`"), text.endswith(".")) == (True, True)


def test_needs_never_go_round_in_circles() -> None:
    """The search for the first cause ends."""
    needs: dict[str, set[str]] = {}
    for key, causes in map(_about, ALL_CHECKS):
        needs.setdefault(key, set()).update(causes)
    while met := [key for key in needs if not needs[key] & needs.keys()]:
        needs = {key: causes for key, causes in needs.items() if key not in met}
    assert needs == {}
