"""What may be bound, and what may not."""

from __future__ import annotations

import collections
import math
import sqlite3
import types
from decimal import Decimal
from typing import NamedTuple

from wire_cases.case import Database, case, raising


@case
def _values_of_every_type(db: Database) -> object:
    given = (
        None,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        1.5,
        math.inf,
        -math.inf,
        math.nan,
        "",
        "ä€😀",
        "a\0b",
        b"",
        b"\0\xff",
        True,
    )
    return [db.connect(":memory:").execute("SELECT ?, typeof(?)", (value, value)).fetchone() for value in given]


@case
def _buffers(db: Database) -> object:
    given = (bytearray(b"ab"), memoryview(b"cd"))
    return db.connect(":memory:").execute("SELECT ?, ?", given).fetchone()


@case
def _subclasses_of_plain_types(db: Database) -> object:
    class Number(int):
        pass

    class Text(str):
        __slots__ = ()

    class Real(float):
        pass

    return db.connect(":memory:").execute("SELECT ?, ?, ?", (Number(5), Text("x"), Real(2.5))).fetchone()


@case
def _integer_too_large(db: Database) -> object:
    connection = db.filled()
    return [raising(connection.execute, "SELECT ?", (n,)) for n in (2**63, 2**64, 2**70, -(2**63) - 1)]


@case
def _integer_too_large_leaves_the_transaction_open(db: Database) -> object:
    connection = db.filled()
    failed = raising(lambda: connection.execute("INSERT INTO t VALUES (?, 'x', 1)", (2**70,)))
    return failed, connection.in_transaction


@case
def _text_with_surrogates(db: Database) -> object:
    connection = db.filled()
    return raising(lambda: connection.execute("SELECT ?", ("a\ud800b",)))


@case
def _unsupported_type(db: Database) -> object:
    connection = db.filled()
    failed = raising(lambda: connection.execute("INSERT INTO t VALUES (4, ?, 1)", (Decimal("1.5"),)))
    return failed, connection.in_transaction


@case
def _unsupported_type_of_the_student(db: Database) -> object:
    class Odd:
        pass

    return raising(lambda: db.connect(":memory:").execute("SELECT ?, ?", (1, Odd())))


@case
def _unsupported_named_parameter(db: Database) -> object:
    connection = db.connect(":memory:")
    return raising(lambda: connection.execute("SELECT :a", {"a": object()})), connection.execute(
        "SELECT :a", {"a": 1, "unused": object()}
    ).fetchone()


@case
def _named_parameters(db: Database) -> object:
    return db.connect(":memory:").execute("SELECT :a, @b, $c, :a", {"a": 1, "b": "x", "c": None}).fetchone()


@case
def _named_parameters_of_other_mappings(db: Database) -> object:
    class Missing(dict[str, int]):
        def __missing__(self, key: str) -> int:
            return 7

    connection = db.connect(":memory:")
    return [
        connection.execute("SELECT :a, ':no', \":x\", :b -- :c", mapping).fetchone()
        for mapping in (Missing(a=1), collections.OrderedDict(a=1, b=2))
    ]


@case
def _sequences_as_parameters(db: Database) -> object:
    class Sequence:
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> int:
            return [10, 20][index]

    class Row(NamedTuple):
        a: int
        b: int

    connection = db.connect(":memory:")
    return [
        connection.execute("SELECT ?, ?", given).fetchone() for given in (Row(1, 2), [1, 2], "ab", range(2), Sequence())
    ]


@case
def _parameters_that_are_none(db: Database) -> object:
    connection = db.connect(":memory:")
    wrong: list[object] = [{1}, 5, None, iter([1]), types.MappingProxyType({}), collections.UserDict(a=1)]
    return [raising(lambda given: connection.execute("SELECT ?", given).fetchall(), given) for given in wrong]


@case
def _wrong_number_of_parameters(db: Database) -> object:
    connection = db.filled()
    return [
        raising(lambda: connection.execute("SELECT ?, ?", (1,))),
        raising(lambda: connection.execute("SELECT ?", (1, 2))),
        raising(lambda: connection.execute("SELECT :a, :b", {"a": 1})),
        raising(lambda: connection.execute("INSERT INTO t VALUES (?, ?, ?)", (9,))),
        connection.in_transaction,
    ]


@case
def _adapters_and_protocol(db: Database) -> object:
    class Adapted:
        def __conform__(self, protocol: object) -> str | None:
            return "conformed" if protocol is sqlite3.PrepareProtocol else None

    sqlite3.register_adapter(complex, lambda number: f"{number.real};{number.imag}")
    return db.connect(":memory:").execute("SELECT ?, ?", (Adapted(), 1 + 2j)).fetchone()


@case
def _adapter_that_raises(db: Database) -> object:
    class Broken:
        def __conform__(self, _protocol: object) -> str:
            raise KeyError("mine")

    connection = db.filled()
    failed = raising(lambda: connection.execute("INSERT INTO t VALUES (7, ?, 1)", (Broken(),)))
    return failed, connection.in_transaction, connection.execute("SELECT count(*) FROM t").fetchone()
