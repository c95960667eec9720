"""What the sources show without being run, and what they must not be said to show."""

from __future__ import annotations

import textwrap

import pytest

from grader.observe.reading import findings
from grader.values import Finding, Source, Where


def found(text: str) -> list[tuple[str, int]]:
    """Return the kinds and lines of what a source shows."""
    shown = findings([Source("shop.py", textwrap.dedent(text).strip("\n"))])
    return [(finding.kind, finding.where.line) for finding in shown]


def handler(clause: str, body: str = "pass") -> str:
    """Return a source whose line 3 is an except clause."""
    return f"try:\n    work()\n{clause}:\n    {body}\n"


@pytest.mark.parametrize("clause", ["except", "except BaseException", "except BaseException as error"])
@pytest.mark.parametrize("body", ["pass", "return", "session.rollback()", "print('failed')"])
def test_handler_of_everything_that_ends_there_is_found(clause: str, body: str) -> None:
    """An except for everything is found at its own line where its block raises nothing."""
    assert found(f"def f():\n{textwrap.indent(handler(clause, body), '    ')}") == [("bare_except", 4)]


@pytest.mark.parametrize(
    "source",
    [
        handler("except", "raise"),
        handler("except BaseException as error", "raise RuntimeError from error"),
        handler("except", "session.rollback()\n    raise"),
        handler("except", "if retry:\n        return\n    raise"),
        handler("except Exception"),
        handler("except Exception as error", "print(error)"),
        handler("except SQLAlchemyError"),
        handler("except (IntegrityError, OperationalError)"),
        "with suppress(IntegrityError):\n    work()\n",
        "try:\n    work()\nfinally:\n    session.close()\n",
    ],
)
def test_other_handlers_are_not_found(source: str) -> None:
    """A handler that raises, or that is for some errors only, is nobody's fault."""
    assert found(source) == []


def test_each_handler_counts_for_itself() -> None:
    """The raise of one handler does not excuse another of the same try."""
    assert found(handler("except ValueError", "raise") + "except:\n    pass\n") == [("bare_except", 5)]


@pytest.mark.parametrize(
    "source",
    [
        "session.query(Product).all()",
        "session.query(Product.id, Product.name)",
        "Session(engine).query(Product)",
        "self.session.query(func.count(Product.id)).scalar()",
    ],
)
def test_legacy_query_is_found(source: str) -> None:
    """A query made by the session's old method is found."""
    assert found(source) == [("legacy_query", 1)]


@pytest.mark.parametrize(
    "source",
    [
        "query(Product)",
        "shop.query()",
        "query = select(Product)",
        "session.scalars(query)",
        "# session.query(Product)",
        "'session.query(Product)'",
        "urlsplit(url).query",
    ],
)
def test_other_queries_are_not_found(source: str) -> None:
    """A function or a name of the student's own called query is none of the session's."""
    assert found(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "session.execute(text('SELECT * FROM products'))",
        "text('''\n    insert into products VALUES (1)\n''')",
        "connection.exec_driver_sql('DELETE FROM products')",
        "cursor.executemany('UPDATE products SET price = ?', prices)",
        "cursor.executescript('BEGIN; COMMIT')",
        "sqlalchemy.text('ROLLBACK')",
        "session.execute(text(f'INSERT INTO products VALUES ({name})'))",
        "session.scalar(text('select count(*) from products'))",
    ],
)
def test_sql_in_strings_is_found(source: str) -> None:
    """A statement written as text and handed to what runs it is found, whatever its case, once a line."""
    assert found(source) == [("sql_strings", 1)]


@pytest.mark.parametrize(
    "source",
    [
        "session.execute(select(Product))",
        "session.execute(insert(Product), rows)",
        "print('SELECT the products')",
        "text('selected')",
        "text('price > 2')",
        "text(name)",
        "text()",
        "session.execute()",
        "label = 'INSERT'",
        "event.listens_for(engine, 'begin')",
        "execute('beginning')",
        "text(f'{a}')",
        "text(f'')",
        '"""SELECT: what the module is about."""',
    ],
)
def test_other_strings_are_not_found(source: str) -> None:
    """Words that look like SQL are nothing where nobody runs them, and parts of a statement are no statement."""
    assert found(source) == []


def test_findings_are_in_the_order_of_files_and_lines() -> None:
    """Every finding names its file and line; within a file the lines go up, across files the order is theirs."""
    late = "text('DELETE FROM a')\nsession.query(A)\ntry:\n    a()\nexcept:\n    pass"
    shown = findings([Source("b.py", late), Source("a.py", "session.query(A); text('SELECT 1')")])
    assert shown == (
        Finding("sql_strings", Where("b.py", 1)),
        Finding("legacy_query", Where("b.py", 2)),
        Finding("bare_except", Where("b.py", 5)),
        Finding("legacy_query", Where("a.py", 1)),
        Finding("sql_strings", Where("a.py", 1)),
    )


@pytest.mark.parametrize(
    "text", ["def f(:", "\0", "(" * 5000, "a = " + "-" * 100_000 + "1", "    x", "'\ud800'", "1" * 5000]
)
def test_source_that_does_not_parse_shows_nothing(text: str) -> None:
    """Whatever keeps a source from being parsed, nothing is found in it, and the next one is read."""
    assert [f.kind for f in findings([Source("a.py", text), Source("b.py", "s.query(A)")])] == ["legacy_query"]


def test_source_that_is_no_text_shows_nothing() -> None:
    """A file that could not be taken in shows nothing."""
    assert findings([Source("a.py", problem="a.py is a link")]) == ()


def test_deep_but_sound_source_is_read() -> None:
    """A long chain of operations, which is deep as a tree, hides nothing."""
    assert found("a = " + "+".join(["1"] * 2000) + "\ns.query(A)")[-1:] == [("legacy_query", 2)]


def test_invalid_escape_makes_no_noise() -> None:
    """A source at which Python would warn is read without a warning."""
    assert found("a = '\\d'\ns.query(A)") == [("legacy_query", 2)]


@pytest.mark.parametrize("source", ["stale = product.__dict__['price']", "stale = vars(product)['price']"])
def test_a_read_past_the_attributes_is_found(source: str) -> None:
    """An object whose dict is read is noted, as the recorder sees reads of attributes only."""
    assert found(source) == [("instance_dict", 1)]
