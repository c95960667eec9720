"""The files of a submission are made of the cells of a notebook: whose cells, which statements, which lines."""

from __future__ import annotations

import tomllib

import pytest

from grader.notebook.cells import Cell, read
from grader.notebook.composing import Composed, compose

MODELS = "class Base: ...\nclass Product(Base): ..."
SETUP = "from decimal import Decimal\nfrom sqlalchemy.orm import Session"
ADD = "def add_products(engine, products):\n    return []"


def composed(*cells: tuple[str, str], only_what_is_used: bool = False) -> Composed:
    """Return the files of a notebook with these cells, which are pairs of a name and a source."""
    return compose([read(name, source) for name, source in cells], only_what_is_used=only_what_is_used)


def script(*cells: tuple[str, str], only_what_is_used: bool = False) -> str:
    """Return the transaction_script.py of a notebook with these cells."""
    return composed(*cells, only_what_is_used=only_what_is_used).files["transaction_script.py"]


def test_an_answer_is_in_its_file_as_it_stands() -> None:
    """The text of an answer, comments included, is part of its file."""
    assert MODELS in composed(("models", MODELS)).files["models.py"]


def test_what_an_answer_uses_comes_from_other_cells() -> None:
    """An import, a function and a value of other cells are taken where an answer uses them."""
    helper = "LIMIT = 3\ndef limit(): return LIMIT"
    made = script(
        ("setup", SETUP), ("", helper), ("add_products", "def add_products(e, p): return Session(e), limit()")
    )
    assert "from sqlalchemy.orm import Session" in made
    assert helper in made


def test_what_no_answer_uses_stays_out() -> None:
    """A cell for trying things out is no part of the submission, also where it names what functions call their own."""
    trial = "session = Session(engine)\nproduct = 1 / 0\nprint(session)"
    answer = "def add_products(engine, products):\n    session = None\n    return [product for product in products]"
    made = script(("", trial), ("add_products", answer))
    assert "1 / 0" not in made
    assert "Session(engine)" not in made


def test_calls_for_trying_out_stay_out_of_an_answer() -> None:
    """Calls of the four functions at the top of an answer are left out, and its other lines stay where they are."""
    made = composed(("add_products", f"{ADD}\n\nids = add_products(engine, [])\nfor i in range(2): main()\nKEPT = 1"))
    text = made.files["transaction_script.py"]
    assert "ids =" not in text
    assert "range(2)" not in text
    assert made.origin("transaction_script.py", text.split("\n").index("KEPT = 1") + 1) == ("add_products", 6)


def test_calls_inside_of_functions_stay() -> None:
    """A function that calls one of the four keeps its call."""
    assert "    add_products(e, [])" in script(("main", "def main(e=1):\n    add_products(e, [])"))


def test_models_come_from_their_module() -> None:
    """What the answer to the first task defines is imported by the script, not written out a second time."""
    made = script(("models", MODELS), ("add_products", "def add_products(e, p): return Product, Base"))
    assert "from models import Base, Product" in made
    assert "class Product" not in made


def test_the_last_binding_counts() -> None:
    """Of two cells that bind a name, the lower one counts, as it does when a notebook is run from top to bottom."""
    made = script(("", "RATE = 1"), ("", "RATE = 2"), ("add_products", "def add_products(e, p): return RATE"))
    assert "RATE = 2" in made
    assert "RATE = 1" not in made


def test_an_answer_in_a_cell_of_ones_own_counts() -> None:
    """A function that was written into another cell is found by its name."""
    assert ADD in script(("", ADD))


def test_the_script_is_a_program() -> None:
    """The script calls main when it is run, unless the student said so already."""
    own = 'if __name__ == "__main__":\n    main("x")'
    assert script(("main", "def main(url): ...")).count("__main__") == 1
    assert script(("main", f"def main(url): ...\n{own}")).count("__main__") == 1


def test_future_imports_come_first() -> None:
    """What switches on a feature of Python stands in the first line of a file, wherever its cell is."""
    made = script(("", "x = 1"), ("add_products", f"from __future__ import annotations\n{ADD}"))
    assert made.startswith("from __future__ import annotations\n")
    assert made.count("__future__") == 1


def test_lines_for_the_notebook_alone_are_left_out() -> None:
    """Magics and shell commands do no harm to the Python beside them."""
    made = script(("add_products", f"%load_ext sql\n!pip install x\n{ADD}"))
    compile(made, "script", "exec")
    assert ADD in made


def test_percent_signs_in_python_stay() -> None:
    """A line of a text that begins with a percent sign is no magic."""
    source = 'def add_products(e, p):\n    return """\n%d\n"""'
    assert source in script(("add_products", source))


@pytest.mark.parametrize("source", ["def add_products(:", "return 1", "x = (", "\0"])
def test_a_cell_that_is_not_python_is_left_out_alone(source: str) -> None:
    """A cell that Python refuses says why, and the cells beside it stay."""
    assert read("add_products", source).problem
    assert "def main" in script(("add_products", source), ("main", "def main(): ..."))


def test_a_cell_that_is_too_deep_is_left_out() -> None:
    """A cell that Python gives up on is refused like any other that it cannot read."""
    assert read("", "x = " + "-" * 60_000 + "1").problem


def test_a_cell_that_is_too_long_is_left_out() -> None:
    """A cell that no file could hold is not even looked into."""
    assert read("", "x = 1\n" * 20_000) == Cell("", problem="it is longer than 65536 characters")


def test_only_what_is_used_can_be_taken() -> None:
    """What stands beside the definitions of an answer is left out on demand: a crash there costs nothing else."""
    crash = f"import os\nos._exit(3)\nwhile True: pass\n{ADD}"
    made = script(("add_products", crash), only_what_is_used=True)
    assert ADD in made
    assert "_exit" not in made
    assert "while" not in made


def test_what_is_for_the_checks_stays_out() -> None:
    """The helpers of the checks are not there when a grade is made, so that only what uses them fails."""
    made = script(("setup", "from practice import cents"), ("add_products", "def add_products(e, p): return cents(1)"))
    assert "practice" not in made


def test_star_imports_of_what_is_there_are_kept() -> None:
    """A star import may be where a name comes from."""
    assert "from sqlalchemy import *" in script(("", "from sqlalchemy import *\nfrom mine import *"))
    assert "from mine" not in script(("", "from sqlalchemy import *\nfrom mine import *"))


def test_observations_are_written_as_toml() -> None:
    """Numbers, truth and texts of the questions' cell arrive as TOML; what was not answered does not."""
    cell = "a = 2\nb = True\nc = None\nd = len('x')\ne = 'it\"s'\na = 3\nf = 10**4\ng = -1.5"
    text = composed(("observations", cell)).files["observations.toml"]
    assert tomllib.loads(text) == {"a": 3, "b": True, "e": 'it"s', "g": -1.5}


def test_lines_are_traced_back_to_their_cells() -> None:
    """Each line of a file names its cell and its line there; lines of ours, and others, name none."""
    made = composed(("add_products", f"# a comment\n{ADD}"))
    lines = made.files["transaction_script.py"].split("\n")
    assert made.origin("transaction_script.py", lines.index("    return []") + 1) == ("add_products", 3)
    assert made.origin("transaction_script.py", 10_000) is None
    assert made.origin("elsewhere.py", 1) is None
