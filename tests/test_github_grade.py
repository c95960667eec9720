"""``grade.yml``, run by a real engine for workflows: from a commit to summary, artifact and score.

act runs jobs on this machine, each after those that it needs, and hands their outputs on. What it does not know is
proved in another way: permissions and the number of an artifact by reading the file, ``$/`` by writing what it stands
for (acted.py), and GitHub's signature by a server of the tests (test_github_immediate.py).
"""

from __future__ import annotations

import json
import re

import pytest
from acted import Acted
from github_course import RIGHT, SECRET, STUDENT, WORKFLOW, Course, log
from nasty import TEXTS, obeyed, unharmed
from repository import ROOT

from grader.github.seam import read_evidence, read_taken_in
from grader.observe import plan

pytest_plugins = ("github_course_fixtures",)
SCRIPT = "transaction_script.py"
HOSTILE = """
import os, sys
TEXTS = {texts}
for channel in (1, 2):
    os.write(channel, "\\n".join(TEXTS).encode("utf-8", "surrogatepass") + b"\\n")
for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ENV", "GRADER_SECRET"):
    if name in os.environ:
        raise SystemExit("::error::" + os.environ[name])
raise RuntimeError("\\n".join(TEXTS)[:5000])
"""


def report(run: Acted) -> dict[str, object]:
    """Return the grade in the artifact."""
    found: dict[str, object] = json.loads((run.artifacts / "report" / "report.json").read_text())["grade"]
    return found


@pytest.mark.slow
def test_right_commit_gets_everything(course: Course) -> None:
    """All points; the summary is the report, the artifact has the student's files, and the secret made the data."""
    run = course.grade(RIGHT)
    assert run.succeeded, log(run)
    assert run.summary.startswith("# 100 of 100 points\n")
    assert (report(run)["submission"], report(run)["score"]) == ("ada", 100)
    assert {file.name for file in (run.artifacts / "report").iterdir()} == {"report.json", "report.md", "report.html"}
    taken = read_taken_in(run.artifacts / "submission" / "submission.json")
    assert taken.seed == plan.seed(taken.submission.digest, SECRET)
    assert not (run.artifacts / "vouched").exists()  # the course need not vouch to itself


@pytest.mark.slow
def test_wrong_commit_loses_what_is_wrong(course: Course) -> None:
    """A mistake costs its criterion, and the score is an output of the workflow."""
    wrong = RIGHT[SCRIPT].replace("session.expire_all()", "session.expunge_all()")
    run = course.grade({**RIGHT, SCRIPT: wrong})
    assert run.succeeded, log(run)
    lost = {one["key"] for one in report(run)["criteria"] if one["outcome"] != "passed"}  # type: ignore[attr-defined]  # JSON
    assert "reload.expire_all" in lost
    outputs = {line["name"]: line["arg"] for line in run.commands if line["command"] == "set-output"}
    assert outputs["score"] == str(report(run)["score"])
    assert outputs["max-score"] == "100"


@pytest.mark.slow
def test_hostile_commit_commands_nothing(course: Course) -> None:
    """A program that looks for secrets and shouts every nasty text is graded, and nothing obeys it."""
    texts = [text for text in TEXTS.values() if len(text) < 5000]
    run = course.grade({**RIGHT, SCRIPT: HOSTILE.replace("{texts}", ascii(texts))})
    assert run.succeeded, log(run)
    assert {line["command"] for line in run.commands} <= {"set-output", "summary", "add-path"}
    assert obeyed(run.raw) == obeyed(run.summary) == []
    assert unharmed(run.raw + run.summary)
    evidence = read_evidence(run.artifacts / "evidence" / "evidence.json")
    assert all(step.outcome.kind == "unimportable" for step in evidence.runs if step.name == "add.automatic_ids")
    assert SECRET not in (run.artifacts / "evidence" / "evidence.json").read_text()
    assert isinstance(report(run)["score"], int)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"commit": "main"}, "no commit of 40 digits"),
        ({"repository": "course/hw-ada; touch forged"}, "no repository as OWNER/NAME"),
        ({"repository": "$(touch forged)"}, "no repository as OWNER/NAME"),
    ],
)
def test_inputs_that_are_none_are_refused(course: Course, wrong: dict[str, str], reason: str) -> None:
    """What is no commit and no repository ends the run before anything is fetched, and is never a command."""
    run = course.run({"repository": STUDENT, "commit": "c" * 40, "student": "ada", **wrong})
    assert not run.succeeded
    assert reason in run.raw
    assert list(course.folder.rglob("forged")) == []


@pytest.mark.slow
def test_without_the_secret_nothing_is_graded(course: Course) -> None:
    """A course that has set no secret is told how to; its hidden data would be everybody's."""
    run = course.run({"repository": STUDENT, "commit": course.pushed(RIGHT), "student": "ada"})
    assert not run.succeeded
    assert "repair: gh secret set GRADER_SECRET" in run.raw
    assert not (run.artifacts / "submission").exists()


# --- what act does not know -------------------------------------------------------------------------------------------


def jobs() -> dict[str, str]:
    """Return the text of each job of the workflow."""
    _, _, text = (ROOT / WORKFLOW).read_text(encoding="utf-8").partition("\njobs:\n")
    parts = re.split(r"^  ([\w-]+):\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_each_job_has_the_least_rights() -> None:
    """Only the first job can read a repository, only the last one can ask for a signature, and none can write."""
    given = re.compile(r"^    permissions:(?: \{\}|\n((?:      .*\n)+))", re.MULTILINE)
    rights = {name: "".join(given.findall(job)) for name, job in jobs().items()}
    assert {name: re.findall(r"[\w-]+: \w+", found) for name, found in rights.items()} == {
        "take-in": ["contents: read"],
        "observe": [],
        "judge": [],
        "vouch": ["id-token: write"],
    }


def test_job_that_runs_student_code_has_no_secret_and_no_token() -> None:
    """Secrets are those of the first job alone; the one that observes checks nothing out and keeps no cache."""
    assert [name for name, job in jobs().items() if "secrets." in job] == ["take-in"]
    assert re.findall(r"token|checkout|cache", jobs()["observe"]) == []


def test_nothing_is_interpolated_into_a_script() -> None:
    """What somebody else chooses reaches a script in the environment, and never as part of it."""
    scripts = re.findall(r"run: (?:\||>-)?((?:.|\n {8,})*)", (ROOT / WORKFLOW).read_text(encoding="utf-8"))
    assert len(scripts) > 4
    assert [script for script in scripts if "${{" in script] == []


def test_artifacts_are_asked_for_by_their_number() -> None:
    """A job that was taken over can write another artifact of the same name, and nobody would look at it."""
    text = (ROOT / WORKFLOW).read_text(encoding="utf-8")
    assert text.count("actions/download-artifact@") == text.count("artifact-ids: ${{ needs.") == 3
