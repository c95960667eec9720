"""The referee of the content finds every fault that is planted in a copy of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec import Struct

from grader import content as referee
from grader.content import DESIGN, HANDOUT, HINTS, RUBRIC, SOLUTION, STARTER, Content, check_content, find_content
from grader.judge.rubric import RubricError, load_rubric, points_table

STARTER_SCRIPT = f"{STARTER}/transaction_script.py"
STARTER_OBSERVATIONS = f"{STARTER}/observations.toml"
SOLUTION_SCRIPT = f"{SOLUTION}/transaction_script.py"
SOLUTION_OBSERVATIONS = f"{SOLUTION}/observations.toml"


class Fault(Struct, frozen=True):
    """A passage that is replaced, the promise that this breaks, and what the problem says."""

    file: str
    old: str
    new: str
    promise: str
    message: str


FAULTS = [
    Fault(
        f"{STARTER}/session_trace.py",
        'self._session("created", session)',
        "pass",
        "starter_has_the_recorder_of_the_grade",
        "not the grader's",
    ),
    Fault(RUBRIC, "points = 14", "points = 13", "points_add_up", "add up to 99"),
    Fault(RUBRIC, '"commit.ids"', '"commit.id"', "keys_match_the_contract", "criteria of commit"),
    Fault(RUBRIC, 'concept = "flush"', 'concept = "scope"', "keys_match_the_contract", "criteria of flush"),
    Fault(RUBRIC, '"advice.float_money"', '"advice.money"', "keys_match_the_contract", "its advice"),
    Fault(RUBRIC, '[[concept]]\nkey = "model"', '[[concept]]\nkey = "new"\ntitle = "New"\n\n[[concept]]\nkey = "model"',
          "keys_match_the_contract", "its concepts"),
    Fault(RUBRIC, 'hint = "Look at when', 'hint = ""\n# ', "every_criterion_has_a_hint", "commit.ids lacks"),
    Fault(RUBRIC, 'title = "A price', 'title = "Money', "handout_table_is_fresh", "not the rubric's"),
    Fault(HANDOUT, "<!-- points:end -->", "", "handout_table_is_fresh", "no place for the points"),
    Fault(HANDOUT, "### Task 3:", "### Third:", "handout_describes_every_task", "task 3 is not described"),
    Fault(HINTS, "## Task 5:", "## Script:", "hints_cover_every_task", "task 5 has 0 hints"),
    Fault(HINTS, "<summary>About money", "<summary>Money", "rubric_points_into_the_hints",
          "model.money points to 'About money'"),
    Fault(RUBRIC, 'praise = "You close', 'praise = ""\n# ', "rubric_points_into_the_hints", "scope has no praise"),
    Fault(DESIGN, "`flush.ids`", "the ids", "design_agrees_with_the_rubric", "flush.ids is not placed"),
    Fault(DESIGN, "| scope | 10 |", "| scope | 12 |", "design_agrees_with_the_rubric", "scope is not worth 10"),
    Fault(f"{STARTER}/models.py", "TODO 1:", "Task 1:", "starter_has_todos", "task 1 has no TODO"),
    Fault(STARTER_SCRIPT, "raise NotImplementedError", "return", "starter_has_todos", "add_products is already"),
    Fault(STARTER_OBSERVATIONS, "# stale_price_was_old =", "stale_price_was_old = true",
          "starter_asks_for_every_observation", "stale_price_was_old is answered"),
    Fault(STARTER_OBSERVATIONS, "# failed_id_was_reused =", "#",
          "starter_asks_for_every_observation", "failed_id_was_reused is not asked for"),
    Fault(SOLUTION_SCRIPT, "preview_ids(engine: Engine, products", "preview_ids(engine: Engine, rows",
          "solution_keeps_the_signatures", "preview_ids is missing"),
    Fault(STARTER_SCRIPT, "def main(", "def run(", "solution_keeps_the_signatures", "main is missing"),
    Fault(SOLUTION_OBSERVATIONS, "rows_after_first_run = 2", "",
          "solution_answers_every_observation", "rows_after_first_run is not answered"),
    Fault(SOLUTION_OBSERVATIONS, "was_old = true", "was_old = 1",
          "solution_answers_every_observation", "stale_price_was_old is not answered by a bool"),
]  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Content:
    """Return a copy of the content in which a fault may be planted."""
    for folder in ("assignment", "starter"):
        shutil.copytree(find_content().root / folder, tmp_path / folder)
    return Content(tmp_path)


def plant(copy: Content, name: str, old: str, new: str) -> None:
    """Replace one passage of a file that is there."""
    text = copy.read(name)
    assert old in text
    (copy.root / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_content_keeps_every_promise() -> None:
    """The content as it is has no problem."""
    assert check_content(find_content()) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.message)
def test_planted_fault_is_found(copy: Content, fault: Fault) -> None:
    """A fault breaks its promise, and the problem says what is wrong and how to repair it."""
    plant(copy, fault.file, fault.old, fault.new)
    problems = list(getattr(referee, f"check_{fault.promise}")(copy))
    assert any(fault.message in problem.message and problem.repair for problem in problems)


@pytest.mark.parametrize("file", [HANDOUT, f"{STARTER}/README.md", f"{STARTER}/tests/shop.py", STARTER_SCRIPT])
def test_leaked_solution_is_found(copy: Content, file: str) -> None:
    """Two lines of the solution in a row are found wherever students can read them."""
    leak = "    rows = [Product(**product) for product in products]\n    session.add_all(rows)\n"
    (copy.root / file).write_text(copy.read(file) + "\n\ndef leak(session, products):\n" + leak, encoding="utf-8")
    problems = list(referee.check_starter_gives_nothing_away(copy))
    assert [problem.file for problem in problems] == [file]


def test_leaked_model_is_found(copy: Content) -> None:
    """Columns of the solution's model are found as well, whatever quotes they have."""
    leak = "    __tablename__ = 'products'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    plant(copy, f"{STARTER}/models.py", "class Product:\n", f"class Product:\n{leak}")
    assert list(referee.check_starter_gives_nothing_away(copy))


def test_unusable_rubric_is_one_problem(copy: Content) -> None:
    """Where the rubric cannot be read, that is the only problem reported."""
    (copy.root / RUBRIC).write_text("[[criterion]", encoding="utf-8")
    (problem,) = check_content(copy)
    assert str(problem).startswith(RUBRIC)


def test_stale_table_is_written_anew(copy: Content) -> None:
    """The table in the handout can be written from the rubric, and then it is fresh."""
    plant(copy, RUBRIC, 'title = "A price', 'title = "Each price')
    assert referee.write_points_table(copy)
    assert list(referee.check_handout_table_is_fresh(copy)) == []


def test_fresh_table_is_left_alone(copy: Content) -> None:
    """Writing the table again changes nothing."""
    before = copy.read(HANDOUT)
    assert not referee.write_points_table(copy)
    assert copy.read(HANDOUT) == before


def test_content_is_found_inside_an_installed_package(copy: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a wheel the content lies in the package itself."""
    package = copy.root / "site-packages" / "grader"
    shutil.copytree(copy.root / "assignment", package / "_content" / "assignment")
    monkeypatch.setattr(referee, "__file__", str(package / "content.py"))
    assert find_content().root == package / "_content"


def test_missing_content_says_how_to_repair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without content asks to be installed again."""
    monkeypatch.setattr(referee, "__file__", str(tmp_path / "grader" / "content.py"))
    with pytest.raises(FileNotFoundError, match="Install the package again"):
        find_content()


def test_points_table_has_a_line_for_each_criterion_and_the_sum() -> None:
    """The table lists every key once, and ends with the sum."""
    rubric = find_content().rubric()
    table = points_table(rubric)
    assert all(table.count(f"`{criterion.key}`") == 1 for criterion in rubric.criteria)
    assert table.splitlines()[-1] == "| | | **Sum** | | **100** |"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("points = 14", 'points = "many"', "the criterion 'rollback.nothing_kept'"),
        ("points = 14", "points = 0", "rollback.nothing_kept: points and task"),
        ("points = 14", "points = 14\nweight = 2", "weight"),
        ("points = 14\n", "", "points"),
        ('concept = "flush"', 'concept = "push"', "no concept 'push'"),
        ('"commit.ids"', '"commit.stored"', "'commit.stored' is there twice"),
        ('key = "advice.bare_except"', "key = 3", r"advice\[0\]"),
        ("[[concept]]", "[[concept]", "is not TOML"),
    ],
)
def test_faulty_rubric_names_file_and_key(copy: Content, old: str, new: str, message: str) -> None:
    """A rubric that cannot be used is refused with its file and the entry."""
    plant(copy, RUBRIC, old, new)
    with pytest.raises(RubricError, match=rf"rubric\.toml: .*{message}"):
        copy.rubric()


def test_rubric_without_criteria_is_refused(tmp_path: Path) -> None:
    """A rubric needs all three kinds of entries, as lists."""
    (tmp_path / "rubric.toml").write_text("concept = 1", encoding="utf-8")
    with pytest.raises(RubricError, match="concept"):
        load_rubric(tmp_path / "rubric.toml")


def test_missing_rubric_is_named(tmp_path: Path) -> None:
    """A rubric that is not there is named with its path."""
    with pytest.raises(RubricError, match="cannot be read"):
        load_rubric(tmp_path / "rubric.toml")
