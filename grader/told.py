"""Dicts in the form in which a student's process tells them: ``{"dict": [[key, value], ...]}``."""

from __future__ import annotations

from typing import Any


def fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # what a process of a student's sent
    """Return a dict as a student's process sends it by its text keys; anything else has none."""
    items = value.get("dict") if isinstance(value, dict) else None
    pairs = [item for item in items if isinstance(item, list) and len(item) == 2] if isinstance(items, list) else []  # noqa: PLR2004  # a pair
    return {key: item for key, item in pairs if isinstance(key, str)}


def listed(value: Any, key: str) -> list[Any]:  # noqa: ANN401  # as above
    """Return the list under a key of such a dict, an empty one where there is none."""
    found = fields(value).get(key)
    return found if isinstance(found, list) else []
