"""A class divided among jobs, and what comes back of them: nothing is graded twice, and nothing that is not its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_class import RIGHT, day

from grader import limits
from grader.course.editions import current_edition
from grader.course.gradebook import Gradebook, open_gradebook
from grader.course.grading import Tally
from grader.course.nouns import Student
from grader.course.places import reports_of
from grader.github import recording, seam, shards
from grader.github.pushes import Pushed
from grader.github.recording import ClassRecording
from grader.observe.observer import Observer
from grader.observe.sandbox.students import SandboxFailed
from grader.outputs.document import evidence_json

EMPTY = {"models.py": "", "transaction_script.py": ""}
NOTHING_DONE: frozenset[tuple[str, str, str]] = frozenset()


def pushed(student: str, sha: str = "") -> Pushed:
    """Return a push of a student's."""
    repository = f"course/hw-{student}"
    return Pushed(
        student, sha or f"{abs(hash(student)):040x}", day(2), repository, f"http://x/{repository}.git", day(3)
    )


def fetched(folder: Path, student: str, files: dict[str, str]) -> Pushed:
    """Put files where they would have been fetched to; return the push."""
    for name, text in files.items():
        place = reports_of(folder, student)
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return pushed(student)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    """Return the gradebook of a class of three."""
    with open_gradebook(tmp_path / "grades") as opened:
        opened.enroll([Student(name, login=name) for name in ("ada", "ben", "cleo")])
        yield opened


def recorded(book: Gradebook, tmp_path: Path) -> Tally:
    """Record what is due in ``work``, by what lies in ``evidence``."""
    told = ClassRecording(book, current_edition(), tmp_path / "grades", lambda _: None)
    return told.record(tmp_path / "work", tmp_path / "evidence")


def due(tmp_path: Path, *students: str, files: dict[str, str] | None = None) -> list[str]:
    """Let students hand in the same files, and divide the work; return the names of the jobs."""
    pushes = [fetched(tmp_path / "clones", student, files or EMPTY) for student in students]
    return shards.write(shards.gather(pushes, tmp_path / "clones", NOTHING_DONE), tmp_path / "work")


def observed(tmp_path: Path, observer: Observer) -> None:
    """Observe every submission of the first job, as its job does."""
    for path in sorted((tmp_path / "work" / "0").iterdir()):
        taken = seam.read_taken_in(path)
        (tmp_path / "evidence").mkdir(exist_ok=True)
        seen = observer.observe(taken.submission, seed=taken.seed)
        (tmp_path / "evidence" / path.name).write_bytes(evidence_json(seen))


def test_same_files_are_observed_once(tmp_path: Path) -> None:
    """Two students with the same files are one submission, and two pushes that are due."""
    assert due(tmp_path, "ada", "ben") == ["0"]
    assert [found.push.student for found in shards.read_due(tmp_path / "work")] == ["ada", "ben"]
    [path] = (tmp_path / "work" / "0").iterdir()
    assert path.name == shards.read_due(tmp_path / "work")[0].file


@pytest.mark.parametrize(("count", "jobs"), [(0, 0), (1, 1), (4, 2), (5, 3), (40, 4)])
def test_jobs_are_few_and_even(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, jobs: int) -> None:
    """A job has work for some minutes, there are never more than GitHub allows, and all have about as much to do."""
    monkeypatch.setattr(limits, "SHARD_SUBMISSIONS", 2)
    monkeypatch.setattr(limits, "SHARDS", 4)
    pushes = [fetched(tmp_path / "clones", f"s{n}", {"models.py": f"x = {n}\n"}) for n in range(count)]
    names = shards.write(shards.gather(pushes, tmp_path / "clones", NOTHING_DONE), tmp_path / "work")
    sizes = [len(list((tmp_path / "work" / name).iterdir())) for name in names]
    assert names == [str(number) for number in range(jobs)]
    assert sum(sizes) == count
    assert not sizes or max(sizes) - min(sizes) <= 1


def test_jobs_stay_within_what_github_allows() -> None:
    """A run has at most 256 jobs of one kind."""
    assert limits.SHARDS <= 256


def test_what_is_done_is_left_out(tmp_path: Path) -> None:
    """The very commit and files that are graded are not due; another commit, or other files in it, are."""
    push = fetched(tmp_path, "ada", EMPTY)
    [found] = shards.gather([push], tmp_path, NOTHING_DONE).due
    assert shards.gather([push], tmp_path, frozenset({("ada", push.commit, found.digest)})).due == ()
    assert shards.gather([push], tmp_path, frozenset({("ada", "another", found.digest)})).due == (found,)
    assert shards.gather([push], tmp_path, frozenset({("ben", push.commit, found.digest)})).due == (found,)


def test_folder_without_work_is_told(tmp_path: Path) -> None:
    """A push without any file that counts is nobody's submission, and is told; one that is not there is not."""
    (tmp_path / "ada").mkdir()
    work = shards.gather([pushed("ada"), pushed("ben")], tmp_path, NOTHING_DONE)
    assert work.due == ()
    assert set(work.unreadable) == {"ada"}
    assert "holds neither" in work.unreadable["ada"]


def test_everybody_gets_the_grade_of_their_files(tmp_path: Path, book: Gradebook, open_observer: Observer) -> None:
    """One evidence grades both who handed in the same files, and a report lies in the folder of each."""
    due(tmp_path, "ada", "ben")
    observed(tmp_path, open_observer)
    assert recorded(book, tmp_path).graded == ["ada", "ben"]
    assert [standing.score for standing in book.standings("ada", "ben")] == [0, 0]
    for name in ("ada", "ben"):
        assert json.loads((tmp_path / "grades" / name / "report.json").read_text())["grade"]["submission"] == name


def test_files_that_were_graded_before_need_no_evidence(
    tmp_path: Path, book: Gradebook, open_observer: Observer
) -> None:
    """Who hands in what somebody has handed in before is graded by what was seen then."""
    due(tmp_path, "ada")
    observed(tmp_path, open_observer)
    recorded(book, tmp_path)
    due(tmp_path, "cleo")
    (tmp_path / "evidence" / shards.read_due(tmp_path / "work")[0].file).unlink()
    assert recorded(book, tmp_path).graded == ["cleo"]


def test_missing_evidence_is_told(tmp_path: Path, book: Gradebook) -> None:
    """A job that has failed costs nobody a grade: whose evidence is missing has none yet, and is named."""
    due(tmp_path, "ada")
    tally = recorded(book, tmp_path)
    assert tally.graded == []
    assert "cannot be read" in tally.failed["ada"]
    assert book.standing("ada").status == "missing"


def test_evidence_of_another_is_refused(tmp_path: Path, book: Gradebook, open_observer: Observer) -> None:
    """Evidence of right work under the name of other work grades nothing."""
    due(tmp_path, "ada", files=RIGHT)
    observed(tmp_path, open_observer)
    [right] = (tmp_path / "evidence").iterdir()
    due(tmp_path, "ben")
    right.rename(right.with_name(shards.read_due(tmp_path / "work")[0].file))
    tally = recorded(book, tmp_path)
    assert "another submission" in tally.failed["ben"]
    assert book.standing("ben").status == "missing"


def test_summary_shows_names_as_they_are() -> None:
    """What the page of a run says of failures is text, whatever a message or a name would be in Markdown."""
    tally = Tally(graded=["ada"], failed={"b|en": "<img src=x> @everyone\n# no"})
    said = recording.summary(tally)
    assert said.startswith("# Graded: 1\n")
    assert "- `b|en`: `<img src=x> @everyone" in said
    assert said.count("\n#") == 0


def test_job_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_observer: Observer
) -> None:
    """What has evidence is not observed again; a sandbox that dies costs a try, and three of them the submission."""
    for name in ("ada", "ben", "cleo"):
        fetched(tmp_path / "clones", name, {**EMPTY, "models.py": f"# {name}\n"})
    work = shards.gather(map(pushed, ("ada", "ben", "cleo")), tmp_path / "clones", NOTHING_DONE)
    shards.write(work, tmp_path / "work")
    first, second, third = sorted(path.name for path in (tmp_path / "work" / "0").iterdir())
    files = {found.digest: found.file for found in work.due}
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / first).write_text("from before")
    seen: list[str] = []
    real = open_observer.observe

    def observe(self: Observer, submission: object, **more: object) -> object:  # noqa: ARG001  # in place of a method
        name = files[submission.digest]  # type: ignore[attr-defined]  # it is a submission
        seen.append(name)
        if name == second:
            raise SandboxFailed("the sandbox died")
        return real(submission, **more)  # type: ignore[arg-type]  # the same

    monkeypatch.setattr(Observer, "observe", observe)
    told: list[str] = []
    assert shards.observe(tmp_path / "work" / "0", tmp_path / "evidence", "process", told.append) == [second]
    assert sorted(seen) == sorted([second] * shards.TRIES + [third])
    assert (tmp_path / "evidence" / first).read_text() == "from before"
    assert (tmp_path / "evidence" / third).exists()
