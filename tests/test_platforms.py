"""What Classroom 50, Gradescope and GitHub Classroom's old reporter read: right points in their own forms."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from msgspec.structs import replace
from nasty import NASTY, TEXTS, obeyed, unharmed
from outputs_samples import SCRIPT, adding, criterion, evidence, hostile, report
from platforms import conforms, notices, printed

from grader.content import find_content
from grader.outputs import classroom, platforms
from grader.outputs.classroom50 import IDENTITY
from grader.outputs.gradescope import VISIBILITIES
from grader.outputs.plain import SaysTooLittle
from grader.outputs.platforms import PLATFORMS
from grader.values import Advice, Criterion, GradeReport, OutcomeName, Where

ENVIRONMENT = dict.fromkeys(IDENTITY.values(), "x") | {
    "SUBMISSION_TAG": "submit/2026-11-22T10-00-00Z-abcdef0",
    "ASSIGNMENT_TYPE": "individual",
}
RUBRIC = find_content().rubric()
MOST = RUBRIC.max_score


def of_rubric(*lost: str, **kept: int) -> GradeReport:
    """Return the grade by the real rubric where ``lost`` are lost, all but what is ``kept`` by the end of the key."""

    def judged(key: str, points: int) -> Criterion:
        outcome: OutcomeName = "failed" if key in lost else "passed"
        whole = criterion(key, outcome, points)
        return replace(whole, points=kept.get(key.partition(".")[2], whole.points))

    return report(*(judged(each.key, each.points) for each in RUBRIC.criteria))


PERFECT = of_rubric()
PARTIAL = of_rubric("observations.agree", "rollback.nothing_kept", agree=2)
NOTHING = of_rubric(*(each.key for each in RUBRIC.criteria))
GRADES = {"perfect": PERFECT, "partial": PARTIAL, "nothing": NOTHING}


def files(name: str, grade: GradeReport, **environment: str) -> dict[str, str]:
    """Return what is written for a platform."""
    return platforms.render(name, grade, evidence(adding()), ENVIRONMENT | environment)


def document(name: str, file: str, grade: GradeReport, **environment: str) -> Any:  # noqa: ANN401  # JSON
    """Return one file for a platform as JSON."""
    return json.loads(files(name, grade, **environment)[file])


def result(written: dict[str, str]) -> str:
    """Return the output ``result`` that a step of GitHub's would have."""
    (line,) = written["github-output.txt"].splitlines()
    return line.removeprefix("result=")


# --- points -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grade", GRADES.values(), ids=GRADES)
def test_classroom50_gets_the_points_of_the_grade(grade: GradeReport) -> None:
    """The tests of result.json add up to the score, which is the grade's, in whole numbers."""
    found = document("classroom50", "result.json", grade)
    assert conforms(found, "classroom50-result") == []
    assert (found["score"], found["max-score"]) == (grade.score, MOST)
    assert sum(test["score"] for test in found["tests"]) == grade.score
    assert sum(test["max-score"] for test in found["tests"]) == MOST
    assert all(test["passed"] == (test["score"] == test["max-score"]) for test in found["tests"])


@pytest.mark.parametrize("grade", GRADES.values(), ids=GRADES)
def test_gradescope_gets_the_points_of_the_grade(grade: GradeReport) -> None:
    """The tests of results.json add up to the score; each has its criterion's points as its weight."""
    found = document("gradescope", "results.json", grade)
    assert conforms(found, "gradescope-results") == []
    assert found["score"] == sum(test["score"] for test in found["tests"]) == grade.score
    assert [test["max_score"] for test in found["tests"]] == [each.points for each in RUBRIC.criteria]


@pytest.mark.parametrize("grade", GRADES.values(), ids=GRADES)
def test_old_reporter_gives_the_points_of_the_grade(grade: GradeReport) -> None:
    """Its two notices name the grade's points, in whole numbers, partial ones included."""
    assert notices(result(files("classroom", grade))) == [
        f"::notice title=Autograding complete::Points {grade.score}/{MOST}",
        f'::notice title=Autograding report::{{"totalPoints":{grade.score},"maxPoints":{MOST}}}',
    ]


@pytest.mark.parametrize("name", PLATFORMS)
def test_withheld_grade_is_not_written(name: str) -> None:
    """Where the grader itself has failed a platform gets nothing: no points would be a zero."""
    assert files(name, report(criterion("flush.ids", "broken"))) == {}


def test_without_a_platform_nothing_is_written() -> None:
    """Who names no platform gets no file for one."""
    assert platforms.render(None, PERFECT, evidence(), {}) == {}


# --- what each platform is told ---------------------------------------------------------------------------------------


def test_classroom50_is_told_whose_submission_it_is() -> None:
    """What the runner said in its environment stands in the result, where it is compared."""
    said = {variable: f"submit/{variable}" for variable in IDENTITY.values()} | {"ASSIGNMENT_TYPE": "group"}
    found = document("classroom50", "result.json", PERFECT, **said)
    assert conforms(found, "classroom50-result") == []
    assert {key: found[key] for key in IDENTITY} == {key: said[variable] for key, variable in IDENTITY.items()}


@pytest.mark.parametrize("variable", IDENTITY.values())
def test_classroom50_has_to_say_all_of_it(variable: str) -> None:
    """A variable that is missing is named, rather than that a result is refused later."""
    with pytest.raises(SaysTooLittle, match=f"not set: {variable}; Classroom 50 sets them"):
        files("classroom50", PERFECT, **{variable: ""})


@pytest.mark.parametrize(("grade", "status"), [(PERFECT, "success"), (PARTIAL, "failure")])
def test_classroom50_is_told_status_and_summary(grade: GradeReport, status: str) -> None:
    """Two outputs of the step say how it went."""
    written = files("classroom50", grade)["github-output.txt"]
    assert written == f"status={status}\nsummary={grade.score} of 100 points\n"


def test_release_has_the_students_report() -> None:
    """The body of the release is the report that a student gets everywhere."""
    assert files("classroom50", PARTIAL)["release-body.md"].startswith(f"# {PARTIAL.score} of 100 points\n")


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_gradescope_shows_when_the_course_wants(visibility: str) -> None:
    """The environment decides when students see the tests; what the grader prints is never shown to them."""
    found = document("gradescope", "results.json", PERFECT, GRADER_VISIBILITY=visibility)
    assert conforms(found, "gradescope-results") == []
    assert (found["visibility"], found["stdout_visibility"]) == (visibility, "hidden")


def test_gradescope_shows_at_once_where_nothing_is_said() -> None:
    """Students see what they have got, unless the course says otherwise."""
    assert document("gradescope", "results.json", PERFECT)["visibility"] == "visible"


def test_unknown_visibility_is_refused() -> None:
    """A spelling mistake does not show what was to stay hidden."""
    with pytest.raises(SaysTooLittle, match="GRADER_VISIBILITY is 'after_due'; it is one of visible, after_due_date"):
        files("gradescope", PERFECT, GRADER_VISIBILITY="after_due")


def test_gradescope_numbers_by_concept() -> None:
    """The criteria of a concept stand under one number, in the order of the rubric."""
    numbers = [test["number"] for test in document("gradescope", "results.json", PERFECT)["tests"]]
    assert numbers[:5] == ["1.1", "1.2", "1.3", "2.1", "2.2"]
    assert len(set(numbers)) == len(numbers)


def test_advice_reaches_gradescope_without_points() -> None:
    """Advice stands above the tests and says that it costs nothing."""
    grade = report(criterion("flush.ids"), advice=(Advice("advice.bare_except", "Name it.", None),))
    assert document("gradescope", "results.json", grade)["output"] == "Advice, costs nothing: Name it."


@pytest.mark.parametrize("name", PLATFORMS)
def test_loss_is_explained(name: str) -> None:
    """What was expected, what was seen, the line and the hint go with a criterion that is lost."""
    lost = criterion("flush.ids", "failed", where=Where(SCRIPT, 9))
    written = platforms.render(name, report(lost), evidence(), ENVIRONMENT)
    told = messages(result(written)) if name == "classroom" else "\n".join(written.values())
    for fact in (lost.expected, lost.seen, lost.hint, f"{SCRIPT}, line 9"):
        assert fact in told


def messages(line: str) -> str:
    """Return the messages in an output ``result``."""
    return "\n".join(test["message"] for test in json.loads(base64.b64decode(line))["tests"])


def test_old_reporter_sees_no_source() -> None:
    """What it would print as the code of a test is empty."""
    assert printed(result(files("classroom", PARTIAL))) == "\n".join(c.title for c in PARTIAL.criteria)


# --- refusals ---------------------------------------------------------------------------------------------------------

REFUSAL = "folders/alice holds neither models.py nor transaction_script.py; name the folder: grader grade path"


@pytest.mark.parametrize("name", PLATFORMS)
def test_refusal_is_no_points_with_the_reason(name: str) -> None:
    """A submission that cannot be read gets no points of all, and a sentence for the student without paths of ours."""
    written = platforms.refuse(name, "folders/alice", REFUSAL, ENVIRONMENT)
    shown = messages(result(written)) if name == "classroom" else "\n".join(written.values())
    assert "The submission holds neither models.py nor transaction_script.py." in shown
    assert "folders" not in shown
    assert "grader grade" not in shown


def test_refusals_have_the_forms_of_the_platforms() -> None:
    """Each reads a refusal as it reads a grade."""
    written = {name: platforms.refuse(name, "alice", REFUSAL, ENVIRONMENT) for name in PLATFORMS}
    assert conforms(json.loads(written["classroom50"]["result.json"]), "classroom50-result") == []
    assert conforms(json.loads(written["gradescope"]["results.json"]), "gradescope-results") == []
    assert notices(result(written["classroom"]))[0].endswith("Points 0/100")


def test_refusal_without_the_folders_name_says_no_more() -> None:
    """A message that begins otherwise is an instructor's, and is not passed on."""
    written = platforms.refuse("gradescope", "alice", "there is no folder alice; check the path", ENVIRONMENT)
    assert json.loads(written["results.json"])["output"] == "The submission cannot be read."


# --- texts of a student's ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", PLATFORMS)
def test_nasty_text_does_nothing_on_a_platform(name: str, text: str) -> None:
    """A text in every place is neither obeyed in a log nor harmful in a terminal, as a file or as it is read back."""
    written = platforms.render(name, *hostile(text), ENVIRONMENT)
    read = [*written.values(), *texts(written)]
    assert all(unharmed(each) and obeyed(each) == [] for each in read)


def texts(written: dict[str, str]) -> list[str]:
    """Return every text in the JSON of these files."""
    if "result.json" in written:
        return [text for test in json.loads(written["result.json"])["tests"] for text in map(str, test.values())]
    if "results.json" in written:
        return [text for test in json.loads(written["results.json"])["tests"] for text in map(str, test.values())]
    return [messages(result(written)), printed(result(written))]


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_no_other_output_of_the_step(text: str) -> None:
    """A file for GitHub's outputs has its own lines and no other."""
    written = {name: platforms.render(name, *hostile(text), ENVIRONMENT) for name in ("classroom", "classroom50")}
    lines = [line.partition("=")[0] for files in written.values() for line in files["github-output.txt"].splitlines()]
    assert lines == ["result", "status", "summary"]


@pytest.mark.parametrize("text", ["\x00" * 1000, "☃" * 1000, "🧨" * 1000, "x" * 1000])
def test_output_fits_into_a_variable(text: str) -> None:
    """However long the texts, the reporter gets its variable: Linux allows less than 128 KiB."""
    lost = [criterion(each.key, "failed", each.points, seen=text, expected=text, hint=text) for each in RUBRIC.criteria]
    written = result(platforms.render("classroom", report(*lost), evidence(), ENVIRONMENT))
    assert len(written) <= classroom.MOST_BYTES
    assert notices(written)[0].endswith("Points 0/100")
