"""What becomes of whatever a student's function returns or raises: plain JSON, small and shallow, and never a trap."""

from __future__ import annotations

import decimal
import enum
import sys
from collections import OrderedDict, namedtuple
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from conftest import Bench, Place
from grader.observe.child.answers import MOST_ITEMS, MOST_TEXT, is_plain, plain, text, trouble

Row = namedtuple("Row", "id name")  # noqa: PYI024  # as a student writes it


class Liar(int):
    """A number that says it is equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Silent:
    """An object without a text."""

    def __repr__(self) -> NoReturn:
        raise LookupError

    __str__ = __repr__


class Wrong:
    """An object whose text is none."""

    def __repr__(self) -> str:
        return 5  # type: ignore[return-value]  # that is the point


class Colour(enum.IntEnum):
    """A number with a name."""

    RED = 1


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, True, False, 0, -1, 2**63 - 1, 1.5, -0.0, 5e-324, "", "größer 日本 🎈", "\0"])
def test_plain_values_stay_as_they_are(value: object) -> None:
    """Numbers and text of the exact types travel unchanged."""
    assert plain(value) == value
    assert type(plain(value)) is type(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2], [1, 2]),
        ((1, "a"), [1, "a"]),
        (Row(1, "a"), [1, "a"]),
        ([], []),
        ({}, {"dict": []}),
        ({"a": 1, 2: None}, {"dict": [["a", 1], [2, None]]}),
        (OrderedDict(a=(1,)), {"dict": [["a", [1]]]}),
        ({(1, 2): 3}, {"dict": [[[1, 2], 3]]}),
        (Decimal("19.90"), {"decimal": "19.90"}),
        (Decimal("NaN"), {"decimal": "NaN"}),
        (float("nan"), {"float": "nan"}),
        (float("inf"), {"float": "inf"}),
        (float("-inf"), {"float": "-inf"}),
        (2**63, {"object": "int", "text": "a number of more than 64 bits"}),
        (-(2**63), {"object": "int", "text": "a number of more than 64 bits"}),
        (Fraction(1, 2), {"object": "Fraction", "text": "Fraction(1, 2)"}),
        ({1}, {"object": "set", "text": "{1}"}),
        (b"a", {"object": "bytes", "text": "b'a'"}),
        (Colour.RED, {"object": "Colour", "text": repr(Colour.RED)}),
        (Liar(5), {"object": "Liar", "text": "5"}),
        (int, {"object": "type", "text": "<class 'int'>"}),
        (object(), {"object": "object", "text": "<object object>"}),
        (Silent(), {"object": "Silent", "text": "<no text: LookupError>"}),
        (Wrong(), {"object": "Wrong", "text": "<no text: TypeError>"}),
        ([Silent()], [{"object": "Silent", "text": "<no text: LookupError>"}]),
        ("\ud800a", "?a"),
    ],
)
def test_other_values_say_what_they_are(value: object, expected: object) -> None:
    """Lists and dicts keep their shape, money its digits; anything else is named by its type and its text."""
    assert plain(value) == expected


def test_enormous_number_is_not_written_out() -> None:
    """A number with more digits than Python writes is told as a large one, in a list too."""
    assert plain([10**100_000]) == [{"object": "int", "text": "a number of more than 64 bits"}]


def test_subclass_of_text_is_no_text() -> None:
    """A text that may lie about itself is an object."""
    assert plain(type("Text", (str,), {})("a")) == {"object": "Text", "text": "'a'"}


def test_subclass_of_decimal_is_no_decimal() -> None:
    """A price that may lie about itself is an object."""
    assert plain(type("Money", (Decimal,), {})("1.20")) == {"object": "Money", "text": "Decimal('1.20')"}


def test_generator_is_not_consumed() -> None:
    """What is not yet computed stays so, and is named as what it is."""
    endless = iter(int, 1)
    assert plain(endless) == {"object": "callable_iterator", "text": "<callable_iterator object>"}


def test_long_text_is_capped() -> None:
    """A text longer than the limit ends with an ellipsis."""
    assert plain("a" * MOST_TEXT) == "a" * MOST_TEXT
    assert plain("a" * (MOST_TEXT + 1)) == "a" * MOST_TEXT + "…"


def test_long_decimal_is_capped() -> None:
    """A price with more digits than a text may have is cut."""
    assert len(plain(Decimal("1" * 5000))["decimal"]) == MOST_TEXT + 1


def test_long_list_is_capped() -> None:
    """Of a long list or dict the first items are told."""
    assert plain(list(range(1000))) == list(range(MOST_ITEMS))
    assert len(plain(dict.fromkeys(range(1000)))["dict"]) == MOST_ITEMS


def test_deep_value_is_cut() -> None:
    """From the fifth level on, a nested list is told by its text."""
    assert plain([[[[[1]]]]]) == [[[[{"object": "list", "text": "[1]"}]]]]


def test_cycle_is_cut() -> None:
    """A list that holds itself ends."""
    cycle: list[object] = []
    cycle.append(cycle)
    assert plain(cycle) == [[[[{"object": "list", "text": "[[...]]"}]]]]


def test_very_deep_value_is_cut() -> None:
    """A list deeper than Python can print says so in place of its text."""
    deep: list[Any] = []
    for _ in range(sys.getrecursionlimit() * 3):
        deep = [deep]
    assert plain(deep) == [[[[{"object": "list", "text": "<no text: RecursionError>"}]]]]


def test_addresses_are_left_out() -> None:
    """The text of an object has no address: it would be another one each time."""
    assert plain(Bench)["text"] == plain(Bench)["text"]
    assert " at 0x" not in plain(test_addresses_are_left_out)["text"]


def test_context_of_decimals_does_not_matter() -> None:
    """A price is told to the last digit whatever precision the student's code has set."""
    with decimal.localcontext(prec=2):
        assert plain(Decimal("1234.56")) == {"decimal": "1234.56"}


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.decimals() | some.text() | some.binary(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text() | some.integers(), inner) | some.tuples(inner),
)


@settings(max_examples=50, deadline=None)  # a busy machine is no fault
@given(anything)
def test_any_value_travels(value: object) -> None:
    """Whatever is returned can be written as JSON, is the same when read, and is recognised as plain."""
    made = plain(value)
    assert msgspec.json.decode(msgspec.json.encode(made)) == made
    assert is_plain(made)


@pytest.mark.parametrize(
    "forged",
    [
        {"dict": 5},
        {"dict": {}},
        {"dict": [5]},
        {"dict": [[1, 2, 3]]},
        {"dict": [["a", {"x": 1}]]},
        {"decimal": 5},
        {"decimal": "1", "float": "1"},
        {"object": "int"},
        {"object": "int", "text": None},
        {},
        {"other": "x"},
        [{"dict": None}],
        2**63,
        [-(2**63)],
    ],
)
def test_other_shapes_are_not_plain(forged: object) -> None:
    """What no value becomes is recognised: it was not our code that sent it."""
    assert not is_plain(forged)


# --- exceptions -------------------------------------------------------------------------------------------------------


def caught(error: BaseException) -> BaseException:
    """Return ``error`` as if raised here."""
    with pytest.raises(type(error)) as raised:
        raise error
    return raised.value


def in_this_file(name: str) -> bool:
    """Tell whether a file is this one."""
    return name == __file__


def test_exception_is_told_with_type_and_message() -> None:
    """An exception is told by its type, its text and a line of the student's that it passed."""
    told = trouble(caught(ValueError("no such pen")), in_this_file)
    assert (told.type, told.message, told.file, told.chain) == ("ValueError", "no such pen", __file__, ("ValueError",))


def test_exception_from_elsewhere_blames_no_line() -> None:
    """Where no line of the student's was passed, none is told."""
    told = trouble(caught(ValueError("x")), lambda _: False)
    assert (told.file, told.line) == (None, None)


def test_innermost_line_of_the_student_is_blamed() -> None:
    """Of several lines of the student's the last is told, not the library's below it."""

    def work() -> None:
        Decimal("x")

    with pytest.raises(decimal.InvalidOperation) as raised:
        work()
    assert trouble(raised.value, in_this_file).line == work.__code__.co_firstlineno + 1


def test_syntax_error_blames_the_line_that_does_not_parse() -> None:
    """A syntax error in a file of the student's is told with that line."""
    with pytest.raises(SyntaxError) as raised:
        compile("x = 1\nx = =\n", __file__, "exec")
    assert (trouble(raised.value, in_this_file).file, trouble(raised.value, in_this_file).line) == (__file__, 2)


def test_chain_names_what_an_exception_came_from() -> None:
    """The types of causes and contexts are told, outermost first, a suppressed context too."""
    error, cause, context = RuntimeError(), ValueError(), KeyError()
    error.__cause__, cause.__context__, cause.__suppress_context__ = cause, context, True
    assert trouble(error, in_this_file).chain == ("RuntimeError", "ValueError", "KeyError")


def test_endless_chain_ends() -> None:
    """Exceptions that came from each other are told once, and a long chain is cut."""
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one
    assert trouble(one, in_this_file).chain == ("ValueError", "KeyError")
    error = ValueError()
    for _ in range(100):
        error, error.__cause__ = ValueError(), error
    assert len(trouble(error, in_this_file).chain) < 10


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (Silent(), "<no text: LookupError>"),
        ("\udcff", "?"),
        (object(), "<object object>"),
        ("a" * 600, "a" * 500 + "…"),
    ],
)
def test_hostile_message_is_told_as_text(message: object, told: str) -> None:
    """The message of an exception is text, whatever was given for one."""
    assert trouble(caught(ValueError(message)), in_this_file).message == told


def test_text_of_a_database_error_has_no_address() -> None:
    """Two runs of the same error read the same."""
    assert text(object) == "<object object>"


# --- through the sandbox ----------------------------------------------------------------------------------------------

HOSTILE = {
    "hostile class": "class A:\n    __class__ = property(lambda self: 1 / 0)\nvalue = A()",
    "hostile iteration": "class A(list):\n    __iter__ = lambda self: 1 / 0\nvalue = A()",
    "hostile items": "class A(dict):\n    items = lambda self: 1 / 0\nvalue = A()",
    "hostile length": "class A(list):\n    __len__ = lambda self: 1 / 0\nvalue = A([1])",
    "repr that exits": "class A:\n    def __repr__(self): raise SystemExit(0)\nvalue = A()",
    "name that raises": "class M(type): __name__ = property(lambda c: 1 / 0)\nclass A(metaclass=M): pass\nvalue = A()",
    "equal to everything": "class A:\n    __eq__ = lambda *_: True\n    __hash__ = None\nvalue = [A()]",
    "endless": "import itertools\nvalue = itertools.count()",
    "type": "value = type",
    "session": "from sqlalchemy.orm import Session\nvalue = Session()",
    "detached": "from models import Product\nvalue = [Product(name='a')]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_value_costs_its_own_call_at_most(place: Place, name: str) -> None:
    """However hostile the value, the call has an answer, and the same process makes the next call as if nothing was."""
    answered = place.script(HOSTILE[name] + "\ndef add_products(engine, products): return value\n")
    assert answered.answer.kind in {"returned", "raised"}
    assert place.call().value == [5, 6]


FORGED = {
    "shape": "import child.driver\nchild.driver.plain = lambda value: {'dict': 5}",
    "unknown kind": "import child.driver\nchild.driver.Answer = lambda *a, **k: {'kind': 'perfect'}",
    "no JSON": "import child.driver\nchild.driver.send = lambda s, m: s.sendall(b'\\0\\0\\0\\3???')",
    "too long": "import child.driver\nchild.driver.send = lambda s, m: s.sendall(b'\\xff' * 8)",
    "too deep": "import child.driver\n"
    "child.driver.send = lambda s, m: s.sendall((200_000).to_bytes(4, 'big') + b'[' * 200_000)",
    "large number": "import child.driver\nchild.driver.plain = lambda value: 1 << 80",
    "hung up": "import child.driver\nchild.driver.send = lambda s, m: s.close()",
    "never the last": "import child.driver as d, functools\nd.Answer = functools.partial(d.Answer)\nsend = d.send\n"
    "d.send = lambda s, m: [send(s, {'kind': 'returned', 'last': False}) for _ in range(99)]",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_answer_ends_the_process_and_nothing_else(bench: Bench, name: str) -> None:
    """An answer that is none, sent by code that took our place, leaves this call unfinished and the next one whole."""
    forged = bench.script(FORGED[name] + "\ndef add_products(engine, products): return 1\n")
    assert isinstance(forged.answers, str)
    assert bench.call().value == [5, 6]
