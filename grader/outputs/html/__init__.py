"""``report.html``: the grade as one page that needs nothing else, with the timeline as a picture."""

from grader.outputs.html.page import MOST_BYTES, render

__all__ = ["MOST_BYTES", "render"]
