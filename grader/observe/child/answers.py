"""Turns what student code returned or raised into plain JSON values, capped in size and depth."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .request import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_TEXT = 500
MOST_ITEMS = 200
MOST_DEPTH = 4
_KINDS = ({"decimal"}, {"float"}, {"object", "text"})
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def plain(value: object, depth: int = 0) -> Any:  # noqa: ANN401  # JSON
    """Return ``value`` as JSON: numbers, text and lists as they are, the rest as ``{kind: text}``.

    Exact types only: a subclass of int that lies about itself becomes ``{"object": ...}``.
    """
    if value is None or type(value) in {bool, str, int, float}:
        return _scalar(value)
    if type(value) is Decimal:
        return {"decimal": text(lambda: value)}
    if depth < MOST_DEPTH and isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in list(value)[:MOST_ITEMS]]
    if depth < MOST_DEPTH and isinstance(value, dict):
        items = list(value.items())[:MOST_ITEMS]
        return {"dict": [[_key(key, depth + 1), plain(item, depth + 1)] for key, item in items]}
    return {"object": _kind(value), "text": text(lambda: repr(value))}


def _key(key: object, depth: int) -> Any:  # noqa: ANN401  # JSON
    """Return the key of a dict: members of a text enumeration are looked up like their text."""
    return text(lambda: str.__str__(key)) if isinstance(key, str) else plain(key, depth)


def is_plain(value: object) -> bool:
    """Tell whether ``value`` is one that :func:`plain` returns: code beside it may have sent anything."""
    if isinstance(value, list):
        return all(is_plain(item) for item in value)
    if not isinstance(value, dict):
        return not isinstance(value, int) or abs(value) < 2**63
    if value.keys() == {"dict"}:
        items = value["dict"]
        return is_plain(items) and isinstance(items, list) and all(isinstance(i, list) and len(i) == 2 for i in items)  # noqa: PLR2004  # a pair
    return value.keys() in _KINDS and all(isinstance(item, str) for item in value.values())


def _scalar(value: object) -> object:
    if type(value) is str:
        return text(lambda: value)
    if (type(value) is float and value != value) or value in (float("inf"), float("-inf")):  # noqa: PLR0124  # NaN
        return {"float": str(value)}
    if type(value) is int and abs(value) >= 2**63:
        return {"object": "int", "text": "a number of more than 64 bits"}
    return value


def text(make: Callable[[], object]) -> str:
    """Return the text that ``make`` gives, whatever a student's ``__str__`` does, without addresses and capped."""
    try:
        made = str(make())
    except Exception as error:  # noqa: BLE001  # a student's __str__ may raise anything
        made = f"<no text: {type(error).__name__}>"
    made = _ADDRESS.sub("", made).encode("utf-8", "replace").decode("utf-8")
    return made if len(made) <= MOST_TEXT else made[:MOST_TEXT] + "…"


def _kind(value: object) -> str:
    return text(lambda: type(value).__name__)


def trouble(error: BaseException, is_student: Callable[[str], bool]) -> Trouble:
    """Describe an exception, with the innermost line of the student's code that it passed through."""
    file, line = _blamed(error, is_student)
    return Trouble(
        type=_kind(error),
        message=text(lambda: error),
        file=file,
        line=line,
        chain=tuple(_kind(link) for link in _chain(error)),
    )


def _blamed(error: BaseException, is_student: Callable[[str], bool]) -> tuple[str | None, int | None]:
    if isinstance(error, SyntaxError) and error.filename and is_student(error.filename):
        return error.filename, error.lineno
    blamed: tuple[str | None, int | None] = (None, None)
    traceback = error.__traceback__
    while traceback is not None:
        if is_student(traceback.tb_frame.f_code.co_filename):
            blamed = (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return blamed


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and error not in links and len(links) < MOST_DEPTH * 2:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links
