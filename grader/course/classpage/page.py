"""The page: one file that needs nothing else, from what stands in the gradebook."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader import __version__
from grader.course import similarity
from grader.course.classpage import charts, classwork, figures
from grader.course.classpage import rows as table
from grader.course.classpage.attention import attention
from grader.course.classpage.clusters import clusters
from grader.course.classpage.evidence import sample
from grader.outputs import files, html
from grader.outputs.guidance import count
from grader.outputs.html.prose import prose
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grader.course.classpage.classwork import Classwork
    from grader.course.gradebook import Gradebook
    from grader.course.nouns import Push
    from grader.values import Evidence

NAME = "class.html"
MOST_CLUSTERS = 40
"""So many mistakes are shown with their evidence; the others, of few students each, by name."""
MOST_ALIKE = 100
_PARTS = Path(__file__).parent / "templates"
_STUDENTS_PAGE = Path(html.__file__).parent / "templates"
_LONGEST = 300
_STYLES = (_STUDENTS_PAGE / "page.css", _PARTS / "class.css")
_SCRIPTS = (_STUDENTS_PAGE / "page.js", _PARTS / "class.js")


def write(book: Gradebook, out: Path, *, failed: Mapping[str, str] | None = None) -> Path:
    """Write ``class.html`` into ``out``, where the reports lie, and return its path; OutputUnwritable names the repair.

    ``failed`` are the keys of those whose work could not be read or graded this time, with the reasons.
    """
    files.write(out, {NAME: render(classwork.read(book), book.evidence, out, failed or {})})
    return out / NAME


def render(work: Classwork, evidence: Callable[[Push], Evidence], out: Path, failed: Mapping[str, str]) -> str:
    """Return the page of a class as HTML; only reports that lie in ``out`` are linked."""
    rates = figures.criteria(work)
    links = table.links((standing.student.key for standing in work.standings), out)
    return (
        _templates()
        .get_template("class.html")
        .render(
            when=datetime.now(UTC),
            version=__version__,
            overview=figures.overview(work),
            edition=_edition(work),
            attention=attention(work, failed),
            rates=rates,
            concepts=figures.concepts(rates),
            numbers={rate.key: number for number, rate in enumerate(rates)},
            sections=table.sections(work.standings),
            rows=list(table.rows(work.standings, links, [rate.key for rate in rates])),
            links=links,
            states=table.STATES,
            **_pictures(work, rates),
            **_mistakes(work, evidence),
            **_alike(work, evidence),
        )
    )


def _pictures(work: Classwork, rates: list[figures.Rate]) -> dict[str, Any]:
    """Return the charts, each with the figures for the table beside it; none where there is nothing to see."""
    bins, attempts = figures.distribution(work), figures.attempts(work)
    return {
        "bins": bins,
        "attempts": attempts,
        "passing": figures.PASSING_PERCENT,
        "distribution_chart": charts.of_distribution(bins, "Bars: how many students have how many points."),
        "rates_chart": charts.of_rates(rates, "Bars: what became of each criterion, in percent of the students.")
        if work.reports
        else "",
        "attempts_chart": charts.of_attempts(attempts, "A line: the median of the points of each push.")
        if attempts
        else "",
    }


def _mistakes(work: Classwork, evidence: Callable[[Push], Evidence]) -> dict[str, Any]:
    """Return the clusters: those of several students with a sample of the evidence, the others by name."""
    found = clusters(work.reports)
    several = [cluster for cluster in found if len(cluster.students) > 1][:MOST_CLUSTERS]
    return {
        "clusters": [(cluster, sample(work, cluster, evidence)) for cluster in several],
        "others": found[len(several) :],
    }


def _alike(work: Classwork, evidence: Callable[[Push], Evidence]) -> dict[str, Any]:
    """Return which submissions are alike, or why nobody knows."""
    about = {"least": similarity.LEAST_PERCENT, "missing_extra": "", "alike": [], "more_alike": 0}
    try:
        found = similarity.similar(work.counting.values(), evidence)
    except similarity.SimilarityMissing as missing:
        return {**about, "missing_extra": str(missing)}
    return {**about, "alike": found[:MOST_ALIKE], "more_alike": max(0, len(found) - MOST_ALIKE)}


def _edition(work: Classwork) -> str:
    """Return which versions of the grader gave the grades that count."""
    return ", ".join(sorted({push.edition.version for push in work.counting.values()})) or __version__


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_PARTS),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["prose"] = prose
    templates.globals.update(count=count)
    for name, paths in (("styles", _STYLES), ("scripts", _SCRIPTS)):
        texts = [path.read_text(encoding="utf-8") for path in paths]
        templates.globals[name] = [Markup(text) for text in texts]  # noqa: S704  # files of ours
        templates.globals[f"{name}_allowed"] = " ".join(f"'sha256-{_digest(text)}'" for text in texts)
    return templates


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode("ascii")


def _shown(value: Any) -> Any:  # noqa: ANN401  # whatever a template writes
    """Make every text visible; what is plain already, as most of a large class is, takes no time."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    plain = len(value) <= _LONGEST and value.isascii() and value.isprintable()
    return value if plain else visible(value, _LONGEST)
