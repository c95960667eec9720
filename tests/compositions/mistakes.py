"""The table of single mistakes, and what each one costs, labelled as ``tests/submissions/README.md`` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import (
    columns,
    database,
    inserting,
    layout,
    mapping,
    model,
    previewing,
    reloading,
    wrong,
)
from .mistake import (
    BY_HAND,
    OBJECTS,
    REFUSES_NOTHING,
    Lost,
    Mistake,
    adding,
    appended,
    lose,
    named,
    reloaded,
    returning,
    spoiling,
    storing,
    swallowing,
    without,
)
from .rerun_mistakes import OBSERVATIONS, RUNNING, WHOLE_FILES

ROW_BY_ROW = named(inserting.INSERTINGS, "returning_each", "inserted_primary_key", "parameters_of_execute", "lastrowid")
EACH_ALONE = [*ROW_BY_ROW, *named(inserting.INSERTINGS, "flush_each")]

# --- what a broken part costs -----------------------------------------------------------------------------------------
SCOPE = ("scope.closed_after_success", "scope.closed_after_failure")
FLUSH = ("flush.ids", "flush.nothing_stored")
NOT_STORED: Lost = {
    "commit.stored": "failed",
    "commit.one_transaction": "blocked",
    "rollback.commit_failure": "blocked",
}
IN_PARTS = lose("commit.one_transaction", "rollback.nothing_kept")


def _optional(*names: str) -> dict[str, Sequence[object]]:
    """Return the model's columns with some of them not required."""
    changes: dict[str, Sequence[object]] = {}
    if "name" in names:
        changes["model.name"] = [replace(column, required=False) for column in columns.NAMES]
    if "price" in names:
        changes["model.price"] = [replace(p, column=replace(p.column, required=False)) for p in columns.PRICES]
    return changes


_MODEL_LOST = lose("model.table", "model.required", "model.money", how="lost")
_COST: Lost = {"model.table": "failed", "model.required": "lost", "model.money": "lost"}
_TABLE: Lost = {"model.table": "failed", "model.required": "lost"}
_INITS = [m for m in mapping.MAPPINGS if m.name not in {"imperative", "dataclass"}]
_NAMED_KEY = replace(columns.NAMES[0], arguments="primary_key=True")

MODEL = (
    Mistake("name_optional", lose("model.required"), _optional("name")),
    Mistake("price_optional", lose("model.required"), _optional("price")),
    Mistake("both_optional", lose("model.required"), _optional("name", "price")),
    Mistake(
        "required_only_in_python",
        lose("model.required"),
        {
            **_optional("name", "price"),
            "model.methods": (wrong.model.REQUIRED_ONLY_IN_PYTHON,),
            "model.mapping": [
                m for m in mapping.MAPPINGS if m.column is not columns.Column.in_table and m.name != "dataclass"
            ],
            "model.price": [replace(p, column=replace(p.column, required=False)) for p in columns.PRICES[:6]],
        },
    ),
    Mistake(
        "table_product",
        _TABLE,
        {"model.table": ("product",), "tables": database.TABLES[:2], "counting": database.COUNTINGS[:3]},
    ),
    Mistake(
        "table_in_capitals",
        _TABLE,
        {"model.table": ("Product_Table",), "tables": database.TABLES[:2], "counting": database.COUNTINGS[:3]},
    ),
    Mistake("price_integer", lose("model.money"), {"model.price": (wrong.model.PRICE_AS_INTEGER,)}),
    Mistake("price_one_decimal", lose("model.money"), {"model.price": (wrong.model.PRICE_ONE_DECIMAL,)}),
    Mistake("price_cut", lose("model.money"), {"model.price": (wrong.model.PRICE_CUT,)}),
    Mistake("price_called_cost", _COST, {"model.price": (wrong.model.PRICE_CALLED_COST,), "model.mapping": _INITS}),
    Mistake(
        "id_bigint",
        lose("model.table"),
        {"model.identity": (wrong.model.ID_AS_BIGINT,), "model.arguments": model.ARGUMENTS[:1]},
    ),
    Mistake(
        "id_text",
        lose("model.table"),
        {
            "model.identity": (wrong.model.ID_AS_TEXT,),
            "model.arguments": model.ARGUMENTS[:1],
            "model.mapping": mapping.MAPPINGS[:7],
        },
    ),
    Mistake(
        "two_primary_keys",
        lose("model.table"),
        {"model.name": (_NAMED_KEY,), "model.arguments": model.ARGUMENTS[:1], "model.identity": columns.IDS[:1]},
    ),
    spoiling("models_missing", _MODEL_LOST, without("models.py")),
    spoiling("models_syntax_error", _MODEL_LOST, appended("models.py", "class Product(:\n")),
    spoiling("models_import_error", _MODEL_LOST, appended("models.py", "import sqlalchemi\n")),
)

COMMIT = (
    storing(wrong.scope.BEGIN_WITHOUT_COMMIT, NOT_STORED),
    storing(wrong.scope.FLUSH_INSTEAD_OF_COMMIT, NOT_STORED),
    storing(wrong.scope.ROLLBACK_BEFORE_COMMIT, NOT_STORED),
    adding("commit_per_row", IN_PARTS, wrong.inserting.COMMIT_PER_ROW),
    adding("commit_after_the_first", IN_PARTS, wrong.inserting.COMMIT_AFTER_THE_FIRST),
    adding("session_per_row", IN_PARTS, wrong.inserting.SESSION_PER_ROW),
    adding("deletes_what_it_committed", lose("commit.one_transaction"), wrong.inserting.DELETES_WHAT_IT_COMMITTED),
    storing(wrong.scope.AUTOCOMMIT, IN_PARTS, add_insert=EACH_ALONE),
    adding("names_in_capitals", lose("commit.stored"), wrong.inserting.CAPITALS),
    adding("prices_rounded", lose("commit.stored"), wrong.inserting.ROUNDED),
    adding("stores_a_row_of_its_own", lose("commit.stored"), wrong.inserting.ROW_OF_ITS_OWN),
    returning(wrong.inserting.REVERSED),
    returning(wrong.inserting.AS_TEXTS),
    returning(wrong.inserting.OBJECTS),
    returning(wrong.inserting.FIRST_ONLY),
    returning(wrong.inserting.GUESSED),
    returning(wrong.inserting.NUMBER),
    returning(wrong.inserting.AS_DICTS),
    returning(wrong.inserting.SORTED_DOWN),
    Mistake("refuses_empty", lose("commit.ids"), {"checks": (wrong.failing.REFUSES_EMPTY,)}),
    Mistake("empty_is_none", lose("commit.ids"), {"checks": (wrong.failing.EMPTY_IS_NONE,)}),
    Mistake("empty_is_false", lose("commit.ids"), {"checks": (wrong.failing.EMPTY_IS_FALSE,)}),
)

ROLLBACK = (
    storing(wrong.scope.COMMIT_WITHOUT_BEGIN, lose("rollback.commit_failure")),
    storing(wrong.scope.COMMIT_THEN_CLOSE, lose("rollback.commit_failure")),
    storing(wrong.scope.COMMIT_OUTSIDE_TRY, lose("rollback.commit_failure")),
    storing(wrong.scope.COMMITS_IN_EXCEPT, lose("rollback.nothing_kept"), add_insert=ROW_BY_ROW),
    storing(
        wrong.scope.COMMITS_IN_FINALLY, lose("rollback.nothing_kept", "rollback.commit_failure"), add_insert=ROW_BY_ROW
    ),
    storing(wrong.scope.RETURNS_IN_FINALLY, lose("rollback.error_reaches_caller")),
    swallowing(wrong.failing.PRINTS_THE_ERROR),
    swallowing(wrong.failing.RETURNS_EMPTY),
    swallowing(wrong.failing.SUPPRESSES),
    swallowing(wrong.failing.RETURNS_THE_ERROR),
    swallowing(wrong.failing.LEAVES_THE_PROGRAM),
    swallowing(wrong.failing.SWALLOWS_OPERATIONAL),
    adding(
        "skips_refused_rows",
        lose("rollback.nothing_kept", "rollback.error_reaches_caller"),
        wrong.inserting.SKIPS_REFUSED_ROWS,
    ),
    adding("or_ignore", lose("rollback.nothing_kept", "rollback.error_reaches_caller"), wrong.inserting.OR_IGNORE),
    adding(
        "on_conflict_do_nothing",
        lose("rollback.nothing_kept", "rollback.error_reaches_caller"),
        wrong.inserting.ON_CONFLICT_DO_NOTHING,
    ),
    adding("or_replace", lose("rollback.nothing_kept"), wrong.inserting.OR_REPLACE),
    adding("merge", lose("rollback.nothing_kept"), wrong.inserting.MERGES),
    adding(
        "skips_what_has_no_name",
        lose("rollback.nothing_kept", "rollback.error_reaches_caller"),
        wrong.inserting.SKIPS_UNNAMED,
        checks=REFUSES_NOTHING,
    ),
)

CLOSING = (
    storing(wrong.scope.NEVER_CLOSED, lose(*SCOPE)),
    storing(wrong.scope.NEVER_REMOVED, lose(*SCOPE)),
    storing(wrong.scope.DELETED_INSTEAD_OF_CLOSED, lose(*SCOPE)),
    storing(wrong.scope.CLOSED_ON_SUCCESS, lose("scope.closed_after_failure")),
    storing(wrong.scope.CLOSED_ON_FAILURE, lose("scope.closed_after_success")),
    storing(wrong.scope.WITHOUT_SESSION, lose(*SCOPE, how="lost"), add_insert=ROW_BY_ROW),
    Mistake("reload_never_closed", lose(*SCOPE), {"reload_scope": (wrong.scope.NEVER_CLOSED,)}),
    Mistake(
        "reload_open_after_failure",
        lose("scope.closed_after_failure"),
        {"reload_scope": (wrong.scope.CLOSED_ON_SUCCESS,)},
    ),
    Mistake(
        "preview_never_closed",
        lose("scope.closed_after_success"),
        {
            "preview_scope": (wrong.scope.NEVER_CLOSED,),
            "previewing": named(previewing.PREVIEWINGS, "rolls_back", "begin_object"),
        },
    ),
)

PREVIEW = (
    Mistake(
        "preview_commits",
        lose("flush.nothing_stored"),
        {"previewing": (wrong.previewing.COMMITS,), "preview_scope": BY_HAND},
    ),
    Mistake(
        "preview_commits_and_deletes",
        lose("flush.nothing_stored"),
        {"previewing": (wrong.previewing.COMMITS_AND_DELETES,), "preview_scope": BY_HAND},
    ),
    Mistake(
        "preview_calls_add_products",
        lose("flush.nothing_stored"),
        {"previewing": (wrong.previewing.CALLS_ADD_PRODUCTS,), "layout": layout.LAYOUTS[:5]},
    ),
    Mistake("preview_from_max_id", lose("flush.nothing_stored"), {"previewing": (wrong.previewing.FROM_MAX_ID,)}),
    Mistake("preview_guesses", lose(*FLUSH), {"previewing": (wrong.previewing.GUESSES,)}),
    Mistake("preview_one_at_a_time", lose("flush.ids"), {"previewing": (wrong.previewing.ONE_AT_A_TIME,)}),
    *(
        Mistake(
            f"preview_{reading.name}", lose("flush.ids"), {"preview_insert": OBJECTS, "preview_reading": (reading,)}
        )
        for reading in (
            wrong.inserting.REVERSED,
            wrong.inserting.AS_TEXTS,
            wrong.inserting.OBJECTS,
            wrong.inserting.FIRST_ONLY,
            wrong.inserting.NUMBER,
        )
    ),
    Mistake(
        "preview_without_flush",
        {"flush.ids": "failed", "flush.nothing_stored": "lost"},
        {
            "preview_insert": named(inserting.INSERTINGS, "add_all", "add_in_loop", "generator", "keywords", "match"),
            "preview_reading": (wrong.inserting.IDS_UNTIL_FLUSH,),
        },
    ),
)

_NEW_OBJECT = {"refresh": (wrong.reloading.IN_A_NEW_SESSION,), "price": reloading.PRICES[:1]}
_SHOWED_NEW_AT_ONCE = {"stale_price_was_old": False}
_EXPIRING_SHOWED_OLD = {"expire_all_showed_new": False}
_REFRESHING_SHOWED_OLD = {"refresh_showed_new": False}
RELOADING = (
    reloaded("stale_copied", "stale", steps=(wrong.reloading.STALE_COPIED,)),
    reloaded("stale_too_late", "stale", seen=(_SHOWED_NEW_AT_ONCE,), steps=(wrong.reloading.STALE_TOO_LATE,)),
    reloaded(
        "stale_from_another_session", "stale", seen=(_SHOWED_NEW_AT_ONCE,), steps=(wrong.reloading.STALE_ELSEWHERE,)
    ),
    reloaded("key_missing", "stale", steps=(wrong.reloading.KEY_MISSING,)),
    reloaded("keys_misspelled", "stale", steps=(wrong.reloading.KEYS_MISSPELLED,)),
    reloaded("as_tuple", "stale", steps=(wrong.reloading.AS_TUPLE,)),
    reloaded("as_text", "stale", steps=(wrong.reloading.AS_TEXT,)),
    reloaded(
        "expires_too_early", "expire_all", seen=(_EXPIRING_SHOWED_OLD,), steps=(wrong.reloading.EXPIRES_TOO_EARLY,)
    ),
    reloaded("never_expires", "expire_all", seen=(_EXPIRING_SHOWED_OLD,), expire=("",)),
    reloaded("commits_instead", "expire_all", expire=(wrong.reloading.COMMITS_INSTEAD,)),
    reloaded("rolls_back_instead", "expire_all", expire=(wrong.reloading.ROLLS_BACK_INSTEAD,)),
    reloaded("expires_one", "expire_all", expire=(wrong.reloading.EXPIRES_ONE,)),
    reloaded("refreshes_instead", "expire_all", expire=(wrong.reloading.REFRESHES_INSTEAD,)),
    reloaded("never_refreshes", "refresh", seen=(_REFRESHING_SHOWED_OLD,), refresh=("",)),
    reloaded("expires_all_again", "refresh", refresh=(wrong.reloading.EXPIRES_ALL_AGAIN,)),
    reloaded("queries_populating", "refresh", refresh=(wrong.reloading.QUERIES_POPULATING,)),
    reloaded("gets_populating", "refresh", refresh=(wrong.reloading.GETS_POPULATING,)),
    reloaded("in_a_new_session", "refresh", **_NEW_OBJECT),
    reloaded("writes_a_mark", "refresh", steps=(wrong.reloading.WRITES_A_MARK,)),
    reloaded("restores_the_price", "refresh", steps=(wrong.reloading.RESTORES_THE_PRICE,)),
)

MISTAKES = (*MODEL, *COMMIT, *ROLLBACK, *CLOSING, *PREVIEW, *RELOADING, *RUNNING, *OBSERVATIONS, *WHOLE_FILES)
