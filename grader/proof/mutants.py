"""Mutants: right submissions with one mistake each, made by machine."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct, convert

from grader.content import CRITERIA, SOLUTION
from grader.proof.corpora import ACCEPTED
from grader.proof.operators import IN_MODELS, IN_SCRIPTS
from grader.proof.rewriting import rewritten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from grader.proof.rewriting import Operator

_STYLES = ("try_except_finally", "session_scope", "sessionmaker_begin", "imperative_mapping", "text_sql")
BASES = (SOLUTION, *(f"{ACCEPTED}/{style}" for style in _STYLES))
EQUIVALENT = "tests/submissions/mutants.toml"

_MODEL, _SCRIPT, _OBSERVATIONS = "models.py", "transaction_script.py", "observations.toml"
_ANSWER = re.compile(r"^(\w+) = (\w+)$", re.MULTILINE)
_OTHER = {"true": "false", "false": "true"}
_PROGRAM = "program"
_CLOSED = CRITERIA["scope"]
_AT_STAKE = {
    "add_products": frozenset({*CRITERIA["commit"], *CRITERIA["rollback"], *_CLOSED}),
    "preview_ids": frozenset({*CRITERIA["flush"], _CLOSED[0]}),
    "show_reloading": frozenset({*CRITERIA["reload"], *_CLOSED}),
    "main": frozenset({*CRITERIA["rerun"], _CLOSED[0]}),
}
_OF_THE_MODEL = frozenset({*CRITERIA["model"], "commit.stored", "script.second_run", "observations.agree"})


@dataclass(frozen=True)
class Mutant:
    """A right submission whose ``file`` has become ``text``; it must lose some of ``may_cost``, and nothing else.

    ``id`` names base, file, part, operator, and the number of what this operator did to this part.
    """

    id: str
    base: str
    file: str
    text: str
    may_cost: frozenset[str]

    @property
    def may_follow(self) -> tuple[str, ...]:
        """What may be lost besides: answers that were true of a script are not, once it does something else."""
        return ("observations.agree",) if self.file == _SCRIPT else ()

    @property
    def place(self) -> str:
        """Where the mistake lies: in one of the functions of the assignment, in a helper, or in another file."""
        part = self.id.split(":")[1]
        if self.file != _SCRIPT:
            return self.file
        return part if part in _AT_STAKE else "main" if part == _PROGRAM else "a helper"


def mutants(root: Path, bases: Iterable[str] = BASES) -> list[Mutant]:
    """Return all mutants of the bases below ``root``; no two are the same, and each differs from what it came from."""
    return [mutant for base in bases for mutant in _of_base(root / base, base)]


def _of_base(folder: Path, base: str) -> Iterator[Mutant]:
    model, script = ((folder / name).read_text(encoding="utf-8") for name in (_MODEL, _SCRIPT))
    yield from _of_source(base, _MODEL, model, IN_MODELS)
    yield from _of_source(base, _SCRIPT, script, IN_SCRIPTS)
    if base == SOLUTION:  # the answers of the others are the same
        yield from _of_observations(base, (folder / _OBSERVATIONS).read_text(encoding="utf-8"))


def _of_source(base: str, file: str, source: str, operators: Iterable[Operator]) -> Iterator[Mutant]:
    tree = ast.parse(source)
    known = {ast.unparse(tree)}
    for operator in operators:
        made = []
        for part, at_stake in _parts(tree, file):
            may_cost = operator.may_cost & at_stake if operator.may_cost else at_stake
            texts = rewritten(tree, part, operator) if may_cost else ()
            fresh = [text for text in dict.fromkeys(texts) if text not in known and _compiles(text)]
            known.update(fresh)
            for number, text in enumerate(fresh, 1):
                made.append(Mutant(_id(base, file, _name(part), operator.name, number), base, file, text, may_cost))
        yield from _in_turn(base, made)


def _in_turn(base: str, made: list[Mutant]) -> list[Mutant]:
    """Return all that an operator does to the solution, but for another style one of it: in turns."""
    turn = BASES.index(base)
    return made if base == SOLUTION or not made else [made[turn % len(made)]]


def _of_observations(base: str, answers: str) -> Iterator[Mutant]:
    for answer in _ANSWER.finditer(answers):
        for what, line in (("drop_answer", ""), ("other_answer", f"{answer[1]} = {_OTHER.get(answer[2], '7')}")):
            text = answers[: answer.start()] + line + answers[answer.end() :]
            name = _id(base, _OBSERVATIONS, answer[1], what, 1)
            yield Mutant(name, base, _OBSERVATIONS, text, frozenset({"observations.agree"}))


def _id(base: str, file: str, part: str, operator: str, number: int) -> str:
    return f"{base.rpartition('/')[2]}/{file}:{part}:{operator}#{number}"


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


# --- what is at stake where -------------------------------------------------------------------------------------------


def _parts(tree: ast.Module, file: str) -> Iterator[tuple[ast.stmt, frozenset[str]]]:
    """Yield what a file does, piece by piece, with the criteria that depend on it."""
    stakes = _stakes(tree) if file == _SCRIPT else {}
    for part in list(tree.body):
        if file == _MODEL and isinstance(part, (ast.ClassDef, ast.Assign)):
            yield part, _OF_THE_MODEL
        elif isinstance(part, ast.If):
            yield part, _AT_STAKE["main"]
        elif isinstance(part, ast.FunctionDef):
            yield part, stakes.get(part.name, frozenset())


def _stakes(tree: ast.Module) -> dict[str, frozenset[str]]:
    """Return what is at stake in each function: a helper may cost whatever the functions that use it may cost."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    uses = {name: _names_in(node) & functions.keys() - _AT_STAKE.keys() for name, node in functions.items()}
    reached = {name: {name} for name in _AT_STAKE}
    for _ in functions:  # a chain of helpers has no more links than there are functions
        reached = {name: found.union(*(uses[each] for each in found)) for name, found in reached.items()}
    return {
        function: frozenset().union(*(_AT_STAKE[name] for name, found in reached.items() if function in found))
        for function in functions
    }


def _names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _name(part: ast.stmt) -> str:
    if isinstance(part, ast.Assign):
        return ast.unparse(part.targets[0])
    return getattr(part, "name", _PROGRAM)


# --- mutants that are right -------------------------------------------------------------------------------------------


class _Equivalents(Struct, frozen=True, forbid_unknown_fields=True):
    """Mutants that break no promise of the contract, and why."""

    why: str
    mutants: tuple[str, ...]


def equivalents(root: Path) -> dict[str, str]:
    """Return the reason, by id, for each mutant that breaks no promise; ValueError if one is there twice."""
    table = tomllib.loads((root / EQUIVALENT).read_text(encoding="utf-8"))
    reasons: dict[str, str] = {}
    for entry in convert(table["equivalent"], list[_Equivalents]):
        for name in entry.mutants:
            if name in reasons:
                raise ValueError(f"{EQUIVALENT}: {name} is there twice. Keep one of them.")
            reasons[name] = entry.why
    return reasons
