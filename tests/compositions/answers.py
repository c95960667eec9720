"""The observations: what is true of a program, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping

Answers = Mapping[str, object]

TRUE: Answers = {
    "rows_after_first_run": 2,
    "rows_after_second_run": 4,
    "rows_kept_of_failed_pair": 0,
    "stale_price_was_old": True,
    "expire_all_showed_new": True,
    "refresh_showed_new": True,
    "failed_id_was_reused": True,
}

FORMS = ("plain", "commented", "reversed", "floats", "further_keys", "crlf", "mark")


def written(answers: Answers, form: str) -> bytes:
    """Write answers as TOML in one of the forms."""
    lines = [f"{key} = {_value(value, form)}" for key, value in answers.items()]
    if form == "reversed":
        lines.reverse()
    if form == "commented":
        lines = [f"{line}  # seen in the second run" for line in ["# What I saw.", *lines]]
    if form == "further_keys":
        lines.append('comment = "It took me a while."\n[more]\nminutes = 90')
    text = ("\r\n" if form == "crlf" else "\n").join([*lines, ""])
    return text.encode("utf-8-sig" if form == "mark" else "utf-8")


def _value(value: object, form: str) -> str:
    if type(value) is int and form == "floats":
        return f"{value}.0"
    return str(value).lower() if isinstance(value, bool) else str(value)
