"""What is told from beside a student's code: every way of using sessions, on the SQLAlchemy that is installed."""

from __future__ import annotations

import textwrap

import pytest

from conftest import PENS, REFERENCE, Bench, Done, Place
from grader.observe.child.request import Invocation

PRELUDE = """
import gc
from sqlalchemy import create_engine, event, inspect, select
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from models import Base, Product

def add_products(engine, products):
    rows = [Product(**product) for product in products]
"""


def told(place: Place, code: str) -> Done:
    """Return what is recorded of a function with this body, where ``rows`` are two new products."""
    done = place.script(PRELUDE + textwrap.indent(textwrap.dedent(code), "    "))
    assert done.answer.kind == "returned", done.printed
    return done


def first_line(code: str) -> int:
    """Return the number of the line of ``PRELUDE`` plus ``code`` where ``code`` begins."""
    return (PRELUDE + code).count("\n") - code.count("\n") + 1


# --- sessions ---------------------------------------------------------------------------------------------------------

STYLES = {
    "with begin": (
        """
        with Session(engine) as session, session.begin():
            session.add_all(rows)
        """,
        "created begin commit flush close",
    ),
    "with begin, flushed": (
        """
        with Session(engine) as session, session.begin():
            session.add_all(rows)
            session.flush()
        """,
        "created begin flush commit close",
    ),
    "explicit commit": (
        """
        with Session(engine) as session:
            session.add_all(rows)
            session.commit()
        """,
        "created begin commit flush close",
    ),
    "two commits": (
        """
        with Session(engine) as session:
            session.add(rows[0])
            session.commit()
            session.add(rows[1])
            session.commit()
        """,
        "created begin commit flush begin commit flush close",
    ),
    "rollback": (
        """
        with Session(engine) as session:
            session.add_all(rows)
            session.flush()
            session.rollback()
        """,
        "created begin flush rollback close",
    ),
    "closing rolls back": (
        """
        with Session(engine) as session:
            session.add_all(rows)
            session.flush()
        """,
        "created begin flush close",
    ),
    "never closed": (
        """
        session = Session(engine)
        session.add_all(rows)
        session.commit()
        """,
        "created begin commit flush",
    ),
    "finally": (
        """
        session = Session(engine)
        try:
            session.add_all(rows)
            session.commit()
        finally:
            session.close()
        """,
        "created begin commit flush close",
    ),
    "closed twice": (
        """
        session = Session(engine)
        session.close()
        session.close()
        """,
        "created close close",
    ),
    "unused": (
        """
        with Session(engine):
            pass
        """,
        "created close",
    ),
    "sessionmaker": (
        """
        with sessionmaker(engine)() as session:
            session.add_all(rows)
            session.commit()
        """,
        "created begin commit flush close",
    ),
    "sessionmaker.begin": (
        """
        with sessionmaker(engine).begin() as session:
            session.add_all(rows)
        """,
        "created begin commit flush close",
    ),
    "scoped session": (
        """
        session = scoped_session(sessionmaker(engine))
        session.add_all(rows)
        session.commit()
        session.remove()
        """,
        "created begin commit flush close",
    ),
    "subclass": (
        """
        class Shop(Session):
            pass
        with Shop(engine) as session, session.begin():
            session.add_all(rows)
        """,
        "created begin commit flush close",
    ),
    "begin, no with": (
        """
        session = Session(engine)
        session.begin()
        session.add_all(rows)
        session.commit()
        session.close()
        """,
        "created begin commit flush close",
    ),
    "read first": (
        """
        with Session(engine) as session:
            session.scalars(select(Product)).all()
            session.commit()
        """,
        "created begin commit close",
    ),
    "autoflush": (
        """
        with Session(engine) as session:
            session.add_all(rows)
            session.scalars(select(Product)).all()
        """,
        "created begin flush close",
    ),
    "reset": (
        """
        session = Session(engine)
        session.add_all(rows)
        session.reset()
        """,
        "created begin close",
    ),
    "invalidate": (
        """
        session = Session(engine)
        session.add_all(rows)
        session.invalidate()
        """,
        "created begin close",
    ),
    "savepoint": (
        """
        with Session(engine) as session, session.begin():
            with session.begin_nested():
                session.add_all(rows)
        """,
        "created begin begin commit flush commit close",
    ),
    "savepoint rolled back": (
        """
        with Session(engine) as session, session.begin():
            savepoint = session.begin_nested()
            session.add_all(rows)
            session.flush()
            savepoint.rollback()
        """,
        "created begin begin flush commit close",
    ),
    "on a connection": (
        """
        with engine.begin() as connection, Session(connection) as session:
            session.add_all(rows)
            session.commit()
        """,
        "created begin commit flush close",
    ),
    "expired": (
        """
        with Session(engine) as session:
            pen = session.get(Product, 1)
            session.expire(pen)
            session.refresh(pen)
            session.expire_all()
        """,
        "created begin expire refresh expire_all close",
    ),
    "bulk": (
        """
        with Session(engine) as session, session.begin():
            session.bulk_save_objects(rows)
        """,
        "created begin commit close",
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_session_is_told_step_by_step(place: Place, style: str) -> None:
    """However a session is made and used, what it does is told in order, and it is one session."""
    code, kinds = STYLES[style]
    done = told(place, code)
    sessions = {step.session for step in done.claims if step.session}
    assert (" ".join(done.kinds), sessions) == (kinds, {1})


@pytest.mark.parametrize("style", ["with begin", "rollback", "never closed", "scoped session", "on a connection"])
def test_recording_changes_nothing(place: Place, style: str) -> None:
    """What is stored is what the same statements store without a recorder: two rows, or none."""
    done = told(place, STYLES[style][0])
    assert done.record.before is not None
    assert done.record.after is not None
    stored = len(done.record.after.rows) - len(done.record.before.rows)
    assert stored == (0 if style == "rollback" else 2)


def test_sessions_are_numbered_in_order(place: Place) -> None:
    """Each session has a number of its own, from 1."""
    done = told(place, "a = Session(engine)\nb = Session(engine)\nb.add(rows[0])\nb.rollback()\na.close()\nb.close()")
    assert [(step.session, step.kind) for step in done.claims if step.kind in {"created", "rollback", "close"}] == [
        *((1, "created"), (2, "created"), (2, "rollback"), (1, "close"), (2, "close")),
    ]


def test_each_call_counts_anew(place: Place) -> None:
    """The sessions of a second call in the same process count from 1 again."""
    code = "with Session(engine):\n    pass"
    assert told(place, code).claims == told(place, code).claims


def test_savepoints_say_so(place: Place) -> None:
    """The begin and the commit of a savepoint are told from those of the transaction."""
    done = told(place, STYLES["savepoint"][0])
    texts = [(step.kind, step.text) for step in done.claims if step.kind in {"begin", "commit"}]
    assert texts == [("begin", None), ("begin", "savepoint"), ("commit", "savepoint"), ("commit", None)]


def test_expire_on_commit_off_is_told(place: Place) -> None:
    """A session that does not expire at commit says so as it begins."""
    done = told(place, "with Session(engine, expire_on_commit=False) as session:\n    session.get(Product, 1)")
    assert [step.text for step in done.claims if step.kind == "begin"] == ["expire_on_commit=False"]


def test_session_names_its_connection(place: Place) -> None:
    """A session tells which connection it uses: the one that the database saw."""
    done = told(place, STYLES["with begin"][0])
    used = [step.connection for step in done.claims if step.kind == "uses"]
    assert used == [step.connection for step in done.record.steps if step.kind == "connect"]


def test_pool_tells_of_connections_taken_and_given_back(place: Place) -> None:
    """Each connection that leaves the pool and comes back is told by its number."""
    done = told(place, "with engine.connect():\n    with engine.connect():\n        pass")
    pooled = [(step.kind, step.connection) for step in done.claims if step.kind in {"checkout", "checkin"}]
    assert pooled == [("checkout", 1), ("checkout", 2), ("checkin", 2), ("checkin", 1)]


def test_session_lost_to_the_collector_is_not_closed(place: Place) -> None:
    """A session that is only forgotten is told of no close, though its connection comes back."""
    done = told(place, "session = Session(engine)\nsession.add_all(rows)\nsession.flush()\ndel session\ngc.collect()")
    assert "close" not in done.kinds
    assert [step.kind for step in done.claims][-2:] == ["checkin", "returned"]


def test_class_level_listeners_of_the_student_work(place: Place) -> None:
    """A student's own listeners on every session are called as well."""
    code = """
    seen = []
    event.listen(Session, "before_flush", lambda *_: seen.append("flush"))
    with Session(engine) as session, session.begin():
        session.add_all(rows)
    return seen
    """
    done = told(place, code)
    assert (done.value, "flush" in done.kinds) == (["flush"], True)


# --- objects ----------------------------------------------------------------------------------------------------------


def objects(done: Done, kind: str) -> list[int | None]:
    """Return the numbers of the objects that events of a kind are about."""
    return [step.object for step in done.claims if step.kind == kind]


def test_object_keeps_its_number(place: Place) -> None:
    """One object has one number through expiring, refreshing and being read, another one another."""
    code = """
    with Session(engine) as session:
        pen, other = session.get(Product, 1), session.get(Product, 2)
        pen.price
        session.expire(pen)
        pen.price
        session.refresh(pen)
        other.name
        pen.name
    """
    done = told(place, code)
    pen, other = objects(done, "state")[:2]
    assert objects(done, "read") == [pen, pen, other, pen]
    assert objects(done, "expire") == objects(done, "refresh") == [pen]


def test_same_row_in_another_session_is_another_object(place: Place) -> None:
    """Two sessions that load one row have two objects."""
    code = """
    with Session(engine) as a, Session(engine) as b:
        a.get(Product, 1).price
        b.get(Product, 1).price
    """
    one, two = objects(told(place, code), "read")
    assert one != two


def test_number_of_a_lost_object_is_not_given_again(place: Place) -> None:
    """An object that takes the memory of a forgotten one is told as another."""
    code = """
    for _ in range(3):
        with Session(engine) as session:
            pen = session.get(Product, 1)
            pen.price
        del pen, session
        gc.collect()
    """
    assert len(set(objects(told(place, code), "read"))) == 3


def test_equal_objects_are_told_apart(place: Place) -> None:
    """A model with its own ``__eq__`` and no ``__hash__`` has as many objects as rows."""
    models = REFERENCE["models.py"] + "\n    def __eq__(self, other):\n        return True\n    __hash__ = None\n"
    code = PRELUDE + "    with Session(engine) as session:\n        session.add_all(rows)\n        session.flush()\n"
    done = place.script(code, files={"models.py": models})
    assert sorted(n or 0 for n in objects(done, "state")[:2]) == [1, 2]


def test_states_are_told(place: Place) -> None:
    """An object is told from pending through persistent to detached."""
    done = told(place, "with Session(engine) as session, session.begin():\n    session.add(rows[0])")
    assert [step.text for step in done.claims if step.kind == "state"] == ["pending", "persistent", "detached"]


def test_deleting_is_told(place: Place) -> None:
    """A deleted object is told as deleted, then as detached."""
    code = """
    with Session(engine) as session, session.begin():
        pen = session.get(Product, 1)
        session.delete(pen)
    """
    states = [step.text for step in told(place, code).claims if step.kind == "state"]
    assert states == ["persistent", "deleted", "detached"]


# --- reads ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    ["pen.price", "getattr(pen, 'price')", "f'{pen.price}'", "(lambda: pen.price)()", "[p.price for p in (pen,)]"],
)
def test_read_of_an_attribute_is_told(place: Place, expression: str) -> None:
    """A price that the student's code reads is told, however it is read."""
    done = told(place, f"with Session(engine) as session:\n    pen = session.get(Product, 1)\n    {expression}")
    assert [step.text for step in done.claims if step.kind == "read"] == ["price"]


@pytest.mark.parametrize("expression", ["Product.price", "inspect(pen)", "pen", "select(Product.price)", "vars(pen)"])
def test_other_expressions_read_nothing(place: Place, expression: str) -> None:
    """The class's attribute, and what looks at an object without its attributes, is no read."""
    done = told(place, f"with Session(engine) as session:\n    pen = session.get(Product, 1)\n    {expression}")
    assert objects(done, "read") == []


def test_read_in_a_method_of_the_model_is_the_students(place: Place) -> None:
    """An attribute read in the student's ``__repr__`` is told at that line of the model."""
    done = told(place, "with Session(engine) as session:\n    repr(session.get(Product, 1))")
    files = {step.where.file for step in done.claims if step.kind == "read" and step.where}
    assert files == {"models.py"}


def test_reads_outside_the_students_files_are_not_told(place: Place) -> None:
    """What the standard library or SQLAlchemy reads of an object is not told."""
    code = """
    from operator import attrgetter
    from dataclasses import replace
    with Session(engine) as session:
        session.add_all(rows)
        session.flush()
        session.expire_all()
        session.refresh(rows[0])
        session.merge(rows[1])
    """
    assert objects(told(place, code), "read") == []


def test_read_that_fails_is_not_told(place: Place) -> None:
    """An expired attribute of a detached object, which raises, brought no value."""
    code = """
    with Session(engine) as session:
        pen = session.get(Product, 1)
        session.expire(pen)
    try:
        pen.price
    except Exception as error:
        return type(error).__name__
    """
    done = told(place, code)
    assert (done.value, objects(done, "read")) == ("DetachedInstanceError", [])


# --- lines, pauses, calls ---------------------------------------------------------------------------------------------


def test_claim_names_the_line_of_the_student(place: Place) -> None:
    """Each claim points at the line of the student's code that caused it."""
    code = "session = Session(engine)\nsession.add_all(rows)\nsession.commit()\nsession.close()"
    lines = {step.kind: step.where.line for step in told(place, code).claims if step.where}
    first = first_line(code)
    wanted = {"created": first, "flush": first + 2, "commit": first + 2, "close": first + 3}
    assert {kind: line for kind, line in lines.items() if kind in wanted} == wanted


def test_claim_names_the_innermost_file(place: Place) -> None:
    """Where a module of the student's own does the work, its line is named."""
    files = {"shop/saving.py": "def save(session, rows):\n    session.add_all(rows)\n    session.flush()\n"}
    code = (
        PRELUDE
        + "    from shop.saving import save\n    with Session(engine) as session:\n        save(session, rows)\n"
    )
    done = place.script(code, files=files)
    (flush,) = (step.where for step in done.claims if step.kind == "flush")
    assert flush is not None
    assert (flush.file, flush.line) == ("shop/saving.py", 3)


def test_calls_tell_of_return_and_failure(place: Place) -> None:
    """A call is told when it begins, and with what it returned or raised when it ends."""
    source = PRELUDE.replace("rows = ", "if not products: raise LookupError\n    rows = ") + "    return len(rows)\n"
    ended = [place.script(source, invocations=(given,)) for given in (Invocation(), Invocation(PENS))]
    texts = [[step.text for step in done.claims if step.text and "add_products" in step.text] for done in ended]
    assert texts == [["add_products", "add_products: LookupError"], ["add_products", "add_products: 2"]]


def test_paused_recorder_tells_nothing(place: Place) -> None:
    """The model's own run, which is not the student's work, tells no claims though sessions were used."""
    done = place.call("model", found={})
    assert done.answer.kind == "returned"
    assert done.claims == []


def test_change_elsewhere_tells_nothing_of_itself(place: Place) -> None:
    """Of the session that changes the price elsewhere only the beginning, with the price, and the end are told."""
    code = "change_elsewhere()\nreturn {}"
    done = place.body(code, "show_reloading")
    kinds = [(step.kind, step.text) for step in done.claims if step.text != "import"]
    assert kinds == [
        ("call", "show_reloading"),
        ("elsewhere", "2.50"),
        ("elsewhere_done", None),
        ("returned", 'show_reloading: {"dict": []}'),
    ]


def test_change_elsewhere_goes_on_beyond_the_planned_prices(place: Place) -> None:
    """Each further call of the change sets another price."""
    done = place.body("for _ in range(4):\n    change_elsewhere()\nreturn {}", "show_reloading")
    assert [step.text for step in done.claims if step.kind == "elsewhere"] == ["2.50", "3.75", "4.75", "5.75"]


def test_planned_failure_elsewhere_reaches_the_student(place: Place) -> None:
    """The change that is to fail raises in the student's code, and changes nothing."""
    failing = (Invocation(product_id=1, changes=("2.50",), fail_at=1),)
    done = place.call("show_reloading", invocations=failing)
    assert done.answer.trouble is not None
    assert (done.answer.kind, done.answer.trouble.type) == ("raised", "Elsewhere")
    assert done.record.before == done.record.after


def test_sessions_of_threads_are_told(walled: Bench) -> None:
    """What a thread of the student's does with a session is told as well."""
    code = """
    from threading import Thread
    def work():
        with Session(engine) as session, session.begin():
            session.add_all(rows)
    thread = Thread(target=work)
    thread.start()
    thread.join()
    """
    done = walled.script(PRELUDE + textwrap.indent(textwrap.dedent(code), "    "))
    assert done.kinds == ["created", "begin", "commit", "flush", "close"]
