"""What the judge reads from the steps of a run."""

from __future__ import annotations

import pytest
from evidence_samples import CAP, INK, PEN, REFUSED, at, call, claim, fact, run, seen, sent, table

from grader.judge.trace import (
    after_import,
    arrivals,
    fact_before,
    ids_in,
    inserts,
    left_open,
    line_of,
    own_connections,
    reloads,
    rows_that_changed,
    rows_that_went,
    spans,
    still_out,
    writes,
)
from grader.values import Step

# --- arrivals ---------------------------------------------------------------------------------------------------------


def test_rows_that_others_see_arrive() -> None:
    """A view of the table that shows new rows is an arrival."""
    step = seen(PEN)
    assert arrivals([sent(), fact("commit"), step], table()) == [step]


def test_a_commit_that_changes_nothing_brings_nothing() -> None:
    """A view that shows what was known before is no arrival, however many commits there were."""
    assert arrivals([fact("commit"), seen(PEN), fact("commit"), seen(PEN)], table(PEN)) == []


def test_each_part_that_others_see_arrives() -> None:
    """Rows that show one after the other are as many arrivals."""
    assert len(arrivals([seen(PEN), seen(PEN, INK), seen(PEN, INK, CAP)], table())) == 3


def test_rows_that_vanish_arrive_as_well() -> None:
    """Rows that were shown and are gone again are two arrivals: others saw both."""
    assert len(arrivals([seen(PEN), seen()], table())) == 2


def test_a_table_that_was_not_there_is_an_empty_one() -> None:
    """Without a table before, the first rows are an arrival, and an empty new table is none."""
    assert len(arrivals([seen(), seen(PEN)], None)) == 1


def test_a_claimed_view_is_no_view() -> None:
    """What the recorder beside the student's code claims to be visible counts for nothing."""
    assert arrivals([Step("seen", table=table(PEN))], table()) == []


# --- lines ------------------------------------------------------------------------------------------------------------


def test_an_arrival_was_brought_about_by_the_fact_before_it() -> None:
    """What others come to see is the work of the last statement or commit of the student's, not of a claim."""
    commit, arrival = fact("commit", where=at(7)), seen(PEN)
    steps = (sent(where=at(5)), commit, claim("commit", where=at(9)), arrival)
    assert (fact_before(steps, arrival), line_of(steps, arrival)) == (commit, at(7))


def test_of_two_equal_arrivals_each_has_its_own_line() -> None:
    """A view that shows the same rows once more is told from the first one."""
    first, again = seen(PEN), seen(PEN)
    steps = (fact("commit", where=at(5)), first, fact("commit", where=at(7)), again)
    assert (line_of(steps, first), line_of(steps, again)) == (at(5), at(7))


def test_an_arrival_out_of_nowhere_has_no_line() -> None:
    """Where no line of the student's came before, there is none to blame."""
    arrival = seen(PEN)
    assert line_of([sent(), arrival], arrival) is None


# --- spans ------------------------------------------------------------------------------------------------------------


def test_a_call_spans_from_its_beginning_to_its_end() -> None:
    """A span holds the steps of its call, both ends included, and nothing before or after."""
    inner = sent()
    (span,) = spans([claim("begin"), *call("add_products", inner, value=[1]), claim("close")], "add_products")
    assert [step.kind for step in span.steps] == ["call", "execute", "returned"]


def test_a_span_knows_what_was_returned() -> None:
    """The text of a span is the returned value, without the name of the function."""
    (span,) = spans(call("add_products", value=[1, 2]), "add_products")
    assert (span.ending, span.text) == ("returned", "[1, 2]")


def test_calls_of_other_functions_are_left_out() -> None:
    """Only the calls of the named functions are spans."""
    steps = [*call("import"), *call("show_reloading"), *call("add_products")]
    assert [span.name for span in spans(steps, "add_products", "preview_ids")] == ["add_products"]


def test_a_call_within_a_call_belongs_to_the_outer_one() -> None:
    """A function that calls itself, or another watched one, is one span up to its own end."""
    nested = call("add_products", *call("add_products", sent(), ends="raised"), sent(), value=[])
    (span,) = spans(nested, "add_products")
    assert (span.ending, len(span.steps)) == ("returned", len(nested))


def test_a_watched_call_inside_another_function_is_found() -> None:
    """A call that happens while another watched function runs is a span of its own where only it is asked for."""
    steps = call("preview_ids", *call("add_products", value=[1]))
    assert [span.text for span in spans(steps, "add_products")] == ["[1]"]


def test_a_call_that_never_ended_spans_to_the_end() -> None:
    """A call without an end holds every later step and has no ending."""
    (span,) = spans([*call("add_products", sent(), ends=None), sent()], "add_products")
    assert (span.ending, span.text, len(span.steps)) == (None, "", 3)


def test_calls_one_after_the_other_are_spans_in_order() -> None:
    """Each call is a span, in the order in which they were made."""
    steps = [*call("add_products", value=[1]), *call("add_products", ends="raised")]
    assert [span.ending for span in spans(steps, "add_products")] == ["returned", "raised"]


def test_a_call_that_raised_has_failed() -> None:
    """An exception that left the call is a failure."""
    (span,) = spans(call("add_products", ends="raised"), "add_products")
    assert span.failed


def test_a_call_in_which_the_database_refused_has_failed() -> None:
    """A refusal by the database is a failure, although the call returned."""
    (span,) = spans(call("add_products", sent(error=REFUSED), value=[]), "add_products")
    assert span.failed


def test_a_claimed_error_is_no_failure() -> None:
    """An error that only the recorder tells of does not make a call fail."""
    (span,) = spans(call("add_products", claim("execute", error=REFUSED), value=[]), "add_products")
    assert not span.failed


def test_the_import_of_a_script_is_cut_off() -> None:
    """What a script does while it is imported, calls of its own functions included, is left out."""
    called = call("add_products", sent(), value=[1])
    assert after_import((*call("import", *call("add_products"), sent()), *called)) == called


def test_an_import_that_never_ended_leaves_nothing() -> None:
    """A script that could not be imported has made no call."""
    assert after_import(call("import", sent(), ends=None)) == ()


def test_steps_without_an_import_are_left_alone() -> None:
    """The steps of a program, and of a record that has none, are all its own."""
    steps = call("add_products", sent())
    assert (after_import(steps), after_import(())) == (steps, ())


def test_a_program_reloads_if_it_expires_all_and_refreshes() -> None:
    """Both claims together show reloading; one alone, or a fact of that name, does not."""
    both = [claim("expire_all", session=1), claim("refresh", session=1, object=1)]
    assert (reloads(both), reloads(both[:1]), reloads([fact("expire_all"), fact("refresh")])) == (True, False, False)


# --- statements -------------------------------------------------------------------------------------------------------


def test_an_insert_that_stores_a_row_counts() -> None:
    """A statement that inserted into the table is an INSERT, whatever its words."""
    step = sent("WITH a AS (SELECT 1) REPLACE INTO products SELECT * FROM a", wrote=("insert:products",), changed=1)
    assert inserts([step]) == [step]


def test_a_refused_insert_counts() -> None:
    """An INSERT that the database refused has been sent."""
    assert len(inserts([sent(error=REFUSED)])) == 1


def test_executemany_is_one_statement() -> None:
    """An INSERT of many rows at once is one step."""
    assert len(inserts([sent(kind="executemany", many=3, changed=3)])) == 1


def test_an_insert_of_no_row_does_not_count() -> None:
    """An INSERT of what a query does not find stores nothing, and nothing is refused."""
    assert inserts([sent(changed=0)]) == []


@pytest.mark.parametrize("wrote", [(), ("insert:decoy",), ("update:products",)])
def test_what_inserts_no_product_does_not_count(wrote: tuple[str, ...]) -> None:
    """The words of a statement, another table and an UPDATE are no INSERT."""
    assert inserts([sent(wrote=wrote)]) == []


def test_a_claimed_insert_is_none() -> None:
    """A statement that only the recorder tells of was not sent."""
    assert inserts([Step("execute", sql="INSERT", wrote=("insert:products",), changed=1)]) == []


# --- sessions and connections -----------------------------------------------------------------------------------------


def begin(session: int = 1, text: str | None = None) -> Step:
    """Return the step at which a session came into use."""
    return claim("begin", session=session, text=text)


def close(session: int = 1) -> Step:
    """Return the closing of a session."""
    return claim("close", session=session)


def test_a_session_in_use_is_open() -> None:
    """A session that has begun and was not closed is left open, from where it began."""
    first, again = begin(), begin()
    assert left_open([first, claim("commit", session=1), again]) == [first]


def test_a_closed_session_is_not_open() -> None:
    """Closing ends the use of a session."""
    assert left_open([begin(), close()]) == []


def test_a_session_that_is_used_after_its_close_is_open_again() -> None:
    """Each use of a session wants a close of its own."""
    later = begin()
    assert left_open([begin(), close(), later]) == [later]


def test_the_close_of_another_session_closes_nothing() -> None:
    """Sessions are told apart."""
    first = begin(1)
    assert left_open([first, begin(2), close(2)]) == [first]


def test_a_savepoint_is_no_use_of_its_own() -> None:
    """A savepoint belongs to the transaction around it."""
    assert left_open([begin(), begin(text="savepoint"), close(), begin(text="savepoint")]) == []


def test_a_session_that_was_made_but_never_used_is_not_open() -> None:
    """A session that never began holds nothing that wants closing."""
    assert left_open([claim("created", session=1), claim("flush", session=1)]) == []


def test_a_connection_that_was_not_given_back_is_out() -> None:
    """A checkout without a checkin of the same connection is out."""
    taken = claim("checkout", connection=1)
    assert still_out([taken, claim("checkout", connection=2), claim("checkin", connection=2)]) == [taken]


def test_a_connection_that_was_given_back_is_in() -> None:
    """A checkin ends a checkout."""
    assert still_out([claim("checkout", connection=1), claim("checkin", connection=1)]) == []


def test_the_connections_of_the_other_program_are_not_the_students() -> None:
    """A connection that was opened in the role of the other program is not the student's own."""
    assert own_connections([fact("connect", 1), fact("connect", 2, role="elsewhere")]) == {1}


# --- rows -------------------------------------------------------------------------------------------------------------


def test_new_rows_and_changed_rows_have_changed() -> None:
    """A row that was not there like this before is one that changed."""
    dearer = (1, "Pen", 1.3)
    assert rows_that_changed(run(before=table(PEN), after=table(dearer, INK))) == [dearer, INK]


def test_removed_rows_and_changed_rows_went() -> None:
    """A row that is not there like before has gone."""
    assert rows_that_went(run(before=table(PEN, INK, CAP), after=table((1, "Pen", 1.3), CAP))) == [PEN, INK]


def test_without_a_table_there_are_no_rows() -> None:
    """A table that is missing before or after holds nothing."""
    assert (rows_that_changed(run(before=None, after=None)), rows_that_went(run(before=table(PEN), after=None))) == (
        [],
        [PEN],
    )


def test_ids_are_those_in_the_table() -> None:
    """Ids are the numbers in the column id; other values are none."""
    assert ids_in(table(PEN, ("x", "Ink", 1), (None, "Cap", 1))) == {PEN[0]}


def test_no_table_has_no_ids() -> None:
    """Where there is no table, there are no ids."""
    assert ids_in(None) == set()


def test_a_call_knows_how_many_products_it_was_given() -> None:
    """The number of products stands in the claim about the call."""
    (span,) = spans([claim("call", text="add_products", many=2), claim("raised", text="x")], "add_products")
    assert span.products == 2


@pytest.mark.parametrize("entry", ["insert:products", "update:notes", "delete:products"])
def test_what_changes_a_table_writes(entry: str) -> None:
    """A statement on any table of the file writes, whether it found a row or not."""
    assert writes(sent("…", wrote=(entry,)))


def test_making_a_table_and_reading_one_writes_nothing() -> None:
    """What only sqlite's own tables learn is no writing."""
    assert not writes(sent("CREATE TABLE notes (x)", wrote=("insert:sqlite_master",)))


def test_a_claimed_write_is_none() -> None:
    """What the recorder alone tells was not written."""
    assert not writes(Step("execute", wrote=("insert:products",)))
