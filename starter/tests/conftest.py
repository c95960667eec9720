"""What every self-check starts from: a shop with an empty database, and failures that are short enough to read."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from expect import failed
from shop import Shop

YOUR_FOLDER = Path(__file__).resolve().parents[1]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Your modules, and a database of their own that is thrown away afterwards."""
    shop = Shop(tmp_path / "products.db")
    yield shop
    shop.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """Let a task that is not begun read as one line, and an error as the lines of yours that it passed."""
    try:
        return (yield)
    except NotImplementedError as not_begun:
        raise failed(f"to do: {not_begun}") from None
    except Exception as error:  # noqa: BLE001 - whatever your code raises is what you need to read
        raise failed(without_libraries(error)) from None


def without_libraries(error: Exception) -> str:
    """Tell an error with the lines of this folder only; those of the libraries are rarely to blame."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_yours(Path(frame.filename))]
    return f"{''.join(traceback.format_list(frames))}{type(error).__name__}: {error}"


def is_yours(file: Path) -> bool:
    """Say whether a file lies in this folder, and not in the virtual environment inside it."""
    return file.resolve().is_relative_to(YOUR_FOLDER) and "site-packages" not in file.parts
