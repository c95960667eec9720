"""The recorder that students get: a copy of the grader's own inside their session_trace.py, which cannot drift.

``grader check`` compares the two. After a change to the recorder, in a clone: ``python -m grader.shipped``.
"""

from __future__ import annotations

import re
from pathlib import Path

RECORDER = Path(__file__).parent / "observe" / "child" / "recorder.py"
TRACE = "starter/session_trace.py"
# In the one file it lasts until the next line of dashes, in the other one to the end.
_RECORDER = re.compile(r"# --- the recorder -.*?(?=\s+# --- the end of the recorder -|\s*\Z)", re.DOTALL)


def with_recorder(trace: str) -> str:
    """Return the text of a session_trace.py with the grader's recorder in it; ValueError without a place for it."""
    (recorder,) = _RECORDER.findall(RECORDER.read_text(encoding="utf-8"))
    (old,) = _RECORDER.findall(trace)
    return trace.replace(old, recorder)


def main() -> None:
    """Write the recorder into the starter of this clone."""
    trace = Path(__file__).parents[1] / TRACE
    trace.write_text(with_recorder(trace.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
