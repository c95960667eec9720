"""The second half of task 6: every observation is written down. Whether it is right is not checked here."""

from __future__ import annotations

import tomllib
from pathlib import Path

from .expect import expect, failed, to_do

FILE = Path(__file__).resolve().parents[1] / "observations.toml"
NUMBERS = ["rows_after_first_run", "rows_after_second_run", "rows_kept_of_failed_pair"]
TRUE_OR_FALSE = ["stale_price_was_old", "expire_all_showed_new", "refresh_showed_new", "failed_id_was_reused"]


def test_every_observation_is_written_down() -> None:
    """observations.toml holds three numbers and four times true or false."""
    try:
        written = tomllib.loads(FILE.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise failed(f"observations.toml cannot be read: {error}. A line looks like `key = true`.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise failed(f"observations.toml cannot be read: {error}. Keep the file, and save it as UTF-8.") from None
    missing = [key for key in NUMBERS + TRUE_OR_FALSE if key not in written]
    if missing:
        raise to_do(f"TODO 6: write down in observations.toml: {', '.join(missing)}")
    for key in NUMBERS:
        expect(f"observations.toml: {key} should be a number.", expected=True, seen=type(written[key]) in (int, float))
    for key in TRUE_OR_FALSE:
        expect(f"observations.toml: {key} should be true or false.", expected=True, seen=type(written[key]) is bool)
