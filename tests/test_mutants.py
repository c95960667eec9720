"""Mutants: each operator makes the mistake that it says, ids stay, and what is said of a mutant is so."""

from __future__ import annotations

import ast
import shutil
from collections import Counter
from pathlib import Path

import pytest

from grader import flow
from grader.content import SOLUTION, find_content
from grader.observe.observer import Observer
from grader.observe.submission import take_in
from grader.proof.mutants import BASES, EQUIVALENT, Mutant, equivalents, mutants
from grader.proof.operators import IN_MODELS, IN_SCRIPTS
from grader.proof.rewriting import Operator, rewritten

CONTENT = find_content()
MUTANTS = mutants(CONTENT.root)
BY_ID = {mutant.id: mutant for mutant in MUTANTS}
OPERATORS = {operator.name: operator for operator in (*IN_SCRIPTS, *IN_MODELS)}


def made(operator: Operator, source: str) -> list[str]:
    """Return what an operator makes of the first statement of a source, without indentation."""
    tree = ast.parse(source)
    return list(rewritten(tree, tree.body[0], operator))


# --- operators --------------------------------------------------------------------------------------------------------

# What an operator finds, and the first thing that it makes of it; each is the body of a function.
EXAMPLES = {
    "drop_commit": ("session.add(row)\nsession.commit()", "session.add(row)"),
    "flush_for_commit": ("session.commit()", "session.flush()"),
    "commit_first": ("session.add(row)\nsession.commit()", "session.commit()\nsession.add(row)"),
    "commit_twice": ("session.commit()", "session.commit()\nsession.commit()"),
    "commit_for_flush": ("session.flush()", "session.commit()"),
    "commit_for_rollback": ("session.rollback()", "session.commit()"),
    "drop_rollback": ("session.rollback()\nreturn 1", "return 1"),
    "drop_flush": ("session.flush()\nreturn 1", "return 1"),
    "commit_per_row": ("session.add_all(rows)", "for each in rows:\n    session.add(each)\n    session.commit()"),
    "drop_begin": ("with Session(e) as s, s.begin():\n    pass", "with Session(e) as s:\n    pass"),
    "call_for_begin": ("with sessionmaker(e).begin() as s:\n    pass", "with sessionmaker(e)() as s:\n    pass"),
    "connect_for_begin": ("with engine.begin() as c:\n    pass", "with engine.connect() as c:\n    pass"),
    "autocommit": ("Session(e)", "Session(e.execution_options(isolation_level='AUTOCOMMIT'))"),
    "drop_raise": ("try:\n    f()\nexcept E:\n    raise", "try:\n    f()\nexcept E:\n    pass"),
    "return_for_raise": ("try:\n    f()\nexcept E:\n    raise", "try:\n    f()\nexcept E:\n    return []"),
    "exit_for_raise": ("try:\n    f()\nexcept E:\n    raise", "try:\n    f()\nexcept E:\n    raise SystemExit(1)"),
    "another_error": ("raise", "raise RuntimeError('not stored')"),
    "swallow": ("with s:\n    f()", "try:\n    with s:\n        f()\nexcept Exception:\n    return []"),
    "return_in_finally": ("with s:\n    f()", "try:\n    with s:\n        f()\nfinally:\n    return []"),
    "catch_value_errors": ("try:\n    f()\nexcept E:\n    g()", "try:\n    f()\nexcept ValueError:\n    g()"),
    "catch_integrity_errors": (
        "try:\n    f()\nexcept E:\n    g()",
        "try:\n    f()\nexcept __import__('sqlalchemy.exc').exc.IntegrityError:\n    g()",
    ),
    "drop_handlers": ("try:\n    f()\nexcept E:\n    g()", "f()"),
    "drop_finally": ("try:\n    f()\nexcept E:\n    g()\nfinally:\n    h()", "try:\n    f()\nexcept E:\n    g()"),
    "finally_afterwards": ("try:\n    return f()\nfinally:\n    h()", "h()\nreturn f()"),
    "drop_close": ("s.close()\nreturn 1", "return 1"),
    "expunge_for_close": ("s.close()", "s.expunge_all()"),
    "drop_with": ("with Session(e) as s:\n    f(s)", "s = Session(e)\nf(s)"),
    "close_at_the_end": ("with Session(e) as s:\n    f(s)", "s = Session(e)\nf(s)\ns.close()"),
    "keep_session": ("with Session(e) as s:\n    f(s)", "s = e.__dict__.setdefault('kept', Session(e))\nf(s)"),
    "reuse_session": (
        "with Session(e) as s:\n    f(s)",
        "with e.__dict__.setdefault('kept', Session(e)) as s:\n    f(s)",
    ),
    "expire_on_commit_off": ("Session(e)", "Session(e, expire_on_commit=False)"),
    "merge_for_add": ("s.add(row)", "s.merge(row)"),
    "insert_or_replace": (
        "s.execute(SQL, values)",
        "s.execute(__import__('sqlalchemy').text(str(SQL).replace('INSERT', 'INSERT OR REPLACE')), values)",
    ),
    "round_price": ("Product(**p)", "Product(**{**p, 'price': p['price'] and round(p['price'])})"),
    "capital_name": ("Product(**p)", "Product(**{**p, 'name': p['name'] and p['name'].upper()})"),
    "ignore_id": ("Product(**p)", "Product(**{key: value for (key, value) in p.items() if key != 'id'})"),
    "comprehend_less": ("[f(p) for p in products]", "[f(p) for p in products[1:]]"),
    "loop_less": ("for p in products:\n    f(p)", "for p in products[1:]:\n    f(p)"),
    "return_other_ids": ("return ids", "return None"),
    "drop_expire_all": ("s.expire_all()\nf()", "f()"),
    "drop_refresh": ("s.refresh(p)\nf()", "f()"),
    "swap_reloads": ("s.expire_all()\nf()\ns.refresh(p)", "s.refresh(p)\nf()\ns.expire_all()"),
    "expire_otherwise": ("s.expire_all()\ns.refresh(p)", "s.expire(p)\ns.refresh(p)"),
    "refresh_otherwise": ("s.refresh(p)", "p = s.get(type(p), product_id)"),
    "write_while_reloading": ("s.refresh(p)", "s.refresh(p)\np.price += 1\ns.commit()"),
    "copy_stale": ("stale = product.price", "stale = loaded"),
    "other_keys": (
        "{'loaded': a, 'stale': b, 'after_expire_all': c, 'after_refresh': d}",
        "{'stale': b, 'after_expire_all': c, 'after_refresh': d}",
    ),
    "return_prices": ("return prices", "return list(prices.values())"),
    "other_pair": ("[{'a': 1}, {'b': 2}]", "[{'a': 1}]"),
    "other_id": ("{'id': i, 'name': n}", "{'name': n}"),
    "always_product_one": ("f(ids[0])", "f(1)"),
    "other_database": ("create_engine(url)", "create_engine('sqlite:///products.db')"),
    "drop_tables_first": ("B.metadata.create_all(e)", "B.metadata.drop_all(e)\nB.metadata.create_all(e)"),
    "empty_table_first": (
        "B.create_all(e)",
        "B.create_all(e)\nwith e.begin() as connection:\n    connection.exec_driver_sql('DELETE FROM products')",
    ),
    "main_not_called": ("if __name__ == '__main__':\n    main()", "if __name__ == '__main__':\n    pass"),
    "call_twice": ("add_products(e, [])", "add_products(e, [])\nadd_products(e, [])"),
    "no_reloading": ("print(show_reloading(e, 1, c))", "print({})"),
    "no_failing_pair": ("try:\n    add_products(e, p)\nexcept E:\n    g()\nreturn 1", "return 1"),
    "drop_statement": ("f()\nreturn 1", "return 1"),
    "swap_statements": ("a = 1\nb = 2", "b = 2\na = 1"),
    "flip_switch": ("f(keep=True)", "f(keep=False)"),
    "turn_condition": ("f() if 'id' in p else g()", "f() if not 'id' in p else g()"),
    "nullable": ("Column(String)", "Column(String, nullable=True)"),
    "drop_nullable": ("Column(String, nullable=False)", "Column(String)"),
    "optional": ("name: Mapped[str]", "name: Mapped[__import__('typing').Optional[str]]"),
    "drop_primary_key": ("Column(Integer, primary_key=True)", "Column(Integer)"),
    "second_primary_key": ("Column(String)", "Column(String, primary_key=True)"),
    "no_autoincrement": ("mapped_column(primary_key=True)", "mapped_column(primary_key=True, autoincrement=False)"),
    "other_key_type": (
        "mapped_column(primary_key=True)",
        "mapped_column(__import__('sqlalchemy').BigInteger(), primary_key=True)",
    ),
    "unique": ("Column(String)", "Column(String, unique=True)"),
    "other_price_type": ("Numeric(10, 2)", "__import__('sqlalchemy').Float()"),
    "other_column_name": ("Column(String)", "Column('column_1', String)"),
    "other_table_name": ("__tablename__ = 'products'", "__tablename__ = 'product'"),
    "drop_column": ("name = Column(String)\nf()", "f()"),
    "drop_table_column": ("Table('t', m, Column('a', String))", "Table('t', m)"),
}
OF_MAIN = {
    "other_default": ("def main(url='sqlite:///products.db'):\n    f()", "def main(url='sqlite:///shop.db'):\n    f()"),
    "end_badly": ("def main():\n    f()", "def main():\n    f()\n    raise SystemExit(1)"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_operator_makes_its_mistake(name: str) -> None:
    """What an operator makes of an example is the mistake that its docstring describes."""
    before, after = EXAMPLES[name]
    wanted = ast.unparse(ast.parse(f"if True:\n{indented(after)}"))
    assert wanted in made(OPERATORS[name], f"if True:\n{indented(before)}")


@pytest.mark.parametrize("name", OF_MAIN)
def test_an_operator_on_the_program_makes_its_mistake(name: str) -> None:
    """What an operator makes of the function ``main`` is the mistake that its docstring describes."""
    before, after = OF_MAIN[name]
    assert after in made(OPERATORS[name], before)


def indented(code: str) -> str:
    """Return code as the body of something."""
    return "".join(f"    {line}\n" for line in code.splitlines())


def test_every_operator_has_an_example() -> None:
    """No operator is there whose mistake is not shown."""
    assert set(EXAMPLES) | set(OF_MAIN) == set(OPERATORS)


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda operator: operator.name)
def test_an_operator_says_what_it_does_and_is_used(operator: Operator) -> None:
    """Every operator has a docstring of its own and makes at least one mutant."""
    assert operator.rewrite.__doc__
    assert any(mutant.id.partition("#")[0].endswith(f":{operator.name}") for mutant in MUTANTS)


def test_a_tree_is_left_as_it_was() -> None:
    """After an operator has made everything it can, the tree is the one that it was given."""
    tree = ast.parse((CONTENT.root / SOLUTION / "transaction_script.py").read_bytes())
    before = ast.dump(tree)
    for operator in IN_SCRIPTS:
        for part in tree.body:
            list(rewritten(tree, part, operator))
    assert ast.dump(tree) == before


# --- mutants ----------------------------------------------------------------------------------------------------------


def test_ids_are_those_of_the_last_time() -> None:
    """The same sources give the same ids for the same texts, in the same order."""
    assert mutants(CONTENT.root) == MUTANTS


def test_ids_of_one_base_do_not_depend_on_the_others() -> None:
    """A base alone gives the mutants that it gives among all."""
    base = BASES[-1]
    assert mutants(CONTENT.root, [base]) == [mutant for mutant in MUTANTS if mutant.base == base]


def test_no_two_mutants_have_the_same_id() -> None:
    """An id names one mutant."""
    assert [name for name, count in Counter(mutant.id for mutant in MUTANTS).items() if count > 1] == []


def test_no_two_mutants_are_the_same() -> None:
    """Each mutant of a file is a text of its own, and none is the text that it came from."""
    texts = Counter((mutant.base, mutant.file, mutant.text) for mutant in MUTANTS)
    assert max(texts.values()) == 1
    unchanged = [m.id for m in MUTANTS if m.file.endswith(".py") and m.text == plain(CONTENT.root / m.base / m.file)]
    assert unchanged == []


def plain(file: Path) -> str:
    """Return a source as it is written once it was read as a tree."""
    return ast.unparse(ast.parse(file.read_bytes()))


@pytest.mark.parametrize("file", ["models.py", "transaction_script.py"])
def test_every_mutant_is_a_program(file: str) -> None:
    """Each mutant can be compiled."""
    for mutant in MUTANTS:
        if mutant.file == file:
            compile(mutant.text, mutant.id, "exec")


def test_a_mutant_says_what_it_may_cost() -> None:
    """Each mutant names criteria of the rubric, at least one."""
    keys = {criterion.key for criterion in CONTENT.rubric().criteria}
    assert [mutant.id for mutant in MUTANTS if not mutant.may_cost or not mutant.may_cost <= keys] == []


def test_a_helper_may_cost_what_the_functions_that_use_it_may_cost() -> None:
    """A helper of the reloading and of the adding is judged by the criteria of both."""
    (mutant,) = [mutant for mutant in MUTANTS if mutant.id.startswith("session_scope/") and ":drop_close#" in mutant.id]
    assert mutant.place == "a helper"
    assert mutant.may_cost == {"scope.closed_after_success", "scope.closed_after_failure"}


# --- mutants that are right -------------------------------------------------------------------------------------------


def test_what_is_said_of_mutants_is_said_of_ones_that_are_made() -> None:
    """The list of mutants that break no promise names none that is not there."""
    assert [name for name in equivalents(CONTENT.root) if name not in BY_ID] == []


def test_every_reason_is_a_sentence() -> None:
    """Why a mutant breaks no promise is said in words."""
    reasons = set(equivalents(CONTENT.root).values())
    assert [reason for reason in reasons if len(reason) < 40 or not reason.endswith(".") or "probably" in reason] == []


def test_a_mutant_is_excused_once(tmp_path: Path) -> None:
    """A mutant that is listed twice is an error that names it."""
    file = tmp_path / EQUIVALENT
    file.parent.mkdir(parents=True)
    entry = '[[equivalent]]\nwhy = "It is."\nmutants = ["a"]\n'
    file.write_text(entry * 2)
    with pytest.raises(ValueError, match=r"mutants\.toml: a is there twice"):
        equivalents(tmp_path)


# --- mutants that are graded ------------------------------------------------------------------------------------------

SCRIPT = "solution/transaction_script.py"
CAUGHT = {
    "solution/models.py:Product:nullable#1": "model.required",
    "solution/models.py:Product:other_price_type#4": "model.money",
    f"{SCRIPT}:add_products:drop_begin#1": "commit.stored",
    f"{SCRIPT}:add_products:return_other_ids#3": "commit.ids",
    f"{SCRIPT}:add_products:swallow#1": "rollback.error_reaches_caller",
    f"{SCRIPT}:add_products:merge_for_add#1": "commit.ids",
    f"{SCRIPT}:show_reloading:close_at_the_end#1": "scope.closed_after_failure",
    f"{SCRIPT}:preview_ids:commit_for_rollback#1": "flush.nothing_stored",
    f"{SCRIPT}:show_reloading:expire_otherwise#1": "reload.expire_all",
    f"{SCRIPT}:show_reloading:copy_stale#1": "reload.stale",
    f"{SCRIPT}:main:drop_tables_first#1": "script.second_run",
    "solution/observations.toml:rows_after_first_run:other_answer#1": "observations.agree",
}


def hand_in(mutant: Mutant, folder: Path) -> Path:
    """Write a mutant as a student hands it in."""
    shutil.copytree(CONTENT.root / mutant.base, folder, ignore=shutil.ignore_patterns("expected.toml", "__pycache__"))
    (folder / mutant.file).write_text(mutant.text)
    return folder


@pytest.mark.parametrize("name", CAUGHT)
def test_a_mutant_loses_what_is_wrong(name: str, walled_observer: Observer, tmp_path: Path) -> None:
    """A mutant loses the criterion of its mistake."""
    submission = take_in(hand_in(BY_ID[name], tmp_path / "mutant"))
    report = flow.judged(walled_observer.observe(submission)).report
    assert CAUGHT[name] in {criterion.key for criterion in report.criteria if criterion.outcome == "failed"}
