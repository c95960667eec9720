"""The mistakes in the program as a whole: what it does when it runs, what was seen of it, and which files are there."""

from __future__ import annotations

from . import layout, model, wrong
from .answers import TRUE
from .mistake import Lost, answering, appended, lose, named, replaced, running, spoiling, without

ADDING = ("commit.stored", "commit.one_transaction", "commit.ids")
FAILING = ("rollback.nothing_kept", "rollback.commit_failure", "rollback.error_reaches_caller")
RELOAD = ("reload.stale", "reload.expire_all", "reload.refresh")
RERUN = ("script.first_run", "script.second_run", "observations.agree")
WHOLE_SCRIPT = lose(
    *ADDING,
    *FAILING,
    "scope.closed_after_success",
    "scope.closed_after_failure",
    "flush.ids",
    "flush.nothing_stored",
    *RELOAD,
    *RERUN,
    how="lost",
)
NO_MORE_ROWS = {"rows_after_second_run": 2, "failed_id_was_reused": False}

_FIRST = lose("script.first_run", how="lost")
_SECOND = lose("script.second_run", how="lost")
_BOTH: Lost = {**_FIRST, **_SECOND}
_FULL_PAIR = {"rows_after_first_run": 4, "rows_after_second_run": 8, "failed_id_was_reused": False}
_EMPTY = {"rows_after_first_run": 0, "rows_after_second_run": 0, "failed_id_was_reused": False}
RUNNING = (
    running("no_failed_pair", {**_FIRST, "observations.agree": 2}, trying=(wrong.program.NO_PAIR,)),
    running("error_leaves_main", {**_FIRST, "observations.agree": 1}, trying=(wrong.program.ERROR_LEAVES_MAIN,)),
    running("exits_with_one", _FIRST, ending=(wrong.program.EXITS_WITH_ONE,)),
    running("no_showing", {**_FIRST, "observations.agree": 1}, showing=(wrong.program.NO_SHOWING,)),
    running("main_never_called", {**_BOTH, "observations.agree": "lost"}, start=(wrong.program.CALLS_NOTHING,)),
    running(
        "three_products",
        _BOTH,
        {"rows_after_first_run": 3, "rows_after_second_run": 6},
        adding=(wrong.program.THREE_PRODUCTS,),
    ),
    running(
        "one_product",
        _BOTH,
        {"rows_after_first_run": 1, "rows_after_second_run": 2},
        adding=(wrong.program.ONE_PRODUCT,),
    ),
    running("fixed_ids", _SECOND, NO_MORE_ROWS, adding=(wrong.program.FIXED_IDS,)),
    running("waits_for_input", {**_BOTH, "observations.agree": "lost"}, adding=(wrong.program.WAITS_FOR_INPUT,)),
    running("pair_without_id", {**_BOTH, "observations.agree": 2}, _FULL_PAIR, pair=(wrong.program.PAIR_WITHOUT_ID,)),
    running(
        "pair_with_free_id", {**_BOTH, "observations.agree": 2}, _FULL_PAIR, pair=(wrong.program.PAIR_WITH_FREE_ID,)
    ),
    running("drops_first", _SECOND, NO_MORE_ROWS, tables=(wrong.program.DROPS_FIRST,)),
    running(
        "deletes_first",
        _SECOND,
        NO_MORE_ROWS,
        tables=(wrong.program.DELETES_FIRST,),
        **{"model.arguments": model.ARGUMENTS[:1]},
    ),
    running("creates_again", _SECOND, NO_MORE_ROWS, tables=(wrong.program.CREATES_AGAIN,)),
    running("removes_the_file", _SECOND, NO_MORE_ROWS, tables=(wrong.program.REMOVES_THE_FILE,)),
    running("empties_at_the_end", _BOTH, _EMPTY, ending=(wrong.program.EMPTIES_AT_THE_END,)),
    running("sale_for_all", _SECOND, change=(wrong.program.SALE_FOR_ALL,)),
    running("always_product_one", _SECOND, showing=(wrong.program.ALWAYS_PRODUCT_ONE,)),
    running("change_never_committed", _FIRST, change=(wrong.program.CHANGE_NEVER_COMMITTED,)),
    running("change_of_nothing", _FIRST, change=(wrong.program.CHANGE_OF_NOTHING,)),
    running("change_of_another", {**_FIRST, "observations.agree": 2}, change=(wrong.program.CHANGE_OF_ANOTHER,)),
    running("put_back", _SECOND, showing=(wrong.program.PUT_BACK,)),
)

_TOML = "observations.toml"
_NO_ANSWERS: Lost = {"observations.agree": "lost"}
OBSERVATIONS = (
    answering("reuse_denied", 2, failed_id_was_reused=False),
    answering("counted_elsewhere", 2, rows_after_first_run=5, rows_after_second_run=7),
    answering("kept_one", 2, rows_kept_of_failed_pair=1),
    answering("three_wrong", 1, stale_price_was_old=False, expire_all_showed_new=False, refresh_showed_new=False),
    answering("rows_as_truth", 2, rows_after_first_run=True),
    answering("all_wrong", 0, **{key: 9 if type(value) is int else not value for key, value in TRUE.items()}),
    answering("all_missing", 0, **dict.fromkeys(TRUE, '"?"')),
    spoiling("observations_missing", _NO_ANSWERS, without(_TOML)),
    spoiling("observations_as_sentences", _NO_ANSWERS, appended(_TOML, "It worked both times.\n")),
    spoiling("observations_as_python", _NO_ANSWERS, replaced(_TOML, "true", "True")),
)

WHOLE_FILES = (
    spoiling("script_missing", WHOLE_SCRIPT, without(layout.SCRIPT)),
    spoiling("script_syntax_error", WHOLE_SCRIPT, appended(layout.SCRIPT, "print('done'\n")),
    spoiling("module_not_handed_in", WHOLE_SCRIPT, without("shop.py"), layout=named(layout.LAYOUTS, "beside")),
)
