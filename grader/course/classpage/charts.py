"""Charts as SVG that stands in the page: drawn by Vega-Lite, coloured by the page, dark and light.

Colours are the names of the page's own (``var(--accent)``): Vega hands them on as they are, and the browser knows them.
A chart is one picture to a screen reader, with a sentence that says what it shows; its table stands beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.classpage.figures import Attempt, Bin, Rate

WIDTH = 300
"""In pixels, without the labels: it fits a phone, and wider screens enlarge it."""
COLOURS = {
    "passed": "var(--accent)",
    "partial": "var(--part)",
    "failed": "var(--bad)",
    "blocked": "var(--pending)",
    "undecided": "var(--quiet)",
}
# What the parts of a picture are called: whoever cannot see them reads the table.
_PARTS = re.compile(r' (?:role|aria-\w+)="[^"]*"')
_AXIS = {
    **dict.fromkeys(("labelColor", "titleColor"), "var(--quiet)"),
    **dict.fromkeys(("gridColor", "domainColor", "tickColor"), "var(--line)"),
    **dict.fromkeys(("labelFontSize", "titleFontSize"), 11),
    "titleFontWeight": "normal",
    "labelLimit": 400,
}
_CONFIG = {
    "background": None,
    "font": "inherit",
    "padding": 2,
    "view": {"stroke": None},
    "axis": _AXIS,
    "text": {"fill": "var(--ink)", "fontSize": 10},
}


def of_distribution(bins: Sequence[Bin], said: str) -> Markup:
    """Draw how many students have how many points."""
    values = [{"points": each.low, "students": each.students} for each in bins]
    labels = [each.low for each in bins[::4]]
    x = {"field": "points", "type": "ordinal", "axis": {"labelAngle": 0, "values": labels}}
    y = {"field": "students", "type": "quantitative", "axis": {"tickMinStep": 1, "tickCount": 4}}
    bars = {"mark": {"type": "bar", "color": "var(--accent)"}, "encoding": {"x": x, "y": y}}
    return _drawn(values, said, height=130, layer=[bars])


def of_rates(rates: Sequence[Rate], said: str) -> Markup:
    """Draw what became of each criterion, as bars of equal length."""
    values = [
        {"criterion": rate.key, "fate": fate, "place": place, "share": rate.share(fate), "percent": f"{rate.percent} %"}
        for rate in rates
        for place, fate in enumerate(rate.counts)
    ]
    y = {
        "field": "criterion",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"ticks": False, "domain": False},
    }
    x = {"field": "share", "type": "quantitative", "stack": True, "axis": None, "scale": {"domain": [0, 112]}}
    color = {
        "field": "fate",
        "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
        "legend": None,
    }
    bars = {
        "mark": {"type": "bar", "height": 12, "stroke": "var(--card)", "strokeWidth": 1},
        "encoding": {"y": y, "x": x, "color": color, "order": {"field": "place"}},
    }
    told = {
        "transform": [{"filter": "datum.place === 0"}],
        "mark": {"type": "text", "align": "left", "x": WIDTH * 0.6 * 101 / 112},
        "encoding": {"y": y, "text": {"field": "percent"}},
    }
    return _drawn(values, said, width=WIDTH * 0.6, height={"step": 19}, layer=[bars, told])


def of_attempts(attempts: Sequence[Attempt], said: str) -> Markup:
    """Draw the points of the n-th push: the median as a line, the middle half of the students as a band."""
    values = [{"push": a.number, "low": a.low, "median": a.median, "high": a.high} for a in attempts]
    x = {"field": "push", "type": "ordinal", "title": "push", "axis": {"labelAngle": 0}}
    y = {"type": "quantitative", "title": "points", "axis": {"tickCount": 4}}
    band = {
        "mark": {"type": "area", "color": "var(--accent)", "opacity": 0.2},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    line = {
        "mark": {"type": "line", "color": "var(--accent)", "point": {"color": "var(--accent)", "size": 40}},
        "encoding": {"x": x, "y": {**y, "field": "median"}},
    }
    return _drawn(values, said, height=130, layer=[band, line])


def _drawn(values: list[dict[str, Any]], said: str, **spec: Any) -> Markup:  # noqa: ANN401  # the parts of a specification
    import vl_convert  # noqa: PLC0415  # it brings a JavaScript engine: 0.1 s that only this page waits for

    whole = {"width": WIDTH, "config": _CONFIG, "data": {"values": values}, **spec}
    svg = _PARTS.sub("", vl_convert.vegalite_to_svg(whole))
    opening = Markup('<svg role="img" aria-label="{}" ').format(said)
    return opening + Markup(svg.removeprefix("<svg "))  # noqa: S704  # drawn of our own words and of numbers
