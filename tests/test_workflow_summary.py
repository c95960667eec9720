"""What the self-check of the template shows of a report, whatever stands in it: summary, annotations and log."""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from markdown_it import MarkdownIt
from nasty import NASTY, TEXTS, obeyed, unharmed
from processes import soon, status

from grader.content import HANDOUT, find_content
from grader.template.repository import SELF_CHECK, Author, write_template

TASKS = {
    1: "tests/test_1_model.py", 2: "tests/test_2_add_products.py", 3: "tests/test_3_preview_ids.py",
    4: "tests/test_4_show_reloading.py", 5: "tests/test_5_script.py", 6: "tests/test_6_observations.py",
}  # fmt: skip
SCRIPT = "transaction_script.py"
EXTRAS = {"html_block": 1, "hr": 1, "bullet_list_open": 1, "blockquote_open": 1, "ordered_list_open": 1}
"""What no summary has of itself."""
MOST_SUMMARY = 1024 * 1024
"""GitHub drops a longer summary as a whole."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a student's repository."""
    folder = tmp_path_factory.mktemp("student") / "repository"
    write_template(folder, find_content(), Author("Ada", "ada@example.org", datetime(2026, 1, 1, tzinfo=UTC)))
    return folder


@pytest.fixture(scope="module")
def imported(repository: Path) -> Iterator[ModuleType]:
    """Return the program of the self-check, as it lies in that repository."""
    place = str(repository / SELF_CHECK)
    sys.path.insert(0, place)
    try:
        yield importlib.import_module("run")
    finally:
        sys.path.remove(place)
        for name in ("run", "text", "commands"):
            sys.modules.pop(name, None)


@pytest.fixture
def program(imported: ModuleType, repository: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the same, with the repository as the current folder."""
    monkeypatch.chdir(repository)
    return imported


def told(task: int, outcome: str = "failed", message: str = "", name: str = "test_x") -> dict[str, Any]:
    """Return a test as pytest-json-report tells it."""
    call = {"longrepr": message} if outcome != "passed" else {}
    return {"nodeid": f"{TASKS[task]}::{name}", "outcome": outcome, "call": call}


def checks(program: ModuleType, folder: Path, *tests: object) -> Any:  # noqa: ANN401  # of the program's own types
    """Return what the program reads of a report with these tests."""
    report = folder / "report.json"
    report.write_text(json.dumps({"tests": list(tests)}))
    return program.read(report)


def summary(program: ModuleType, folder: Path, *tests: object) -> str:
    """Return the summary of a report with these tests."""
    return "\n\n".join(program.summary(checks(program, folder, *tests)))


def annotated(program: ModuleType, folder: Path, *tests: object) -> list[tuple[str, dict[str, str], str]]:
    """Return the annotations as GitHub's runner reads them."""
    written = "\n".join(program.annotations(checks(program, folder, *tests)))
    return [(command.name, command.properties, command.data) for command in obeyed(written)]


# --- tasks ------------------------------------------------------------------------------------------------------------


def test_task_is_green_when_all_its_checks_are(program: ModuleType, tmp_path: Path) -> None:
    """One check that is not green keeps its task from being so."""
    shown = summary(program, tmp_path, told(1, "passed"), told(2, "passed"), told(2, "failed", "wrong"))
    assert shown.startswith("# 1 of 6 tasks green\n")
    assert "| 1: the model | ✅ green | 1 of 1 |" in shown
    assert "| 2: add_products | ❌ not yet | 1 of 2 |" in shown


@pytest.mark.parametrize("outcome", ["skipped", "xfailed", "xpassed", "error", "failed", "", "PASSED", None, True])
def test_only_a_passed_check_is_green(program: ModuleType, tmp_path: Path, outcome: Any) -> None:  # noqa: ANN401  # whatever a report may say
    """A check that was skipped, or of which the report says anything else, earns nothing."""
    assert program.green_tasks(checks(program, tmp_path, {**told(1), "outcome": outcome})) == []


def test_task_without_a_check_is_not_green(program: ModuleType, tmp_path: Path) -> None:
    """Deleting the checks of a task does not do it."""
    everything_else = [told(task, "passed") for task in TASKS if task != 4]
    assert summary(program, tmp_path, *everything_else).startswith("# 5 of 6 tasks green\n")


def test_checks_of_ones_own_count_nowhere(program: ModuleType, tmp_path: Path) -> None:
    """Files that are not the tasks' earn no task, whatever they are called."""
    names = ("tests/test_7_more.py", "test_1_model.py", "x/tests/test_1_model.py", "tests/test_1_model.py/x", "")
    own = [{"nodeid": f"{name}::test_x", "outcome": "passed"} for name in names]
    assert summary(program, tmp_path, *own).startswith("# 0 of 6 tasks green\n")


def test_what_is_to_do_is_no_mistake(program: ModuleType, tmp_path: Path) -> None:
    """A task that is not begun stands as such in the table, and nowhere below it."""
    shown = summary(program, tmp_path, told(3, message="to do: TODO 3: write preview_ids"))
    assert "| 3: preview_ids | ⬜ to do | 0 of 1 |" in shown
    assert "TODO" not in shown


def test_failure_is_shown_with_its_message(program: ModuleType, tmp_path: Path) -> None:
    """What was expected and seen stands in the summary, line by line."""
    shown = summary(program, tmp_path, told(1, message="Model: a fact.\n  expected: 1\n  seen:     2", name="test_y"))
    assert "**test_y**\n\n```text\nModel: a fact.\n  expected: 1\n  seen:     2\n```" in shown


def test_summary_says_that_it_is_not_the_grade(program: ModuleType, tmp_path: Path) -> None:
    """Green is a good sign and no more."""
    assert "provisional and not yet the grade" in summary(program, tmp_path, *[told(n, "passed") for n in TASKS])


def test_tasks_are_those_of_the_handout(program: ModuleType) -> None:
    """Each task of the handout has its row, and begins where the starter has its place."""
    assert sorted(program.TASKS) == find_content().tasks()
    for number, task in program.TASKS.items():
        assert f"### Task {number}:" in find_content().read(HANDOUT)
        assert not task.begins or f"\n{task.begins}" in (Path.cwd() / task.file).read_text(encoding="utf-8")


# --- annotations ------------------------------------------------------------------------------------------------------


def test_failure_points_at_the_students_line(program: ModuleType, tmp_path: Path) -> None:
    """The last line of theirs in the message is the one to look at."""
    message = f"  {SCRIPT}:2, in main\n    x\n  models.py:3, in price\n    y\nTypeError: no"
    ((level, properties, text),) = annotated(program, tmp_path, told(5, message=message))
    assert (level, properties) == ("error", {"file": "models.py", "line": "3", "title": "Task 5: test_x"})
    assert text == message


def test_failure_without_a_line_points_at_its_task(program: ModuleType, tmp_path: Path) -> None:
    """Where the message names no line, the function of the task is shown."""
    found = annotated(program, tmp_path, *[told(task, message="wrong") for task in TASKS])
    places = [(properties["file"], properties["line"]) for _, properties, _ in found]
    starts = {line: n for n, line in enumerate(Path(SCRIPT).read_text(encoding="utf-8").splitlines(), 1)}
    functions = [str(n) for line, n in starts.items() if line.startswith("def ")]
    assert [line for file, line in places if file == SCRIPT] == functions
    assert [file for file, _ in places] == ["models.py", *[SCRIPT] * 4, "observations.toml"]


@pytest.mark.parametrize(
    "place", ["/etc/hosts.py:1", "../x.py:1", f"{SCRIPT}:9999", f"{SCRIPT}:0", "missing.py:1", f"./{SCRIPT}:1"]
)
def test_line_that_is_not_the_repositorys_is_not_named(program: ModuleType, tmp_path: Path, place: str) -> None:
    """Only a line that a file of the repository has is named, whatever the message says."""
    ((_, properties, _),) = annotated(program, tmp_path, told(1, message=f"  {place}, in x\n    y"))
    assert properties["file"] == "models.py"


def test_what_is_to_do_is_a_notice(program: ModuleType, tmp_path: Path) -> None:
    """It is marked at its place, and as no error."""
    ((level, _, _),) = annotated(program, tmp_path, told(2, message="to do: TODO 2: write it"))
    assert level == "notice"


def test_line_has_one_annotation(program: ModuleType, tmp_path: Path) -> None:
    """Several checks of a task that fail at one line say so once, in the words of the first."""
    found = annotated(program, tmp_path, told(2, message="first"), told(2, message="second"))
    assert [text for _, _, text in found] == ["first"]


def test_there_are_ten_annotations_at_most(program: ModuleType, tmp_path: Path) -> None:
    """GitHub would drop the rest."""
    failures = [told(2, message=f"  {SCRIPT}:{line}, in x\n    y") for line in range(1, 21)]
    assert len(annotated(program, tmp_path, *failures)) == 10


# --- whatever stands in a report --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_nasty_text_does_nothing(program: ModuleType, tmp_path: Path, text: str) -> None:
    """A text in name and message brings no command and no property, garbles no summary and fits on the page."""
    tests = [told(2, message=text, name=text), told(1, message=f"  {SCRIPT}:1, in x\n{text}", name=text), told(6, text)]
    shown = summary(program, tmp_path, *tests)
    written = "".join(f"{line}\n" for line in program.annotations(checks(program, tmp_path, *tests)))
    assert obeyed(shown) == []
    assert unharmed(shown + written)
    assert [command.name for command in obeyed(written)] == ["error"] * written.count("\n") == ["error"] * 3
    assert all(set(command.properties) == {"file", "line", "title"} for command in obeyed(written))
    page = MarkdownIt("commonmark").enable("table").parse(shown)
    assert Counter(token.type for token in page) & Counter(EXTRAS) == Counter()
    assert [token.tag for token in page if token.type == "heading_open"] == ["h1"]


@pytest.mark.parametrize("text", NASTY)
def test_nasty_output_is_printed_and_not_obeyed(program: ModuleType, tmp_path: Path, text: str) -> None:
    """What a program prints stands between two lines that switch commands off and on, and is broken as well."""
    output = tmp_path / "output.txt"
    output.write_bytes(text.encode("utf-8", "surrogatepass"))
    shown = program.safe_log(output)
    first, *inside, last = shown.rstrip("\n").split("\n")
    assert first == f"::stop-commands::{last.strip(':')}"
    assert len(last.strip(":")) == 32
    assert obeyed("\n".join(inside)) == []
    assert unharmed(shown)


def test_token_is_another_one_each_time(program: ModuleType, tmp_path: Path) -> None:
    """Nobody can know the line that switches commands on again."""
    (tmp_path / "output.txt").write_text("")
    assert program.safe_log(tmp_path / "output.txt") != program.safe_log(tmp_path / "output.txt")


@pytest.mark.parametrize("character", ["x", "☃", "\x00", "`", "🧨"])
def test_summary_fits_on_the_page(program: ModuleType, tmp_path: Path, character: str) -> None:
    """However many checks fail, and however much they say, GitHub shows the summary."""
    text = "\n".join([character * 250] * 30)
    shown = summary(program, tmp_path, *[told(1, message=text, name=text)] * 60)
    assert len(shown.encode()) < MOST_SUMMARY
    assert "40 more are in the artifact." in shown


@pytest.mark.parametrize(
    "report",
    [
        b"", b"{", b"[]", b"null", b"7", b'"tests"', b'{"tests": 7}', b'{"tests": [7]}', b'{"tests": [{}]}',
        b'{"tests": [{"nodeid": 7}]}', b'{"tests": [{"nodeid": "x", "outcome": "passed", "call": 7}]}',
        b'{"tests": [null]}', b"[" * 100_000, b"\xff\xfe", b'{"tests": null}', b"1" * 10_000, b'{"summary": {}}',
    ],
)  # fmt: skip
def test_report_that_is_none_is_no_green_task(program: ModuleType, tmp_path: Path, report: bytes) -> None:
    """A report that was forged or cut off ends in a sentence, and not in a traceback."""
    (tmp_path / "report.json").write_bytes(report)
    found = program.read(tmp_path / "report.json")
    assert found == []
    assert "**The self-checks could not be run.**" in "".join(program.summary(found))


def test_missing_report_is_told(program: ModuleType, tmp_path: Path) -> None:
    """A program that ends pytest leaves no report, and the summary says where to look."""
    assert "could not be run" in "".join(program.summary(program.read(tmp_path / "report.json")))


def test_huge_report_is_not_read(program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that is longer than any honest one counts as none."""
    monkeypatch.setattr(program, "MOST_REPORT_BYTES", 100)
    assert checks(program, tmp_path, *[told(1, "passed")] * 10) == []


# --- running ----------------------------------------------------------------------------------------------------------


def ran(program: ModuleType, folder: Path, code: str) -> tuple[int | None, str]:
    """Run a line of Python as the self-checks are run; return its status and what it printed."""
    with (folder / "output.txt").open("wb") as output:
        status = program.run("-c", code, output=output)
    return status, (folder / "output.txt").read_text(encoding="utf-8")


def test_student_code_gets_nothing_of_the_runners(
    program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable says where the summary, the outputs or a token of GitHub's are; the others stay."""
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "RUNNER_TEMP", "INPUT_X", "HONEST"):
        monkeypatch.setenv(name, "x")
    ended, printed = ran(program, tmp_path, "import os; print(*sorted(os.environ))")
    names = printed.split()
    assert ended == 0
    assert "HONEST" in names
    assert [name for name in names if name.startswith(("GITHUB_", "ACTIONS_", "RUNNER_", "INPUT_"))] == []


def test_what_hangs_is_stopped(program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time is up nothing of the program runs any more, and the output says so."""
    monkeypatch.setattr(program, "SECONDS", 1)
    ended, printed = ran(
        program, tmp_path, "import os, signal; os.fork(); print(os.getpid(), flush=True); signal.pause()"
    )
    first, second, told = printed.split(maxsplit=2)
    assert (ended, told) == (None, "Stopped after 1 seconds.\n")
    assert soon(lambda: not any(is_alive(int(process)) for process in (first, second)))


def is_alive(process: int) -> bool:
    """Tell whether a process is there and has not ended."""
    return bool(found := status(process)) and not found["State"].startswith(("Z", "X"))


def test_libraries_are_those_of_the_students_settings(program: ModuleType) -> None:
    """What pyproject.toml asks for is what is installed."""
    assert any(library.startswith("pytest-json-report") for library in program.libraries())


@pytest.mark.parametrize("settings", ["", "[project]", "[", "[project]\ndependencies = 7"])
def test_broken_settings_are_told_by_pip(
    program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str
) -> None:
    """Settings that cannot be used reach pip as something that it refuses, with their name."""
    (tmp_path / "pyproject.toml").write_text(settings)
    monkeypatch.chdir(tmp_path)
    (library,) = program.libraries()
    assert library.startswith("pyproject.toml: ")
