"""The content: where assignment and starter lie, and a referee that holds their parts against each other.

Each ``check_*`` function is a promise about the content; it yields a problem wherever the promise is broken.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from msgspec import Struct

from grader.judge.rubric import Rubric, RubricError, load_rubric, points_table
from grader.shipped import TRACE, with_recorder

HANDOUT = "assignment/README.md"
RUBRIC = "assignment/rubric.toml"
HINTS = "assignment/hints.md"
DESIGN = "assignment/design.md"
SOLUTION = "assignment/solution"
STARTER = "starter"

# The keys are part of every stored grade, and fixed by the contract: one may be added, none renamed.
CRITERIA = {
    "model": ("model.table", "model.required", "model.money"),
    "commit": ("commit.stored", "commit.one_transaction", "commit.ids"),
    "rollback": ("rollback.nothing_kept", "rollback.commit_failure", "rollback.error_reaches_caller"),
    "scope": ("scope.closed_after_success", "scope.closed_after_failure"),
    "flush": ("flush.ids", "flush.nothing_stored"),
    "reload": ("reload.stale", "reload.expire_all", "reload.refresh"),
    "rerun": ("script.first_run", "script.second_run", "observations.agree"),
}
ADVICE = (
    "advice.bare_except", "advice.float_money", "advice.legacy_query", "advice.session_at_import", "advice.sql_strings",
    "advice.expire_on_commit_off",
)  # fmt: skip
_COUNTED = ("rows_after_first_run", "rows_after_second_run", "rows_kept_of_failed_pair")
_SEEN = ("stale_price_was_old", "expire_all_showed_new", "refresh_showed_new", "failed_id_was_reused")
OBSERVATIONS: dict[str, type] = dict.fromkeys(_COUNTED, int) | dict.fromkeys(_SEEN, bool)
SIGNATURES = {
    "add_products": ["engine", "products"],
    "preview_ids": ["engine", "products"],
    "show_reloading": ["engine", "product_id", "change_elsewhere"],
    "main": ["database_url"],
}
MAX_SCORE = 100
FEWEST_HINTS = 3  # a nudge, something to look up, almost the answer
STUB_LENGTH = 2  # a docstring and a raise

POINTS = re.compile(r"(?<=<!-- points:begin -->\n).*?(?=<!-- points:end -->)", re.DOTALL)


class Problem(Struct, frozen=True):
    """A broken promise: the file, what is wrong in it, and the line or command that repairs it."""

    file: str
    message: str
    repair: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message} {self.repair}"


class Content(Struct, frozen=True):
    """The folder that holds ``assignment`` and ``starter``; files are named from there, with slashes."""

    root: Path

    def rubric(self) -> Rubric:
        """Return what the points are given for; RubricError if it cannot be used."""
        return load_rubric(self.root / RUBRIC)

    def tasks(self) -> list[int]:
        """Return the numbers of the tasks that earn points."""
        return sorted({criterion.task for criterion in self.rubric().criteria})

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return (self.root / name).read_text(encoding="utf-8")

    def hints(self) -> dict[int, str]:
        """Return the hints for each task, by its number."""
        sections = re.split(r"^## Task (\d+):", self.read(HINTS), flags=re.MULTILINE)
        return {int(task): text for task, text in zip(sections[1::2], sections[2::2], strict=True)}

    def files(self, folder: str, *suffixes: str) -> list[str]:
        """Return the names of all files under a folder that end in one of these, sorted."""
        found = (file for file in (self.root / folder).rglob("*") if file.suffix in suffixes)
        return sorted(file.relative_to(self.root).as_posix() for file in found)


def find_content() -> Content:
    """Return the content inside an installed package or beside it in a clone; FileNotFoundError if there is none."""
    package = Path(__file__).resolve().parent
    for root in (package / "_content", package.parent):
        if (root / RUBRIC).is_file():
            return Content(root)
    raise FileNotFoundError(f"No {RUBRIC} inside or beside {package}. Install the package again, or clone it whole.")


@cache
def rubric() -> Rubric:
    """Return what this grader gives points for; it is read once, as each grade needs it."""
    return find_content().rubric()


def check_content(content: Content) -> list[Problem]:
    """Return every broken promise, in the order of the promises."""
    try:
        content.rubric()
    except RubricError as error:
        return [Problem(RUBRIC, str(error), "Nothing else was checked.")]
    return [problem for promise in PROMISES for problem in promise(content)]


def write_points_table(content: Content) -> bool:
    """Write the table of points into the handout anew; return whether it was stale."""
    old = content.read(HANDOUT)
    table = points_table(content.rubric())
    new = POINTS.sub(lambda _: table, old)
    (content.root / HANDOUT).write_text(new, encoding="utf-8", newline="\n")
    return new != old


def check_points_add_up(content: Content) -> Iterator[Problem]:
    """Promise that all criteria together give a hundred points."""
    if (score := content.rubric().max_score) != MAX_SCORE:
        yield Problem(RUBRIC, f"the points add up to {score}.", f"Change `points` until they are {MAX_SCORE}.")


def check_keys_match_the_contract(content: Content) -> Iterator[Problem]:
    """Promise the keys of the contract, in its order, each under its concept."""
    rubric = content.rubric()
    if [concept.key for concept in rubric.concepts] != list(CRITERIA):
        yield Problem(RUBRIC, "its concepts are not the contract's.", f"They are, in order: {', '.join(CRITERIA)}.")
    for concept, keys in CRITERIA.items():
        if tuple(criterion.key for criterion in rubric.criteria_of(concept)) != keys:
            message = f"its criteria of {concept} are not the contract's."
            yield Problem(RUBRIC, message, f"They are, in order: {', '.join(keys)}.")
    if tuple(advice.key for advice in rubric.advice) != ADVICE:
        yield Problem(RUBRIC, "its advice is not the contract's.", f"It is, in order: {', '.join(ADVICE)}.")


def check_every_criterion_has_a_hint(content: Content) -> Iterator[Problem]:
    """Promise every criterion a title, and a hint that says more than the title."""
    for criterion in content.rubric().criteria:
        if not criterion.title.strip() or criterion.hint.strip() in {"", criterion.title.strip()}:
            yield Problem(RUBRIC, f"{criterion.key} lacks a title or a hint.", "Write one sentence: what to look at.")


def check_handout_table_is_fresh(content: Content) -> Iterator[Problem]:
    """Promise that the table of points in the handout is the one that the rubric gives."""
    found = POINTS.search(content.read(HANDOUT))
    if found is None:
        yield Problem(HANDOUT, "has no place for the points.", "Add `<!-- points:begin -->` and `<!-- points:end -->`.")
    elif found.group() != points_table(content.rubric()):
        yield Problem(HANDOUT, "its table of points is not the rubric's.", "Run `grader check --fix`.")


def check_handout_describes_every_task(content: Content) -> Iterator[Problem]:
    """Promise every task that earns points a heading in the handout."""
    for task in content.tasks():
        if f"### Task {task}:" not in content.read(HANDOUT):
            yield Problem(HANDOUT, f"task {task} is not described.", f"Add the heading `### Task {task}:`.")


def check_hints_cover_every_task(content: Content) -> Iterator[Problem]:
    """Promise hints for every task, from a nudge to almost the answer."""
    for task in content.tasks():
        if (count := content.hints().get(task, "").count("<details>")) < FEWEST_HINTS:
            repair = f"Write at least {FEWEST_HINTS} `<details>` under `## Task {task}:`."
            yield Problem(HINTS, f"task {task} has {count} hints.", repair)


def check_rubric_points_into_the_hints(content: Content) -> Iterator[Problem]:
    """Promise every concept its praise, and every criterion a section of its task's hints to read on in."""
    rubric, sections = content.rubric(), content.hints()
    for concept in rubric.concepts:
        if not concept.praise.strip():
            yield Problem(RUBRIC, f"{concept.key} has no praise.", "Write what works where all of it is right.")
    for criterion in rubric.criteria:
        if f"<summary>{criterion.section}</summary>" not in sections.get(criterion.task, ""):
            message = f"{criterion.key} points to {criterion.section!r}, which the hints for its task do not have."
            yield Problem(RUBRIC, message, f"Name a `<summary>` under `## Task {criterion.task}:` in {HINTS}.")


def check_design_agrees_with_the_rubric(content: Content) -> Iterator[Problem]:
    """Promise that the page for instructors places every criterion and knows the weight of every concept."""
    rubric, design = content.rubric(), content.read(DESIGN)
    for criterion in rubric.criteria:
        if f"`{criterion.key}`" not in design:
            yield Problem(DESIGN, f"{criterion.key} is not placed.", "Add it to the table `What covers what`.")
    for concept in rubric.concepts:
        points = sum(criterion.points for criterion in rubric.criteria_of(concept.key))
        if f"| {concept.key} | {points} |" not in design:
            yield Problem(DESIGN, f"{concept.key} is not worth {points} in it.", "Correct the table `Why each weight`.")


def check_starter_has_todos(content: Content) -> Iterator[Problem]:
    """Promise that the starter marks where every task begins, and that no function is written yet."""
    names = ("models.py", "transaction_script.py", "observations.toml")
    text = "\n".join(content.read(f"{STARTER}/{name}") for name in names)
    for task in content.tasks():
        if f"TODO {task}:" not in text:
            yield Problem(STARTER, f"task {task} has no TODO.", f"Write `TODO {task}:` where it begins.")
    script = f"{STARTER}/transaction_script.py"
    for function in functions_of(content.read(script)):
        if len(function.body) != STUB_LENGTH or not isinstance(function.body[-1], ast.Raise):
            repair = "Leave its docstring and `raise NotImplementedError`."
            yield Problem(script, f"{function.name} is already written.", repair)


def check_starter_asks_for_every_observation(content: Content) -> Iterator[Problem]:
    """Promise that the starter names every observation, commented out, and answers none."""
    name = f"{STARTER}/observations.toml"
    text = content.read(name)
    for key in tomllib.loads(text):
        yield Problem(name, f"{key} is answered.", f"Comment it out: `# {key} =`.")
    for key in OBSERVATIONS:
        if f"# {key} =\n" not in text:
            yield Problem(name, f"{key} is not asked for.", f"Add the line `# {key} =`.")


def check_starter_gives_nothing_away(content: Content) -> Iterator[Problem]:
    """Promise that no two lines in a row of the solution stand in the starter or in the handout."""
    secret = {pair for name in content.files(SOLUTION, ".py") for pair in lines_in_a_row(content.read(name))}
    for name in [HANDOUT, *content.files(STARTER, ".py", ".md", ".toml", ".yml")]:
        lines = [plain(line) for line in content.read(name).splitlines() if line.strip()]
        for first, second in pairwise(lines):
            if (first, second) in secret:
                yield Problem(name, f"gives the solution away: `{first}`, `{second}`.", "Take these lines out.")


def check_starter_has_the_recorder_of_the_grade(content: Content) -> Iterator[Problem]:
    """Promise that students see their sessions by the recorder that the grade sees them by, byte for byte."""
    if content.read(TRACE) != with_recorder(content.read(TRACE)):
        yield Problem(TRACE, "its recorder is not the grader's.", "Run `.venv/bin/python -m grader.shipped`.")


def check_solution_keeps_the_signatures(content: Content) -> Iterator[Problem]:
    """Promise that solution and starter have the four functions, with the arguments of the contract."""
    for name in (f"{SOLUTION}/transaction_script.py", f"{STARTER}/transaction_script.py"):
        found = {f.name: [argument.arg for argument in f.args.args] for f in functions_of(content.read(name))}
        for function, arguments in SIGNATURES.items():
            if found.get(function) != arguments:
                repair = f"Write `def {function}({', '.join(arguments)})`."
                yield Problem(name, f"{function} is missing or has other arguments.", repair)


def check_solution_answers_every_observation(content: Content) -> Iterator[Problem]:
    """Promise that the solution answers every observation, each with a value of the right type."""
    name = f"{SOLUTION}/observations.toml"
    answers = tomllib.loads(content.read(name))
    for key, kind in OBSERVATIONS.items():
        if type(answers.get(key)) is not kind:
            yield Problem(name, f"{key} is not answered by a {kind.__name__}.", f"Add the line `{key} = ...`.")


PROMISES: tuple[Callable[[Content], Iterator[Problem]], ...] = (
    check_points_add_up,
    check_keys_match_the_contract,
    check_every_criterion_has_a_hint,
    check_handout_table_is_fresh,
    check_handout_describes_every_task,
    check_hints_cover_every_task,
    check_rubric_points_into_the_hints,
    check_design_agrees_with_the_rubric,
    check_starter_has_todos,
    check_starter_asks_for_every_observation,
    check_starter_gives_nothing_away,
    check_starter_has_the_recorder_of_the_grade,
    check_solution_keeps_the_signatures,
    check_solution_answers_every_observation,
)


def functions_of(text: str) -> list[ast.FunctionDef]:
    """Return the functions at the top of a Python source."""
    return [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]


def plain(line: str) -> str:
    """Return a line without what a formatter may change."""
    return line.strip().replace('"', "'")


def lines_in_a_row(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line of code inside a function or class with the one after it, docstrings left out."""
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            code = node.body[1:] if ast.get_docstring(node) else node.body
            yield from pairwise(plain(line) for part in code for line in ast.unparse(part).splitlines())
