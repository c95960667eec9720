"""The bundles for platforms: whole, small, the same each time, and run as the platform runs them."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from platforms import conforms
from repository import ROOT, tracked
from test_platforms import ENVIRONMENT

from grader.content import SOLUTION, STARTER, find_content
from grader.template import bundles
from grader.template.bundles import grader_files, requirements, write_classroom50, write_gradescope, zipped
from grader.template.folder import TemplateUnwritable

MOST_BYTES = 10 * 1024 * 1024
"""Classroom 50 fetches no larger bundle."""
STUDENT_MODULES = ("pip.py", "grader.py", "sitecustomize.py", "rich.py", "msgspec/__init__.py")


@pytest.fixture(scope="module")
def classroom50(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bundle for Classroom 50."""
    folder = tmp_path_factory.mktemp("classroom50") / "bundle"
    write_classroom50(folder, find_content())
    return folder


@pytest.fixture(scope="module")
def gradescope(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the archive for Gradescope."""
    folder = tmp_path_factory.mktemp("gradescope") / "bundle"
    write_gradescope(folder, find_content())
    return folder


def submit(folder: Path, source: str) -> Path:
    """Make a submission of a folder of the content."""
    return Path(shutil.copytree(find_content().root / source, folder, ignore=shutil.ignore_patterns("__pycache__")))


# --- Classroom 50 -----------------------------------------------------------------------------------------------------


def autograded(bundle: Path, checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the bundle in a checkout, as the runner of Classroom 50 does."""
    said = {**os.environ, **ENVIRONMENT, "GITHUB_OUTPUT": str(checkout.parent / "output"), **environment}
    command = [sys.executable, str(bundle / "autograder.py")]
    return subprocess.run(command, cwd=checkout, env=said, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "score", "status"), [(SOLUTION, 100, "success"), (STARTER, 0, "failure")])
def test_classroom50_grades_a_submission(
    classroom50: Path, tmp_path: Path, source: str, score: int, status: str
) -> None:
    """A submission in the current folder gets its points, a body for its release and the outputs of the step."""
    checkout = submit(tmp_path / "checkout", source)
    done = autograded(classroom50, checkout)
    result = json.loads((checkout / "result.json").read_bytes())
    assert done.returncode == 0, done.stderr
    assert conforms(result, "classroom50-result") == []
    assert (result["score"], result["max-score"]) == (score, 100)
    assert (checkout / "release-body.md").read_text(encoding="utf-8").startswith(f"# {score} of 100 points\n")
    assert (tmp_path / "output").read_text() == f"status={status}\nsummary={score} of 100 points\n"


@pytest.mark.slow
def test_modules_of_a_student_are_not_taken_for_the_graders(classroom50: Path, tmp_path: Path) -> None:
    """Files with names of libraries in the checkout run nowhere but in the sandbox."""
    checkout = submit(tmp_path / "checkout", SOLUTION)
    for name in STUDENT_MODULES:
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit(0)\n")
    done = autograded(classroom50, checkout)
    assert json.loads((checkout / "result.json").read_bytes())["score"] == 100, done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_empty_checkout_gets_no_points_and_a_reason(classroom50: Path, tmp_path: Path) -> None:
    """A student who has pushed nothing to grade reads that, and no error of the infrastructure."""
    (tmp_path / "checkout").mkdir()
    done = autograded(classroom50, tmp_path / "checkout")
    result = json.loads((tmp_path / "checkout" / "result.json").read_bytes())
    assert done.returncode == 0, done.stderr
    assert (result["score"], result["max-score"]) == (0, 100)
    assert "The submission holds neither" in (tmp_path / "checkout" / "release-body.md").read_text()


@pytest.mark.slow
def test_failure_of_the_grader_is_no_zero(classroom50: Path, tmp_path: Path) -> None:
    """Where it cannot grade there is no result, and the status says that it is not the student's fault."""
    checkout = submit(tmp_path / "checkout", SOLUTION)
    done = autograded(classroom50, checkout, CLASSROOM="")
    assert done.returncode == 2
    assert "not set: CLASSROOM" in done.stderr
    assert not (checkout / "result.json").exists()


def test_bundle_is_small_enough(classroom50: Path) -> None:
    """Classroom 50 takes it."""
    assert sum(file.stat().st_size for file in classroom50.rglob("*") if file.is_file()) < MOST_BYTES


@pytest.mark.parametrize("file", ["autograder.py", "README.md", "runtime.json", "requirements.txt"])
def test_bundle_has_its_own_files(classroom50: Path, file: str) -> None:
    """What the platform starts, and what an instructor reads, lies at the top."""
    assert (classroom50 / file).stat().st_size > 0


def test_readme_of_the_bundle_tells_the_risk(classroom50: Path) -> None:
    """An instructor reads, before anything is public, that everything will be."""
    text = (classroom50 / "README.md").read_text(encoding="utf-8")
    assert "**The bundle is public.**" in text
    assert "reference solution" in text


# --- Gradescope -------------------------------------------------------------------------------------------------------


@pytest.fixture
def autograder(gradescope: Path, tmp_path: Path) -> Path:
    """Return the folder ``/autograder`` as Gradescope lays it out, with an environment that is there already."""
    with zipfile.ZipFile(gradescope / "autograder.zip") as archive:
        archive.extractall(tmp_path / "source")
    (tmp_path / "python").symlink_to(sys.prefix)
    return tmp_path


def run_autograder(autograder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program of the archive, as Gradescope does."""
    command = ["bash", str(autograder / "source" / "run_autograder")]
    environment = {**os.environ, "AUTOGRADER": str(autograder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "score"), [(SOLUTION, 100), (STARTER, 0)])
def test_gradescope_grades_a_submission(autograder: Path, source: str, score: int) -> None:
    """A submission gets its points, each with its weight, at the place where Gradescope looks."""
    submit(autograder / "submission", source)
    done = run_autograder(autograder)
    results = json.loads((autograder / "results" / "results.json").read_bytes())
    assert done.returncode == 0, done.stderr
    assert conforms(results, "gradescope-results") == []
    assert (results["score"], sum(test["max_score"] for test in results["tests"])) == (score, 100)


@pytest.mark.slow
def test_wrong_upload_is_told_to_the_student(autograder: Path) -> None:
    """Who uploads something else reads so, without a path of the machine."""
    (autograder / "submission").mkdir()
    done = run_autograder(autograder)
    results = json.loads((autograder / "results" / "results.json").read_bytes())
    assert done.returncode == 0
    assert results["score"] == 0
    assert results["output"] == "The submission holds neither models.py nor transaction_script.py."


@pytest.mark.slow
def test_failure_leaves_no_results(autograder: Path) -> None:
    """Where the grader cannot run, Gradescope finds nothing and says that the autograder failed."""
    submit(autograder / "submission", SOLUTION)
    (autograder / "source" / "assignment" / "rubric.toml").unlink()
    assert run_autograder(autograder).returncode != 0
    assert not (autograder / "results" / "results.json").exists()


def test_archive_has_its_programs_at_the_top(gradescope: Path) -> None:
    """Both programs can be started, and nothing lies in a folder around them."""
    with zipfile.ZipFile(gradescope / "autograder.zip") as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes["setup.sh"] & modes["run_autograder"] & stat.S_IXUSR
    assert not modes["requirements.txt"] & stat.S_IXUSR


@pytest.mark.parametrize("program", ["setup.sh", "run_autograder"])
def test_programs_are_valid_shell(program: str) -> None:
    """The shell reads them without a complaint."""
    command = ["bash", "-n", str(ROOT / "grader" / "template" / "gradescope" / program)]
    subprocess.run(command, check=True)


def test_archive_is_the_same_each_time(gradescope: Path, tmp_path: Path) -> None:
    """The same content gives the same bytes, whenever it is written and in whatever order."""
    write_gradescope(tmp_path / "again", find_content())
    first, second = (folder / "autograder.zip" for folder in (gradescope, tmp_path / "again"))
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as other:
        assert [entry.CRC for entry in one.infolist()] == [entry.CRC for entry in other.infolist()]
    assert zipped({"b": b"2", "a": b"1"}) == zipped({"a": b"1", "b": b"2"})


# --- both -------------------------------------------------------------------------------------------------------------


def test_libraries_are_pinned_to_what_runs_here() -> None:
    """Every library that the grader needs is named, in the version that these tests run with."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {Requirement(line).name for line in settings["project"]["dependencies"]}
    pinned = [Requirement(line) for line in requirements()]
    assert {library.name for library in pinned} == needed
    assert all(str(library.specifier) == f"=={version(library.name)}" for library in pinned)


def test_installed_grader_knows_its_libraries_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no clone, what was said at the installation counts."""
    monkeypatch.setattr(bundles, "PACKAGE", tmp_path / "grader")
    pinned = [Requirement(line) for line in requirements()]
    assert f"=={version('sqlalchemy')}" in {str(each.specifier) for each in pinned if each.name == "sqlalchemy"}
    assert not {library.name for library in pinned} & {"ruff", "mypy", "nbgrader"}


def test_bundles_have_what_git_has() -> None:
    """The grader in a bundle is made of the files of this project, without what Python has compiled beside them."""
    ours = {file.as_posix() for file in tracked() if file.parts[0] in {"grader", "assignment", "starter"}}
    assert grader_files(find_content()).keys() - {"requirements.txt"} == ours


def test_bundle_is_not_written_over_something(tmp_path: Path) -> None:
    """A folder that holds something is refused, as for the template."""
    (tmp_path / "mine.txt").write_text("mine")
    for write in (write_classroom50, write_gradescope):
        with pytest.raises(TemplateUnwritable, match="is not empty"):
            write(tmp_path, find_content())
