"""Which PRAGMA statements a student's connection may run.

What would change files, memory or safety is refused; what only tunes, as recipes for speed do, is passed over without
a word, so that an honest program goes on. Everything else, and whatever sqlite does not know, is sqlite's to answer.
"""

from __future__ import annotations

import sqlite3

from grader import limits

BUSY_TIMEOUT = "busy_timeout"
_REFUSED = {"temp_store_directory", "data_store_directory", "hard_heap_limit", "soft_heap_limit"}
_REFUSED_VALUES = {"writable_schema", "schema_version"}
_PASSED_OVER = {
    *("mmap_size", "temp_store", "threads", "cache_spill", "default_cache_size"),
    "locking_mode",  # it would keep everybody else out, and those who look from outside
    *("parser_trace", "vdbe_addoptrace", "vdbe_debug", "vdbe_listing", "vdbe_trace"),  # print, if compiled for that
}
_BOUNDED = {
    "cache_size": limits.CACHE_PAGES,  # where negative, it counts KiB
    "page_size": limits.PAGE_BYTES,
    "max_page_count": limits.DATABASE_BYTES // limits.PAGE_BYTES,
    "wal_autocheckpoint": limits.CACHE_PAGES,
}


def verdict(name: str, value: str | None) -> int:
    """Return what the authorizer says to ``PRAGMA name``, or to ``PRAGMA name = value``."""
    if name in _REFUSED:
        return sqlite3.SQLITE_DENY
    if value is None:
        return sqlite3.SQLITE_OK
    if name in _REFUSED_VALUES:
        return sqlite3.SQLITE_DENY
    tunes = name in _PASSED_OVER or (name in _BOUNDED and not _within(value, _BOUNDED[name]))
    # With the journal off, a rollback leaves the file in pieces.
    return sqlite3.SQLITE_IGNORE if tunes or (name, value.lower()) == ("journal_mode", "off") else sqlite3.SQLITE_OK


def _within(value: str, most: int) -> bool:
    try:
        return 0 < abs(int(value)) <= most
    except ValueError:  # sqlite would find a number in more than that
        return False
