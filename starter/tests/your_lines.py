"""Errors told with the lines of your files only; those of the libraries are rarely to blame."""

from __future__ import annotations

import traceback
from pathlib import Path

TESTS = Path(__file__).resolve().parent


def told_by_your_lines(error: BaseException) -> str:
    """Tell an error, and through which lines of yours it came."""
    return f"{your_lines(error)}{type(error).__name__}: {error}"


def your_lines(error: BaseException) -> str:
    """Return the lines of yours that an error came through, the innermost last."""
    yours = [frame for frame in frames(error) if is_yours(frame)]
    return "".join(f"  {Path(line.filename).name}:{line.lineno}, in {line.name}\n    {line.line}\n" for line in yours)


def raised_by_you(error: BaseException) -> bool:
    """Say whether the very line that raised an error is yours: libraries raise NotImplementedError, too."""
    return is_yours(frames(error)[-1])


def frames(error: BaseException) -> traceback.StackSummary:
    """Return all lines that an error came through."""
    return traceback.extract_tb(error.__traceback__)


def is_yours(frame: traceback.FrameSummary) -> bool:
    """Say whether a line lies in your folder, and neither in the self-checks nor in a virtual environment."""
    if frame.filename.startswith("<"):  # code without a file, such as the machinery of import
        return False
    file = Path(frame.filename).resolve()
    return file.is_relative_to(TESTS.parent) and not file.is_relative_to(TESTS) and "site-packages" not in file.parts
