"""What the notebook promises, held against the rubric, the solution and the questions: part of ``grader check``.

The source is read as Python, so that it can be checked where no notebook can be built.
"""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import pairwise
from typing import TYPE_CHECKING

from grader.content import OBSERVATIONS, SOLUTION, Problem, lines_in_a_row, plain
from grader.notebook.source import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.content import Content

_CELL = re.compile(r'^# %% criterion="(.+?)" points=(\d+)$\n((?:^#.*\n)*)', re.MULTILINE)
_ANSWER = re.compile(r"^ *### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION$", re.MULTILINE | re.DOTALL)


def check_notebook(content: Content) -> list[Problem]:
    """Return every broken promise of the notebook."""
    promises = (check_cells_are_the_criteria, check_answers_are_the_solution, check_nothing_is_given_away)
    return [Problem(SOURCE, *broken) for promise in promises for broken in promise(content)]


def check_cells_are_the_criteria(content: Content) -> Iterator[tuple[str, str]]:
    """Promise one grade cell for each criterion, with its points and its title."""
    cells = {key: (int(points), comment) for key, points, comment in _CELL.findall(content.read(SOURCE))}
    criteria = content.rubric().criteria
    if strange := cells.keys() - {criterion.key for criterion in criteria}:
        yield f"grades what the rubric does not have: {', '.join(sorted(strange))}.", "Take these cells out."
    for criterion in criteria:
        points, comment = cells.get(criterion.key, (None, ""))
        said = " ".join(line.removeprefix("#").strip() for line in comment.splitlines())
        wanted = f"{criterion.key} ({criterion.points} points): {criterion.title}"
        if points != criterion.points or not said.startswith(wanted):
            head = f'# %% criterion="{criterion.key}" points={criterion.points}'
            yield f"{criterion.key} is missing or differs from the rubric.", f"Begin its cell: `{head}`, `# {wanted}`."


def check_answers_are_the_solution(content: Content) -> Iterator[tuple[str, str]]:
    """Promise that every function and class of the solution is an answer of the notebook, statement by statement."""
    ours = _definitions(content.read(SOURCE))
    for name in ("models.py", "transaction_script.py"):
        for defined, body in _definitions(content.read(f"{SOLUTION}/{name}")).items():
            if ours.get(defined) != body:
                yield f"{defined} is not the one of {SOLUTION}/{name}.", "Copy its body between the SOLUTION marks."
    if tomllib.loads(content.read(f"{SOLUTION}/observations.toml")) != _answered(content.read(SOURCE)):
        yield f"its observations are not those of {SOLUTION}.", "Write the same answers between the SOLUTION marks."


def check_nothing_is_given_away(content: Content) -> Iterator[tuple[str, str]]:
    """Promise that no two lines in a row of the solution stand outside of the marks that take it out."""
    secret = {pair for name in content.files(SOLUTION, ".py") for pair in lines_in_a_row(content.read(name))}
    released = _ANSWER.sub("", content.read(SOURCE))
    for pair in pairwise(plain(line) for line in released.splitlines() if line.strip()):
        if pair in secret:
            yield f"gives the solution away: `{pair[0]}`, `{pair[1]}`.", "Put these lines between the SOLUTION marks."


def _definitions(text: str) -> dict[str, list[str]]:
    """Return the statements of each function and class, without docstrings and comments."""
    return {
        node.name: [ast.unparse(part) for part in (node.body[1:] if ast.get_docstring(node) else node.body)]
        for node in ast.parse(text).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }


def _answered(text: str) -> dict[str, object]:
    """Return the last value that the source gives to each observation."""
    given = (node for node in ast.parse(text).body if isinstance(node, ast.Assign))
    values = {ast.unparse(node.targets[0]): node.value for node in given}
    return {name: ast.literal_eval(values[name]) for name in OBSERVATIONS if name in values}
