"""Annotations for a GitHub workflow."""

from __future__ import annotations

from pathlib import Path

import pytest
from nasty import NASTY, Command, obeyed, unharmed
from outputs_samples import SCRIPT, criterion, evidence, hostile, report

from grader.outputs.annotations import render
from grader.outputs.commands import MOST_ANNOTATIONS
from grader.values import Advice, GradeReport, Where

PASSED = criterion("model.table")
FAILED = criterion("commit.stored", "failed", 8, where=Where(SCRIPT, 9))
BLOCKED = criterion("rollback.nothing_kept", "blocked", 14, cause="commit.stored")
ADVICE = Advice("advice.bare_except", "Name it.", Where(SCRIPT, 7))


def shown(grade: GradeReport, folder: str = "alice") -> list[Command]:
    """Return the annotations as a runner understands them."""
    return obeyed(render(grade, evidence(), Path(folder)))


def test_a_loss_is_an_error_at_its_line() -> None:
    """What was seen and the hint stand at the line of the student's, below what it cost."""
    title = "commit.stored: 8 of 8 points lost"
    assert shown(report(PASSED, FAILED)) == [
        Command(
            "error",
            {"file": f"alice/{SCRIPT}", "line": "9", "title": title},
            "nothing arrived\nLook at where you commit.",
        )
    ]


def test_full_points_have_no_annotation() -> None:
    """Where nothing is lost nothing is printed."""
    assert render(report(PASSED), evidence(), Path("alice")) == ""


def test_a_consequence_has_no_annotation_of_its_own() -> None:
    """What could not be judged because of something else is not another error."""
    assert len(shown(report(FAILED, BLOCKED))) == 1


def test_a_loss_without_a_line_names_no_file() -> None:
    """Where no line is to blame, the annotation belongs to the run as a whole."""
    (found,) = shown(report(criterion("flush.ids", "failed")))
    assert found.properties.keys() == {"title"}


@pytest.mark.parametrize("where", [Where("/etc/passwd", 1), Where("../x.py", 1), Where(SCRIPT, 99), Where(SCRIPT, -1)])
def test_a_line_that_is_not_the_submissions_is_not_named(where: Where) -> None:
    """Only lines that the evidence holds are named, whatever was claimed."""
    (found,) = shown(report(criterion("flush.ids", "failed", where=where)))
    assert found.properties.keys() == {"title"}


def test_advice_is_a_notice_after_the_losses() -> None:
    """Advice comes last, and says that it costs nothing."""
    found = shown(report(FAILED, advice=(ADVICE,)))
    assert [command.name for command in found] == ["error", "notice"]
    assert found[1].properties["title"] == "Advice, costs nothing"
    assert found[1].data == "Name it."


def test_a_fault_of_the_graders_is_a_warning() -> None:
    """What the grader failed to judge is no error of the student's."""
    (found,) = shown(report(criterion("flush.ids", "broken", hint="", seen="the grader failed")))
    assert (found.name, found.properties["title"]) == ("warning", "flush.ids: 4 points not decided")


def test_there_are_ten_at_most() -> None:
    """GitHub would show no more, so the losses come first and the rest is left out."""
    lost = [criterion(f"model.{number}", "failed") for number in range(MOST_ANNOTATIONS)]
    assert [command.name for command in shown(report(*lost, advice=(ADVICE,)))] == ["error"] * MOST_ANNOTATIONS


def test_signs_of_the_format_are_read_back() -> None:
    """Percent signs, commas and colons of a text or a path mean nothing to the runner."""
    lost = criterion("flush.ids", "failed", where=Where(SCRIPT, 9), seen="50 %, 100%25, %0A: x", hint="")
    (found,) = shown(report(lost), folder="a,b: 100%2C")
    assert found.data == "50 %, 100%25, %0A: x"
    assert found.properties["file"] == f"a,b: 100%2C/{SCRIPT}"


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_adds_no_annotation(text: str) -> None:
    """A text in every place brings no command, no property and no line of its own."""
    written = render(*hostile(text), Path(text))
    found = obeyed(written)
    assert unharmed(written)
    assert [command.name for command in found] == ["error", "error", "notice"]
    assert written.count("\n") == len(found)
    assert all(command.properties.keys() <= {"file", "line", "title"} for command in found)
