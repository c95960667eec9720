"""Runs as sequence diagrams: what stands in them, and what Mermaid makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from mermaid_drawing import MOST_CHARACTERS, Drawing, Pen, pen
from msgspec.structs import replace
from nasty import HONEST, TEXTS
from outputs_samples import CODE, SCRIPT, adding, evidence, hostile, insert, refused, step

from grader import flow
from grader.content import SOLUTION, find_content
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.outputs.diagram import MOST_LINES, render
from grader.outputs.guidance import losses
from grader.outputs.telling import run_behind
from grader.values import Run, Source, Step, Where

REJECTED = Path(__file__).parent / "submissions" / "rejected"
WRONG = (
    "commit_per_row", "commits_in_finally", "never_closed", "no_expire_all", "preview_commits",
    "pair_that_can_be_stored", "swallows_and_prints",
)  # fmt: skip
HARMLESS = {
    "svg",
    "g",
    "rect",
    "text",
    "tspan",
    "line",
    "style",
    "defs",
    "symbol",
    "path",
    "marker",
    "circle",
    "polygon",
}


def lines(run: Run, *, code: str = CODE, blamed: Where | None = None) -> list[str]:
    """Return the lines of a diagram."""
    return [line.strip() for line in render(run, evidence(code=code), blamed).split("\n")]


def with_steps(*steps: Step) -> Run:
    """Return a run of these steps."""
    return adding(steps=steps)


# --- what stands in a diagram -----------------------------------------------------------------------------------------
def test_four_lanes_stand_beside_each_other() -> None:
    """The participants are the code, the session, the database and the others, in this order."""
    names = [line.partition(" as ")[2] for line in lines(adding()) if line.startswith("participant")]
    assert names == ["your code", "session", "database", "others"]


def test_a_line_of_code_stands_above_what_it_did() -> None:
    """Each line is noted with its number and its code before the arrows that it caused."""
    found = lines(adding())
    place = found.index("Note over C: line 9<br/>session.commit()")
    assert found[place + 1 : place + 4] == [
        "C->>S: commit, flush",
        "S->>D: BEGIN, INSERT products ×3, COMMIT",  # noqa: RUF001  # the sign of multiplication is meant
        "D-->>O: see 3 new rows",
    ]


def test_the_line_to_blame_is_pointed_to() -> None:
    """The line that a verdict names is marked in words."""
    assert "Note over C: LOOK HERE, line 9<br/>session.commit()" in lines(adding(), blamed=Where(SCRIPT, 9))


def test_the_database_refuses_with_an_arrow_back() -> None:
    """A refused row is a crossed arrow to the session, with the reason."""
    assert "D--xS: refused#58; the id is taken" in lines(refused())


def test_other_programs_act_from_the_lane_of_the_others() -> None:
    """What another program changes goes from the others to the database."""
    update = Step("execute", fact=True, connection=2, sql="UPDATE products SET price=?", changed=1, role="elsewhere")
    run = with_steps(step("elsewhere", 9, text="2.50"), update)
    assert [line for line in lines(run) if line.startswith(("C->>O", "O->>D"))] == [
        "C->>O: change_elsewhere() sets price 1",
        "O->>D: UPDATE products",
    ]


def test_values_of_a_hidden_run_are_not_drawn() -> None:
    """Neither names nor prices nor ids of a hidden run stand in its diagram."""
    assert not re.search(r"Cap|Nib|1\.5|\[2", render(adding("Lamp"), evidence()))


def test_values_of_the_students_own_script_are_drawn() -> None:
    """What the student's own script inserted is shown as it was."""
    assert "Lamp" in render(adding("Lamp", kind="first_run"), evidence())


def test_a_run_in_which_nothing_was_done_has_no_diagram() -> None:
    """Where neither a session nor the database did anything, there is nothing to draw."""
    run = with_steps(step("call", text="add_products"), step("raised", text="add_products: NotImplementedError"))
    assert render(run, evidence()) == ""


def test_what_is_repeated_is_drawn_once() -> None:
    """Steps that come several times in a row stand in a loop that says how often."""
    one = (step("flush", 8, session=1), insert(8, "Pen"), step("commit", 9, fact=True, connection=1))
    found = lines(with_steps(*one * 5))
    assert "loop 5 times" in found
    assert sum("INSERT" in line for line in found) == 1


def test_a_line_that_only_changed_states_is_left_out() -> None:
    """Adding an object sends nothing, so that its line is not drawn unless it is the one to blame."""
    run = with_steps(step("state", 8, session=1, object=1, text="pending"), step("flush", 9, session=1))
    assert not [line for line in lines(run) if "line 8" in line]
    assert [line for line in lines(run, blamed=Where(SCRIPT, 8)) if "LOOK HERE, line 8" in line]


def test_what_differs_is_no_loop() -> None:
    """Steps that only resemble each other are all drawn."""
    steps = (step("flush", 8, session=1), step("commit", 9, session=1), step("flush", 8, session=1))
    assert not [line for line in lines(with_steps(*steps)) if line.startswith("loop")]


def test_a_long_run_is_cut_and_says_so() -> None:
    """Of a run with too many steps the beginning is drawn, with the number of those that are missing."""
    steps = [step("flush", number, session=1) for number in range(1, 200)]
    found = lines(with_steps(*steps), code="x = 1\n" * 200)
    assert len(found) < MOST_LINES + 10
    assert re.fullmatch(r"Note over C,O: and \d+ more steps", found[-1])


# --- what Mermaid makes of it -----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def drawing() -> Iterator[Pen]:
    """Return a browser with Mermaid in it."""
    with pen() as started:
        yield started


def of_nasty(text: str) -> str:
    """Return the diagram of a run of the student's own, with ``text`` wherever a student can put one."""
    written = replace(evidence(code="\n" * 8 + text), files=(Source(SCRIPT, "\n" * 8 + text), Source(text, text)))
    elsewhere = Step("commit", session=1, where=Where(text, 1))
    steps = (step("flush", 9, session=1), elsewhere, *hostile(text)[1].runs[0].steps)
    return render(adding(steps=steps, kind="first_run"), written, Where(text, 1))


@pytest.fixture(scope="module")
def plain(drawing: Pen) -> Drawing:
    """Return what is drawn with a harmless text."""
    return drawing.draw(of_nasty("x"))


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_nasty_text_stays_text(drawing: Pen, plain: Drawing, text: str) -> None:
    """Whatever a student wrote, the same things are drawn as with a plain text, and no request is made."""
    drawn = drawing.draw(of_nasty(text))
    assert drawn.shape == plain.shape
    assert set(drawn.tags) <= HARMLESS
    assert not [name for name in drawn.attributes if name.startswith("on") or "href" in name]
    assert drawing.requests == []


@pytest.mark.slow
@pytest.mark.parametrize("text", [*HONEST, "end", 'a;b #35; %% {"x"} $$y$$ <br> `z` style: a:#b; ⏎'])
def test_text_is_drawn_as_it_is(drawing: Pen, text: str) -> None:
    """Every character of a line of code is read in the picture, those included that mean something to Mermaid."""
    drawn = drawing.draw(render(adding(), evidence(code="\n" * 8 + text)))
    assert "".join(text.split()) in "".join("".join(drawn.texts).split())


@pytest.mark.slow
def test_a_diagram_that_was_cut_in_a_loop_is_drawn(drawing: Pen) -> None:
    """A loop that does not end before the diagram does is closed."""
    block = tuple(step("flush", number, session=1) for number in range(1, 20))
    opening = tuple(step("commit", number, session=1) for number in range(1, 46))
    diagram = render(with_steps(*opening, *block * 2), evidence(code="x = 1\n" * 50))
    assert diagram.count("end") == 1
    assert drawing.draw(diagram).notes > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder", [find_content().root / SOLUTION, *(REJECTED / name for name in WRONG)], ids=lambda p: p.name
)
def test_real_runs_are_drawn(drawing: Pen, walled_observer: Observer, folder: Path) -> None:
    """Every run of a right submission, and each that explains a loss of a wrong one, is drawn."""
    graded = flow.judged(walled_observer.observe(take_in(folder)))
    told = [(run_behind(loss.criterion, graded.evidence), loss.criterion.where) for loss in losses(graded.report)]
    runs = told or [(run, None) for run in graded.evidence.runs if run.kind != "model"]
    diagrams = [render(run, graded.evidence, where) for run, where in runs if run]
    assert diagrams
    for diagram in diagrams:
        assert len(diagram) < MOST_CHARACTERS
        assert drawing.draw(diagram).arrows > 0
