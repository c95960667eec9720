"""The page: what it shows of a grade, and how much of it, so that it stays small whatever a student's text holds."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.content import rubric
from grader.outputs import guidance
from grader.outputs.html import expected
from grader.outputs.html.picture import Picture, of_run
from grader.outputs.html.prose import prose
from grader.outputs.telling import run_behind
from grader.outputs.text import visible
from grader.outputs.timeline import TELLING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.outputs.guidance import Loss, Pointers
    from grader.values import Evidence, GradeReport, Run, Where

MOST_BYTES = 300_000
_PARTS = Path(__file__).parent / "templates"
_WHOLE, _SHORT = 500, 100
_ROOM = ((_WHOLE, 20, True), (_WHOLE, 20, False), (_WHOLE, 1, False), (_WHOLE, 0, False), (_SHORT, 0, False))
"""What is given up first where a page would grow too large: the longest text, pictures of losses, further pictures."""


@dataclass(frozen=True)
class Story:
    """A run as a picture; ``wanted`` is beside it where something was lost."""

    name: str
    title: str
    seen: Picture
    wanted: Picture | None = None


@dataclass(frozen=True)
class Explained:
    """A loss with all that helps: the lines of code, where to read on, and the run that shows it.

    ``drawn_at`` is the key of an earlier loss that the same run explains.
    """

    loss: Loss
    code: list[tuple[int, str, bool]]
    pointers: Pointers | None
    story: Story | None
    drawn_at: str = ""


@dataclass(frozen=True)
class Arc:
    """A concept's part of the ring, in hundredths of it: where it begins, how long it is, how much of it is earned."""

    start: float
    length: float
    earned: float


def render(report: GradeReport, evidence: Evidence) -> str:
    """Return a student's report as HTML, at most ``MOST_BYTES`` long, without what is an instructor's to see."""
    for most, drawn, further in _ROOM:
        page = _page(report, evidence, most, list(_explained(report, evidence, drawn)), further=further)
        if len(page.encode()) <= MOST_BYTES:
            break
    return page


def _page(report: GradeReport, evidence: Evidence, most: int, lost: list[Explained], *, further: bool) -> str:
    drawn = [explained.story.name for explained in lost if explained.story]
    template = _environment(most).get_template("page.html")
    return template.render(
        report=report,
        lost=lost,
        first=next((explained for explained in lost if explained.loss == guidance.first(report)), None),
        next_step=guidance.next_step(report),
        praise=guidance.praise(report),
        perfect=guidance.is_perfect(report),
        stories=list(_stories(evidence, drawn)) if further else [],
        arcs=list(_arcs(report)),
        titles={concept.key: concept.title for concept in rubric().concepts},
    )


# --- what is shown ----------------------------------------------------------------------------------------------------
def _explained(report: GradeReport, evidence: Evidence, drawn: int) -> Iterator[Explained]:
    """Explain each loss; at most ``drawn`` pictures, and none twice."""
    shown: dict[str, str] = {}
    for loss in guidance.losses(report):
        criterion = loss.criterion
        run = run_behind(criterion, evidence) if criterion.outcome == "failed" else None
        story = None
        if run and run.name not in shown and len(shown) < drawn:
            story = _story(run, evidence, criterion.where)
        yield Explained(
            loss,
            _excerpt(evidence, criterion.where) if criterion.where else [],
            guidance.pointers(criterion.key),
            story,
            shown.get(run.name, "") if run else "",
        )
        if run and story:
            shown[run.name] = criterion.key


def _excerpt(evidence: Evidence, where: Where) -> list[tuple[int, str, bool]]:
    """Return the lines around a place, without blank ones at their edges."""
    lines = guidance.code_lines(evidence, where)
    written = [place for place, (_, text, _) in enumerate(lines) if text.strip()]
    return lines[written[0] : written[-1] + 1] if written else []


def _story(run: Run, evidence: Evidence, blamed: Where | None) -> Story:
    seen, wanted = of_run(evidence, run, blamed), expected.expected(run)
    expected.compare(seen, wanted)
    return Story(run.name, expected.title(run), seen, wanted)


def _stories(evidence: Evidence, drawn: Sequence[str]) -> Iterator[Story]:
    """Draw one run of each kind that is not drawn yet."""
    own = {run.name: run for run in reversed(evidence.runs) if run.functions == "own" and run.steps}
    for name in TELLING:
        if name in own and name not in drawn:
            yield Story(name, expected.title(own[name]), of_run(evidence, own[name]))


def _arcs(report: GradeReport) -> Iterator[Arc]:
    start = 0.0
    for concept in report.concepts.values():
        length = 100 * concept.max_score / max(1, report.max_score)
        yield Arc(round(start, 2), round(length, 2), round(100 * concept.score / max(1, report.max_score), 2))
        start += length


# --- how it is written ------------------------------------------------------------------------------------------------
@cache
def _environment(most: int) -> Environment:
    """Return the templates: each text in them becomes visible, at most ``most`` characters long, and is escaped."""

    def shown(value: Any) -> Any:  # noqa: ANN401  # whatever a template writes
        return visible(value, most) if isinstance(value, str) and not isinstance(value, Markup) else value

    templates = Environment(
        loader=FileSystemLoader(_PARTS),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["prose"] = prose
    templates.globals.update(count=guidance.count, cost=guidance.cost)
    for name, file in (("style", "page.css"), ("script", "page.js")):
        text = (_PARTS / file).read_text(encoding="utf-8")
        digest = b64encode(sha256(text.encode()).digest()).decode("ascii")
        templates.globals.update({name: Markup(text), f"{name}_hash": Markup(digest)})  # noqa: S704  # files of ours
    return templates
