"""The whole left side: a folder becomes evidence, whatever is in it, and nothing is left behind."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from conftest import build_submission, start_bench
from grader import flow, limits
from grader.content import SOLUTION, find_content
from grader.observe import plan
from grader.observe.observer import Observer
from grader.observe.sandbox.databases import DatabaseLost
from grader.observe.submission import take_in
from grader.outputs.document import SCHEMAS, evidence_json
from grader.values import Evidence, Run

Build = Callable[..., Path]
REPOSITORY = Path(__file__).resolve().parents[1]
ENDS = {
    "model": "returned",
    "first_run": "exited",
    "second_run": "exited",
    "add": "returned",
    "add_nothing": "returned",
    "failed_insert": "raised",
    "failed_commit": "raised",
    "preview": "returned",
    "reload": "returned",
    "failed_reload": "raised",
}
"""How each kind of run of the solution ends."""


def ends(evidence: Evidence, *, but: tuple[str, ...] = ()) -> dict[str, str]:
    """Return how each kind of run ended, but for some kinds; different ends of one kind are written together."""
    kinds = {
        run.kind: {other.outcome.kind for other in evidence.runs if other.kind == run.kind} for run in evidence.runs
    }
    return {kind: " ".join(sorted(found)) for kind, found in kinds.items() if kind not in but}


def run_of(evidence: Evidence, name: str, **parts: str) -> Run:
    """Return the run of this name, with the parts that are asked for."""
    wanted = [run for run in evidence.runs if run.name == name]
    return next(run for run in wanted if all(getattr(run, part) == value for part, value in parts.items()))


@pytest.fixture(scope="session")
def solution(walled_observer: Observer) -> Evidence:
    """Return the evidence of the solution."""
    return walled_observer.observe(take_in(find_content().root / SOLUTION))


# --- a sound submission -----------------------------------------------------------------------------------------------


def test_solution_is_run_as_planned(solution: Evidence) -> None:
    """Every planned call is made once, ends as it should, and nothing of the reference is needed."""
    assert ends(solution) == ENDS
    assert {(run.model, run.functions) for run in solution.runs} == {("own", "own")}


def test_runs_are_in_the_order_of_the_plan(solution: Evidence) -> None:
    """Runs stand in the order of the plan, though they are made side by side."""
    draw = plan.Draw(plan.seed(solution.digest, flow.LOCAL_SECRET))
    planned = [plan.model(draw), *plan.program()]
    planned += [call for scenario in plan.functions(draw, [1, 2, 3, 4, 5]) for call in scenario]
    assert [run.name for run in solution.runs] == [call.name for call in planned]


def test_evidence_says_what_was_handed_in(solution: Evidence) -> None:
    """Sources, observations and digest are those of the folder."""
    taken = take_in(find_content().root / SOLUTION)
    assert (solution.submission, solution.digest, solution.files) == ("solution", taken.digest, taken.sources)
    assert solution.observations == taken.observations


def test_evidence_says_where_it_was_taken(solution: Evidence) -> None:
    """The level of isolation and every version that matters are written down."""
    surroundings = solution.surroundings
    assert surroundings.isolation == "bubblewrap"
    assert sys.version.startswith(surroundings.python)
    assert surroundings.sqlalchemy.startswith("2.")
    assert surroundings.sqlite.startswith("3.")


def test_every_call_finds_the_rows_of_the_model(solution: Evidence) -> None:
    """Each function is called on a database with the five rows that the model stored, whatever ran before."""
    stock = run_of(solution, "model").after
    assert stock is not None
    assert len(stock.rows) == 5
    functions = [run for run in solution.runs if run.kind not in {"model", "first_run", "second_run"}]
    assert all(run.before == stock for run in functions)


def test_second_run_finds_what_the_first_left(solution: Evidence) -> None:
    """The program's second run begins where the first ended."""
    first, second = run_of(solution, "first_run"), run_of(solution, "second_run")
    assert first.after is not None
    assert second.after is not None
    assert (second.before, len(first.after.rows), len(second.after.rows)) == (first.after, 2, 4)


def test_products_are_read_back_by_another_process(solution: Evidence) -> None:
    """After the runs that store something, the rows as the model reads them are written down."""
    read = {run.name: len(run.read_back) for run in solution.runs if run.read_back is not None}
    assert read == {"model": 5, "add.automatic_ids": 9, "add.given_ids": 8, "failed_commit": 7}


COUNTING = """
import builtins
builtins.imports = getattr(builtins, "imports", 0) + 1
print("imports:", builtins.imports)
"""


def imports(evidence: Evidence) -> dict[str, int]:
    """Return, for each run, how often its process had imported the model by then."""
    return {run.name: int(run.output.partition("imports: ")[2].split()[0]) for run in evidence.runs}


def counting(folder: Path) -> Path:
    """Let a submission's model count how often its process imports it."""
    (folder / "models.py").write_text((folder / "models.py").read_text() + COUNTING)
    return folder


def test_processes_are_shared_as_far_as_nobody_learns_anything(walled_observer: Observer, submission: Build) -> None:
    """The model and the functions have one process, and the two runs of the program another."""
    numbers = imports(walled_observer.observe(take_in(counting(submission()))))
    assert (numbers.pop("first_run"), numbers.pop("second_run")) == (1, 2)
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))


def test_process_that_has_worked_long_gets_no_further_call(
    walled_observer: Observer, submission: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each call takes long, each has a process of its own: none is stopped for what others have used."""
    monkeypatch.setattr(limits, "SHIFT_SECONDS", 0.0)
    numbers = imports(walled_observer.observe(take_in(counting(submission()))))
    assert set(numbers.values()) == {1}


def test_refusals_of_the_database_are_recorded(solution: Evidence) -> None:
    """A refused row leaves its error among the facts; a commit that fails does, too."""
    for name in ("refused.1", "refused.2", "refused.3", "failed_commit"):
        assert [step for step in run_of(solution, name).steps if step.fact and step.error], name


def test_progress_is_told_of_every_run(walled_observer: Observer, submission: Build) -> None:
    """Who wants to know is told of each run as it ends."""
    told: list[str] = []
    evidence = walled_observer.observe(take_in(submission()), lambda run: told.append(run.name))
    assert sorted(told) == sorted(run.name for run in evidence.runs)


def test_same_submission_gives_the_same_inputs_and_ends(solution: Evidence, observer: Observer) -> None:
    """Observed again, on any level, a submission is given the same inputs, and ends alike."""
    again = observer.observe(take_in(find_content().root / SOLUTION))
    assert [(run.name, run.inputs, run.outcome.kind, run.after) for run in again.runs] == [
        (run.name, run.inputs, run.outcome.kind, run.after) for run in solution.runs
    ]


def test_evidence_has_no_path_of_the_machine(solution: Evidence) -> None:
    """Neither the repository's nor the home's path is in the evidence of code that keeps to itself."""
    text = evidence_json(solution).decode()
    assert str(REPOSITORY) not in text
    assert str(Path.home()) not in text


# --- as JSON ----------------------------------------------------------------------------------------------------------

HOSTILE: dict[str, str] = {
    "add_products": "print('\\udcff \\x00 ä')\nclass A: __repr__ = lambda s: 1 / 0\nreturn [A(), float('nan'), 10**99]",
    "preview_ids": "raise LookupError('\\ud800' * 9999)",
    "show_reloading": "return {change_elsewhere: {('a', 1): b'x'}, None: [[[[[[]]]]]]}",
    "main": "import os\nos.write(1, b'\\xff\\xfe')\nos._exit(9)",
}


@pytest.fixture(scope="session")
def hostile(walled_observer: Observer, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Return the evidence of a submission that returns, raises and prints what it should not."""
    folder = build_submission(tmp_path_factory.mktemp("hostile") / "mallory", {}, HOSTILE)
    (folder / "observations.toml").write_bytes(b"\xff")
    (folder / "shop.py").write_bytes(b"\0")
    return walled_observer.observe(take_in(folder))


@pytest.mark.parametrize("name", ["solution", "hostile"])
def test_evidence_is_json_and_back(name: str, request: pytest.FixtureRequest) -> None:
    """Evidence written as JSON is read back as the same value."""
    evidence: Evidence = request.getfixturevalue(name)
    assert msgspec.json.decode(evidence_json(evidence), type=Evidence) == evidence


@pytest.mark.parametrize("name", ["solution", "hostile"])
def test_evidence_keeps_to_its_schema(name: str, request: pytest.FixtureRequest) -> None:
    """Evidence is as the published schema says."""
    schema = json.loads((SCHEMAS / "evidence.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(evidence_json(request.getfixturevalue(name))))


def test_evidence_is_small(solution: Evidence, hostile: Evidence) -> None:
    """The evidence of a submission is well below a megabyte."""
    assert max(len(evidence_json(evidence)) for evidence in (solution, hostile)) < limits.MIB


FORGING = """
import sys
def forged(value):
    return {forgery}
for name, module in list(sys.modules.items()):
    if name.startswith("child.") and hasattr(module, "plain"):
        module.plain = forged
"""
FORGERIES = {
    "other shapes": "{'dict': [['reads', 5], ['stored', 'all'], ['created', []]]}",
    "other kinds": "{'dict': [['reads', [[], 5, {'dict': []}]], ['stored', [True, '1', None, 1]]]}",
    "texts": "'everything is fine'",
    "lists": "[[], [1], {'dict': [[1, 2], ['id', []], ['price', []]]}]",
    "numbers": "[{'dict': [['id', 2**62], ['name', 5], ['price', {'decimal': 'many'}]]}]",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_answers_fool_nobody_and_stop_nothing(walled_observer: Observer, submission: Build, name: str) -> None:
    """Answers of other shapes, from code that took our place in the process, are evidence that can be judged."""
    forging = FORGING.format(forgery=FORGERIES[name])
    texts = {
        file: (find_content().root / SOLUTION / file).read_text() for file in ("models.py", "transaction_script.py")
    }
    folder = submission(files={file: text + forging for file, text in texts.items()})
    graded = flow.judged(walled_observer.observe(take_in(folder)))
    assert (graded.report.status, graded.faults) == ("graded", ())
    assert graded.report.score < 100


# --- broken submissions -----------------------------------------------------------------------------------------------


def test_broken_function_costs_only_its_own_runs(walled_observer: Observer, submission: Build) -> None:
    """A function that fails changes nothing in the runs of the others."""
    evidence = walled_observer.observe(take_in(submission(preview_ids="raise NotImplementedError")))
    failure = run_of(evidence, "preview").outcome.failure
    assert failure is not None
    assert failure.type == "NotImplementedError"
    assert ends(evidence, but=("preview",)) == {kind: end for kind, end in ENDS.items() if kind != "preview"}


def test_missing_function_is_told(walled_observer: Observer, submission: Build) -> None:
    """A script without a function says so in the runs of that function, and nowhere else."""
    folder = submission()
    script = folder / "transaction_script.py"
    script.write_text(script.read_text().replace("def preview_ids", "def preview"))
    assert ends(walled_observer.observe(take_in(folder))) == ENDS | {"preview": "missing"}


BROKEN_MODELS = {
    "syntax": "class Base(:\n",
    "missing name": "Base = None\n",
    "import": "import nowhere\n",
    "end": "import os\nos._exit(0)\n",
}


@pytest.mark.parametrize("name", BROKEN_MODELS)
def test_broken_model_is_replaced(walled_observer: Observer, submission: Build, name: str) -> None:
    """Where the model cannot serve, every function is called with the reference's model, and ends as it should."""
    evidence = walled_observer.observe(take_in(submission(files={"models.py": BROKEN_MODELS[name]})))
    followed = msgspec.structs.replace(evidence, runs=tuple(run for run in evidence.runs if run.model == "reference"))
    assert {kind: end for kind, end in ends(followed).items() if "run" not in kind} == {
        kind: end for kind, end in ENDS.items() if "run" not in kind
    }
    assert run_of(evidence, "model", model="own").outcome.kind in {"raised", "unimportable", "unfinished"}


def test_model_that_loses_money_is_looked_at_twice(walled_observer: Observer, submission: Build) -> None:
    """Where the model stores something else than it is given, functions are called with it and with the reference's."""
    models = (find_content().root / SOLUTION / "models.py").read_text()
    rounding = models.replace("Numeric(10, 2)", "Numeric(10, 1)")
    evidence = walled_observer.observe(take_in(submission(files={"models.py": rounding})))
    assert {run.model for run in evidence.runs if run.kind == "add"} == {"own", "reference"}


@pytest.mark.parametrize("body", ["raise NotImplementedError", "import sys\nsys.exit(1)", "import os\nos._exit(0)"])
def test_broken_main_is_followed(walled_observer: Observer, submission: Build, body: str) -> None:
    """Where the script's own run lacks something, it is run again with the reference's functions."""
    evidence = walled_observer.observe(take_in(submission(main=body)))
    runs = [run.functions for run in evidence.runs if run.kind in {"first_run", "second_run"}]
    assert runs == ["own", "own", "reference", "reference"]
    assert ends(evidence, but=("first_run", "second_run")) == {k: v for k, v in ENDS.items() if "run" not in k}


def test_main_of_a_student_with_broken_functions_is_whole_with_the_references(
    walled_observer: Observer, submission: Build
) -> None:
    """A good main, whose functions are stubs, does all that it should with the reference's functions."""
    stubs = dict.fromkeys(("add_products", "show_reloading"), "raise NotImplementedError")
    evidence = walled_observer.observe(take_in(submission(**stubs)))
    assert plan.run_is_whole(run_of(evidence, "first_run", functions="reference"))
    assert not plan.run_is_whole(run_of(evidence, "first_run", functions="own"))


def test_submission_without_a_script_is_observed(walled_observer: Observer, submission: Build) -> None:
    """A folder that holds only a model yields evidence: the model's, and that the script cannot be imported."""
    folder = submission()
    (folder / "transaction_script.py").unlink()
    assert ends(walled_observer.observe(take_in(folder)), but=("first_run", "second_run"))["add"] == "unimportable"


def test_submission_without_a_model_is_observed(walled_observer: Observer, submission: Build) -> None:
    """A folder without a model is looked at with the reference's."""
    folder = submission()
    (folder / "models.py").unlink()
    evidence = walled_observer.observe(take_in(folder))
    assert run_of(evidence, "model", model="own").outcome.kind == "unimportable"
    assert run_of(evidence, "add.automatic_ids", model="reference").outcome.kind == "returned"


def test_problem_of_a_file_is_told_where_it_is_imported(walled_observer: Observer, submission: Build) -> None:
    """A helper that could not be taken in is named by the error of the import."""
    folder = submission(add_products="import shop")
    (folder / "shop.py").write_bytes(b"\xff\xfe")
    failure = run_of(walled_observer.observe(take_in(folder)), "add.automatic_ids").outcome.failure
    assert failure is not None
    assert (failure.type, "shop.py is not UTF-8 text" in failure.message) == ("ImportError", True)


def test_import_that_hangs_costs_one_timeout_a_scenario(
    observer: Observer, submission: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where importing the script never ends, what hung once in a scenario is not tried there again."""
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.3)
    script = {"transaction_script.py": "import threading\nthreading.Event().wait()\n"}
    evidence = observer.observe(take_in(submission(files=script)))
    texts = [run.outcome.text or "" for run in evidence.runs if run.kind == "failed_insert"]
    assert ends(evidence, but=("model",)) == {kind: "unfinished" for kind in ends(evidence) if kind != "model"}
    assert [text.startswith("it ran longer") for text in texts] == [True] + [False] * 11


TRICKS = {
    "add_products": "import os\nos._exit(0)",
    "preview_ids": "import ctypes\nctypes.string_at(0)",
    "show_reloading": "import os\nos.closerange(0, 64)",
    "main": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\nraise MemoryError",
}


def test_observer_serves_one_submission_after_another(observer: Observer, submission: Build) -> None:
    """After a submission that ends its processes in every way, the next one on the same observer gets all points."""
    bad = observer.observe(take_in(submission("mallory", **TRICKS)))
    assert ends(bad, but=("model",)) == {
        **dict.fromkeys(("add", "add_nothing", "failed_insert", "failed_commit"), "unfinished"),
        **dict.fromkeys(("preview", "reload", "failed_reload"), "unfinished"),
        **dict.fromkeys(("first_run", "second_run"), "exited"),
    }
    graded = flow.judged(observer.observe(take_in(submission("alice"))))
    assert (graded.report.status, graded.report.score) == ("graded", 100)


def test_two_observers_work_at_once(walled_observer: Observer, open_observer: Observer, submission: Build) -> None:
    """Two observers in two threads of one grader each give whole evidence."""
    folders = [submission("alice"), submission("bob", preview_ids="return []")]
    with ThreadPoolExecutor(2) as pool:
        jobs = zip((walled_observer, open_observer), folders, strict=True)
        alice, bob = pool.map(lambda job: job[0].observe(take_in(job[1])), jobs)
    assert (ends(alice), ends(bob)) == (ENDS, ENDS)
    assert (run_of(bob, "preview").outcome.value, alice.submission, bob.submission) == ([], "alice", "bob")
    assert (alice.surroundings.isolation, bob.surroundings.isolation) == ("bubblewrap", "process")


# --- nothing is left --------------------------------------------------------------------------------------------------


def below(process: int) -> set[int]:
    """Return the processes that descend from one."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(path.parent.name)] = int(parent)
    found = {process}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which this process, and what it starts, makes temporary files; it is empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def command_line(process: int) -> str:
    """Return how a process was called."""
    with suppress(OSError):  # it has ended meanwhile
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    return ""


def folders(processes: set[int]) -> set[Path]:
    """Return the temporary folders of the machine that a grader's processes were told to use."""
    lines = " ".join(map(command_line, processes))
    return {Path(name) for name in re.findall(r"/[\w/-]*/grader-(?!bait)\w+", lines)}


@pytest.mark.parametrize("level", ["bubblewrap", "landlock", "process"])
@pytest.mark.parametrize("ending", ["well", "error", "interrupt"])
def test_leaving_an_observer_leaves_nothing(temporary: Path, submission: Build, level: str, ending: str) -> None:
    """However the block of an observer is left, in the middle of a submission too, no process and no folder stays."""
    before, threads = below(os.getpid()), threading.active_count()
    kinds = {"error": LookupError, "interrupt": KeyboardInterrupt}
    used: set[Path] = set()

    def progress(_: Run) -> None:
        used.update(folders(below(os.getpid()) - before))
        if ending in kinds:
            raise kinds[ending]

    with suppress(*kinds.values()), flow.observer(level) as observer:
        observer.observe(take_in(submission()), progress)
        assert ending == "well"
    assert below(os.getpid()) == before
    assert threading.active_count() == threads
    assert len(used) == (0 if level == "bubblewrap" else 2)
    assert not [folder for folder in used if folder.exists()]
    assert list(temporary.iterdir()) == []


@pytest.fixture(params=["bubblewrap", "process"])
def grading(
    request: pytest.FixtureRequest, temporary: Path, submission: Build, tmp_path: Path
) -> Iterator[subprocess.Popen[str]]:
    """Return a grader at work on a submission that hangs, once the first of its calls has begun."""
    folder = submission(add_products="import threading\nthreading.Event().wait()")
    command = [sys.executable, "-c", WATCHED, str(folder), "--out", str(tmp_path / "out"), "--isolation", request.param]
    place: dict[str, Any] = {"cwd": REPOSITORY, "env": os.environ | {"TMPDIR": str(temporary)}}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **place) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "at work\n"
        used = folders(below(program.pid))
        yield program
        program.kill()
    for left in used:  # a grader that is killed outright cannot clean up at level process
        shutil.rmtree(left, ignore_errors=True)


WATCHED = """
import sys
from grader import cli, limits
limits.WALL_SECONDS = 60.0
def tell(teller, run):
    if run.kind == "model":
        print("at work", flush=True)
cli._Teller.__call__ = tell
sys.argv[1:1] = ["grade"]
cli.main()
"""


def watched(program: subprocess.Popen[str]) -> list[int]:
    """Return descriptors of the processes that a program has started, directly or not."""
    descriptors = []
    for process in below(program.pid):
        with suppress(ProcessLookupError):  # it has ended meanwhile
            descriptors.append(os.pidfd_open(process))
    return descriptors


def all_end(descriptors: list[int]) -> bool:
    """Tell whether all of these processes end soon."""
    waiting = set(descriptors)
    while waiting and (ended := select.select(list(waiting), [], [], limits.STOP_SECONDS)[0]):
        waiting -= set(ended)
    for descriptor in descriptors:
        os.close(descriptor)
    return not waiting


@pytest.mark.slow
def test_interrupted_grader_says_so_and_leaves_nothing(
    grading: subprocess.Popen[str], temporary: Path, tmp_path: Path
) -> None:
    """Ctrl-C in the middle ends the grader with status 130: no report, no process, no folder."""
    processes = watched(grading)
    grading.send_signal(signal.SIGINT)
    _, errors = grading.communicate(timeout=30)
    assert (grading.returncode, errors.strip()) == (130, "grader: interrupted; nothing was written")
    assert len(processes) >= 2
    assert all_end(processes)
    assert list(temporary.iterdir()) == []
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_killed_grader_takes_its_processes_with_it(grading: subprocess.Popen[str]) -> None:
    """A grader that is killed outright leaves no process of a student's and no database server."""
    processes = watched(grading)
    grading.kill()
    grading.wait(timeout=30)
    assert len(processes) >= 2
    assert all_end(processes)


@pytest.mark.slow
def test_terminated_grader_takes_its_processes_with_it(grading: subprocess.Popen[str]) -> None:
    """A grader that is asked to end, as when a job is cancelled, leaves no process either."""
    processes = watched(grading)
    grading.terminate()
    grading.wait(timeout=30)
    assert all_end(processes)


def test_many_processes_leave_no_descriptor(walled_observer: Observer, submission: Build) -> None:
    """An observer that has served a submission has as many open files as before."""
    walled_observer.observe(take_in(submission("warm")))
    before = len(list(Path("/proc/self/fd").iterdir()))
    walled_observer.observe(take_in(submission("alice", preview_ids="import os\nos._exit(1)")))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def database_server(known: set[int]) -> int:
    """Return the one database server that this process has started since it had the children ``known``."""
    servers = {process for process in below(os.getpid()) - known if "database.process" in command_line(process)}
    return next(server for server in servers if not any(server in below(other) for other in servers))


def test_database_that_is_gone_costs_its_own_call() -> None:
    """Where the database of one process has died, the call says so, and the next process has another."""
    known = below(os.getpid())
    with start_bench("process") as bench, bench.process() as place:
        for scenario in below(database_server(known)):
            os.kill(scenario, signal.SIGKILL)
        assert str(place.call().answers).startswith("its database was lost")
        assert not place.workplace.is_fit
        assert bench.call().value == [5, 6]


def test_database_server_that_is_gone_is_the_graders_failure(submission: Build) -> None:
    """Where the database server has died, nothing hangs, and no run is blamed on the student."""
    known = below(os.getpid())
    with flow.observer("process") as observer:
        os.kill(database_server(known), signal.SIGKILL)
        with pytest.raises(DatabaseLost):
            observer.observe(take_in(submission()))
