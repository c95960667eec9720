"""How a submission's modules are imported: afresh for each call, as written, and with its functions watched."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from conftest import REFERENCE, Bench, Done, Place
from grader.observe.child.loading import WATCHED, watched_code
from grader.observe.child.request import Invocation

ENGINE = "from sqlalchemy import create_engine\n"


def calls(done: Done) -> list[str]:
    """Return the names of the watched functions that were called."""
    return [step.text or "" for step in done.claims if step.kind == "call" and step.text != "import"]


# --- what is watched --------------------------------------------------------------------------------------------------

BINDINGS = {
    "def": "def add_products(engine, products): return 7",
    "async machinery around it": "async def other(): ...\ndef add_products(engine, products): return 7",
    "lambda": "add_products = lambda engine, products: 7",
    "annotated": "from typing import Any\nadd_products: Any = lambda engine, products: 7",
    "annotated first": "from typing import Any\nadd_products: Any\ndef add_products(engine, products): return 7",
    "partial": "from functools import partial\ndef f(n, engine, products): return n\nadd_products = partial(f, 7)",
    "other name": "def store(engine, products): return 7\nadd_products = store",
    "two names": "def store(engine, products): return 7\nput = add_products = store",
    "tuple": "def make(): return (lambda engine, products: 7), None\nadd_products, nothing = make()",
    "twice": "def add_products(engine, products): return 6\ndef add_products(engine, products): return 7",
    "wrapped later": "def twice(f): return lambda *a: f(*a)\ndef add_products(engine, products): return 7\n"
    "add_products.note = 1",
    "decorator": "import functools\ndef log(f):\n    @functools.wraps(f)\n    def w(*a): return f(*a)\n    return w\n"
    "@log\ndef add_products(engine, products): return 7",
    "condition": "if True:\n    def add_products(engine, products): return 7\nelse:\n    add_products = None",
    "other branch": "if False:\n    add_products = None\nelse:\n    def add_products(engine, products): return 7",
    "try": "try:\n    from nowhere import add_products\nexcept ImportError:\n    add_products = lambda *_: 7",
    "finally": "try:\n    pass\nfinally:\n    def add_products(engine, products): return 7",
    "loop": "for n in (6, 7):\n    def add_products(engine, products, n=n): return n",
    "with": "import contextlib\nwith contextlib.nullcontext():\n    def add_products(engine, products): return 7",
    "match": "match 1:\n    case 1:\n        def add_products(engine, products): return 7",
    "class": "class add_products:\n    def __new__(cls, engine, products): return 7",
    "method": "class Shop:\n    def add_products(self, engine, products): return 7\nadd_products = Shop().add_products",
    "object": "class Adder:\n    def __call__(self, engine, products): return 7\nadd_products = Adder()",
    "import": "from shop import add_products",
    "import as": "from shop import store as add_products",
    "import star": "from shop import *",
    "package": "from store import add_products",
    "relative": "from store.inner import add_products",
    "module attribute": "import shop\nadd_products = shop.add_products",
    "globals": "globals()['add_products'] = lambda engine, products: 7",
    "globals in a loop": "for name in ('add_products',):\n    globals()[name] = lambda engine, products: 7",
    "walrus": "print((add_products := lambda engine, products: 7) is None)",
    "setattr": "import sys\nsetattr(sys.modules[__name__], 'add_products', lambda engine, products: 7)",
    "exec": "exec('def add_products(engine, products): return 7')",
    "global in a function": "def make():\n    global add_products\n    add_products = lambda *_: 7\nmake()",
    "publishing decorator": "def publish(f): globals()['add_products'] = f\n@publish\ndef store(*_): return 7",
    "module's getattr": "def __getattr__(name):\n    if name != 'add_products': raise AttributeError\n"
    "    return lambda *_: 7",
    "other module": "import sys\nclass Shop:\n    def add_products(self, *_): return 7\nsys.modules[__name__] = Shop()",
}
HELPERS = {
    "shop.py": "def add_products(engine, products): return 7\ndef store(engine, products): return 7\n",
    "store/__init__.py": "from .inner import add_products\n",
    "store/inner.py": "from shop import add_products\n",
}


@pytest.mark.parametrize("binding", BINDINGS)
def test_call_is_seen_once_wherever_the_function_lives(place: Place, binding: str) -> None:
    """However a script comes by the function, a call of it is seen once, and returns what it returns."""
    done = place.script(BINDINGS[binding] + "\n", files=HELPERS)
    assert (done.value, calls(done)) == (7, ["add_products"])


HIDDEN = (
    "globals",
    "globals in a loop",
    "walrus",
    "setattr",
    "exec",
    "global in a function",
    "publishing decorator",
    "import star",
)


@pytest.mark.parametrize("binding", HIDDEN)
def test_program_is_seen_to_call_what_it_bound_out_of_sight(place: Place, binding: str) -> None:
    """A program's own call is seen, also of a function whose name no statement of the script binds openly."""
    source = BINDINGS[binding] + "\nif __name__ == '__main__':\n    add_products(None, [])\n"
    assert calls(place.script(source, "program", files=HELPERS, found={})) == ["add_products"]


def test_watched_object_keeps_what_it_knows(place: Place) -> None:
    """A callable object answers for its attributes, methods, class and deletions as itself."""
    source = """
    class Till:
        def __init__(self): self.count = 0
        def __call__(self, engine, products): self.count += 1
        def double(self): self.count *= 2
    add_products = Till()
    def preview_ids(engine, products):
        add_products(engine, products)
        add_products.double()
        add_products.note = 5
        seen = [add_products.count, add_products.note, isinstance(add_products, Till)]
        del add_products.note
        return [*seen, hasattr(add_products, "note")]
    """
    assert place.script(source, "preview_ids").value == [2, 5, True, False]


def test_functions_that_call_each_other_are_each_seen(place: Place) -> None:
    """A watched function that calls another is seen with the other inside."""
    source = """
    def preview_ids(engine, products): return [1]
    def add_products(engine, products): return preview_ids(engine, products)
    """
    done = place.script(source)
    told = [(step.kind, (step.text or "").partition(":")[0]) for step in done.claims if step.text != "import"]
    assert told == [
        *(("call", "add_products"), ("call", "preview_ids")),
        *(("returned", "preview_ids"), ("returned", "add_products")),
    ]


def test_wrong_kind_of_thing_is_left_alone(place: Place) -> None:
    """A name bound to something that cannot be called stays what it is, and the call's error is Python's."""
    done = place.script("add_products = 5")
    assert done.answer.trouble is not None
    assert (done.answer.kind, done.answer.trouble.type, calls(done)) == ("raised", "TypeError", [])


def test_missing_function_is_told(place: Place) -> None:
    """A script without the function, or with None in its place, has none."""
    assert place.script("x = 1").answer.kind == "missing"
    assert place.script("add_products = None").answer.kind == "missing"


def test_methods_of_the_same_name_are_not_watched(place: Place) -> None:
    """A method called like a watched function is no such function."""
    source = """
    class Shop:
        def preview_ids(self): return 7
    def add_products(engine, products): return Shop().preview_ids()
    """
    done = place.script(source)
    assert (done.value, calls(done)) == (7, ["add_products"])


LOOKS = {
    "__name__": "add_products.__name__",
    "__qualname__": "add_products.__qualname__",
    "__doc__": "add_products.__doc__",
    "__module__": "add_products.__module__",
    "signature": "str(inspect.signature(add_products))",
    "hints": "str(typing.get_type_hints(add_products))",
    "annotations": "str(add_products.__annotations__)",
    "attribute": "add_products.note",
    "callable": "callable(add_products)",
    "wraps": "functools.wraps(add_products)(lambda: 1).__qualname__",
    "source": "inspect.getsource(add_products)",
    "as a value": "{add_products: 1}[add_products]",
}


@pytest.mark.parametrize("look", LOOKS)
def test_watched_function_looks_like_the_function(place: Place, look: str) -> None:
    """What a script may ask of its own function is answered as by the function itself."""
    source = f"""
    import functools, inspect, typing
    def add_products(engine, products: list) -> list:
        "Store all products."
        return 7
    add_products.note = 1
    def preview_ids(engine, products):
        return {LOOKS[look]}
    """
    names: dict[str, Any] = {"__name__": "transaction_script"}
    plain = textwrap.dedent(source).replace("inspect.getsource(add_products)", "''")
    exec(compile(plain, "", "exec", dont_inherit=True), names)  # noqa: S102  # the source as Python alone takes it
    expected = names["preview_ids"](None, None)
    told = place.script(source, "preview_ids").value
    assert told == expected or (look == "source" and "Store all products" in told)


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("binding", BINDINGS)
def test_lines_keep_their_numbers(binding: str) -> None:
    """Watching adds no line: every statement of the student's has the number that it was written on."""
    source = BINDINGS[binding]
    watched = watched_code(source.encode(), "transaction_script.py")
    plain = compile(source, "transaction_script.py", "exec", dont_inherit=True)
    assert {line for _, _, line in watched.co_lines()} <= {line for _, _, line in plain.co_lines()}


def test_traceback_names_the_line_of_the_student(place: Place) -> None:
    """An error deep in a helper names file, line and text of the student's source."""
    script = "\n\nfrom shop import work\n\ndef add_products(engine, products):\n    return work()\n"
    done = place.script(script, files={"shop.py": "# a shop\n\ndef work():\n    return 1 / 0\n"})
    assert done.answer.trouble is not None
    assert (done.answer.trouble.file, done.answer.trouble.line) == ("shop.py", 4)


def test_source_is_found_for_tracebacks(place: Place) -> None:
    """A traceback that a script prints shows its own source lines."""
    source = """
    import traceback
    def add_products(engine, products):
        try:
            1 / 0  # the till is empty
        except ZeroDivisionError:
            return traceback.format_exc()
    """
    assert "1 / 0  # the till is empty" in place.script(source).value


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("x = 1\ndef f(:\n", "SyntaxError", 2),
        ("if True:\nx = 1\n", "IndentationError", 2),
        ("x = 1\n\nreturn x\n", "SyntaxError", 3),
        ("\n\n\nimport nowhere\n", "ModuleNotFoundError", 4),
        ("\nfrom models import Nothing\n", "ImportError", 2),
        ("\n\nraise SystemExit(3)\n", "SystemExit", 3),
        ("\nimport shop\n", "SyntaxError", 3),
    ],
)
def test_module_that_cannot_be_imported_says_where(place: Place, source: str, kind: str, line: int) -> None:
    """What keeps a script from being imported is told with the line of the file to blame."""
    done = place.script(source, files={"shop.py": "\n\nx = = 1\n"})
    assert done.answer.trouble is not None
    assert (done.answer.kind, done.answer.trouble.type, done.answer.trouble.line) == ("unimportable", kind, line)


# --- modules ----------------------------------------------------------------------------------------------------------


def value(place: Place, source: str, files: dict[str, str] | None = None) -> Any:  # noqa: ANN401  # any
    """Return what ``add_products`` of a script returns."""
    return place.script(source, files=files or {}).value


def test_modules_are_forgotten_between_calls(place: Place) -> None:
    """A second call in the same process finds every module as a new program would."""
    files = {"shop.py": "count = 0\n", "store/__init__.py": "", "store/rows.py": "count = 0\n"}
    source = """
    import shop
    from store import rows
    count = 0
    def add_products(engine, products):
        global count
        count += 1; shop.count += 1; rows.count += 1
        return [count, shop.count, rows.count]
    """
    assert [value(place, source, files) for _ in range(2)] == [[1, 1, 1]] * 2


def test_later_call_sees_its_own_files(place: Place) -> None:
    """Where the second call brings another helper of the same name, that one is imported."""
    source = "from shop import name\ndef add_products(engine, products): return name\n"
    assert value(place, source, {"shop.py": "name = 'first'\n"}) == "first"
    assert value(place, source, {"shop.py": "name = 'second'\n"}) == "second"
    assert place.script(source).answer.kind == "unimportable"


@pytest.mark.parametrize("name", ["json", "sqlalchemy", "decimal", "typing", "sys", "sqlite3"])
def test_own_module_does_not_take_the_place_of_a_known_one(place: Place, name: str) -> None:
    """A helper called like a module that is loaded breaks nothing."""
    source = f"import {name}\ndef add_products(engine, products): return hasattr({name}, 'mine')\n"
    assert value(place, source, {f"{name}.py": "mine = 1\n"}) is False


@pytest.mark.parametrize(
    "name",
    ["database", "plan", "reading", "sandbox", "observer", "submission", "shop", "inventory", "wire", "driver", "db"],
)
def test_own_module_has_its_name_for_itself(bench: Bench, name: str) -> None:
    """A helper with a name that the grader uses for itself is the student's."""
    source = f"import {name}\ndef add_products(engine, products): return {name}.mine\n"
    assert bench.script(source, files={f"{name}.py": "mine = 7\n"}).value == 7


@pytest.mark.parametrize("name", ["database", "sandbox", "shop"])
def test_own_folder_has_its_name_for_itself(bench: Bench, name: str) -> None:
    """A folder without ``__init__.py`` with such a name is the student's as well."""
    source = f"from {name} import rows\ndef add_products(engine, products): return rows.mine\n"
    assert bench.script(source, files={f"{name}/rows.py": "mine = 7\n"}).value == 7


def test_own_package_wins_over_a_module(place: Place) -> None:
    """Of a package and a module of one name, the package is imported, as Python does."""
    source = "import shop\ndef add_products(engine, products): return shop.kind\n"
    assert value(place, source, {"shop.py": "kind = 'module'", "shop/__init__.py": "kind = 'package'"}) == "package"


def test_regular_module_wins_over_a_plain_folder(place: Place) -> None:
    """Of a module and a folder without ``__init__.py``, the module is imported, as Python does."""
    source = "import shop\ndef add_products(engine, products): return shop.kind\n"
    assert value(place, source, {"shop.py": "kind = 'module'", "shop/rows.py": ""}) == "module"


def test_standard_library_wins_over_a_plain_folder(place: Place) -> None:
    """A folder without ``__init__.py`` that is called like a module of the library hides nothing, as in Python."""
    source = "import statistics\ndef add_products(engine, products): return statistics.mean([1, 3])\n"
    assert value(place, source, {"statistics/rows.py": ""}) == 2


RELATIVE = {
    "store/__init__.py": "from .rows import one\nfrom . import rows\n",
    "store/rows.py": "from .deep.rows import one\n",
    "store/deep/rows.py": "from .. import names\nfrom ..names import one\n",
    "store/names.py": "one = 1\n",
}


def test_packages_and_relative_imports_work(place: Place) -> None:
    """Packages, with or without ``__init__.py``, import each other relatively."""
    source = "import store.deep.rows\nfrom store import one, rows\ndef add_products(engine, products): return one\n"
    assert value(place, source, RELATIVE) == 1


FEATURES = {
    "__future__": (
        "from __future__ import annotations\ndef add_products(engine: Unknown, products) -> list[Missing]: return 7\n"
    ),
    "no __future__ of ours": (
        "def add_products(engine, products: (lambda: None)): return add_products.__wrapped__.__annotations__ and 7\n"
    ),
    "dataclass": (
        "from __future__ import annotations\nfrom dataclasses import KW_ONLY, dataclass\nfrom typing import ClassVar\n"
        "@dataclass\nclass Row:\n    tax: ClassVar[int] = 1\n    _: KW_ONLY\n    price: int = 7\n"
        "def add_products(engine, products): return Row(price=7).price\n"
    ),
    "type hints": (
        "from __future__ import annotations\nimport typing\nclass Row: ...\ndef f(row: Row) -> None: ...\n"
        "def add_products(engine, products): return 7 if typing.get_type_hints(f)['row'] is Row else 0\n"
    ),
    "NamedTuple": (
        "from typing import NamedTuple\nclass Row(NamedTuple):\n    price: int\n"
        "def add_products(engine, products): return Row(7).price\n"
    ),
    "enum and pickle": (
        "import enum, pickle\nclass Kind(enum.Enum):\n    A = 7\n"
        "def add_products(engine, products): return pickle.loads(pickle.dumps(Kind.A)).value\n"
    ),
    "docstring": '"""A shop."""\ndef add_products(engine, products): return 7 if __doc__ == "A shop." else 0\n',
    "__name__": "def add_products(engine, products): return 7 if __name__ == 'transaction_script' else 0\n",
    "__file__": (
        "from pathlib import Path\n"
        "def add_products(engine, products): return 7 if Path(__file__).name == 'transaction_script.py' else 0\n"
    ),
    "reads its source": (
        "import pathlib\n"
        "def add_products(engine, products): return 7 if 'pathlib' in pathlib.Path(__file__).read_text() else 0\n"
    ),
    "own folder": (
        "import os, pathlib\n"
        "def add_products(engine, products): return 7 if pathlib.Path.cwd() == pathlib.Path(__file__).parent else 0\n"
    ),
    "first on sys.path": (
        "import sys, os\ndef add_products(engine, products): return 7 if sys.path[0] == os.getcwd() else 0\n"
    ),
    "lazy import": "def add_products(engine, products):\n    import models\n    return 7 if models.Product else 0\n",
    "importlib": (
        "import importlib\ndef add_products(engine, products):\n"
        "    return 7 if importlib.import_module('models').Product else 0\n"
    ),
    "reload": (
        "import importlib, shop\ndef add_products(engine, products): return importlib.reload(shop).add_products(1, 2)\n"
    ),
    "resources": (
        "import importlib.util\n"
        "def add_products(engine, products): return 7 if importlib.util.find_spec('models').origin else 0\n"
    ),
    "garbage collection": "import gc\ndef add_products(engine, products): return 7 if gc.isenabled() else 0\n",
    "imports itself": "import transaction_script\ndef add_products(engine, products): return 7\n",
    "latin text": "add_products = lambda engine, products: len('größer ä')- 1\n",
}


@pytest.mark.parametrize("feature", FEATURES)
def test_python_works_as_in_a_program(place: Place, feature: str) -> None:
    """What modules rely on is there: futures, annotations, pickling, their file, their folder, lazy imports."""
    assert value(place, FEATURES[feature], HELPERS) == 7


def test_cookie_in_a_decoded_source_is_no_trouble(place: Place) -> None:
    """A source that names another encoding in its first line was decoded before, and is not decoded again."""
    assert value(place, "# coding: latin-1\nadd_products = lambda engine, products: 'größer'\n") == "größer"


# --- programs ---------------------------------------------------------------------------------------------------------


def run(place: Place, source: str, *arguments: str, files: dict[str, str] | None = None) -> Done:
    """Run a script as a program."""
    return place.script(source, "program", arguments=arguments, files=files or {}, found={})


def test_program_runs_under_its_name_with_its_arguments(place: Place) -> None:
    """A script that is run finds itself as ``__main__``, with its name and its arguments."""
    done = run(place, "import sys\nif __name__ == '__main__':\n    print(sys.argv, 'x')\n", "sqlite:///products.db")
    assert done.printed == "['transaction_script.py', 'sqlite:///products.db'] x\n"
    assert (done.answer.kind, done.answer.status) == ("exited", 0)


def test_program_without_argument_has_none(place: Place) -> None:
    """A script that is run without an argument has only its name."""
    assert run(place, "import sys\nprint(len(sys.argv), sys.argv[1:])\n").printed == "1 []\n"


def test_imported_script_does_not_run(place: Place) -> None:
    """What stands below the guard is not run where a function is called."""
    source = "add_products = lambda engine, products: 7\nif __name__ == '__main__':\n    print('ran')\n"
    assert place.script(source).printed == ""


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("", 0),
        ("import sys\nsys.exit()", 0),
        ("raise SystemExit(None)", 0),
        ("import sys\nsys.exit(3)", 3),
        ("exit(4)", 4),
        ("raise SystemExit('the till is empty')", 1),
        ("import sys\nsys.exit(256)", 0),
        ("import sys\nsys.exit(True)", 1),
        ("1 / 0", 1),
        ("quit()", 0),
        ("import nowhere", 1),
        ("def f(:", 1),
    ],
)
def test_program_ends_with_pythons_status(place: Place, ending: str, status: int) -> None:
    """A program's exit status is the one that Python gives it."""
    assert run(place, ending).answer.status == status


def test_failing_program_prints_its_traceback(place: Place) -> None:
    """A program that raises says so on its standard error, and where."""
    done = run(place, "\n1 / 0\n")
    assert "ZeroDivisionError: division by zero" in done.printed
    assert done.answer.trouble is not None
    assert (done.answer.trouble.file, done.answer.trouble.line) == ("transaction_script.py", 2)


def test_message_of_an_exit_is_printed(place: Place) -> None:
    """The text that a program exits with is printed."""
    assert run(place, "import sys\nsys.exit('the till is empty')").printed == "the till is empty\n"


def test_program_is_seen_to_call_its_functions(place: Place) -> None:
    """A script's own ``main`` calls watched functions."""
    source = """
    def add_products(engine, products): return []
    def main(): add_products(None, [])
    if __name__ == "__main__":
        main()
    """
    assert calls(run(place, source)) == ["add_products"]


def test_program_runs_to_the_end_of_threads_and_exit_handlers(place: Place) -> None:
    """Threads that are not daemons are waited for, and what is registered for the exit is run."""
    source = """
    import atexit, threading
    gate = threading.Event()
    atexit.register(print, "handler")
    threading.Thread(target=lambda: (gate.wait(), print("thread"))).start()
    threading.Timer(0.01, gate.set).start()
    """
    assert sorted(run(place, source).printed.split()) == ["handler", "thread"]


def test_program_ends_though_its_executor_was_left_open(place: Place) -> None:
    """Whoever forgets to shut an executor down still has a program that ends, as Python's own exit sees to it."""
    source = """
    from concurrent.futures import ThreadPoolExecutor
    pool = ThreadPoolExecutor(1)
    print(pool.submit(lambda: "done").result())
    """
    done = run(place, source)
    assert (done.answer.status, done.printed) == (0, "done\n")


def test_finalizers_run_at_the_exit_of_each_program(place: Place) -> None:
    """What a program leaves to ``weakref.finalize`` is done at its end, whether or not another program ended before."""
    source = """
    import weakref
    class Shop: pass
    shop = Shop()
    weakref.finalize(shop, print, "finalized")
    """
    assert [run(place, source).printed for _ in range(2)] == ["finalized\n"] * 2


def test_program_waits_for_threads_that_its_threads_start(place: Place) -> None:
    """A thread that is started by another one while the program waits is waited for as well."""
    source = """
    import threading, time
    gate = threading.Event()
    late = threading.Thread(target=lambda: (gate.wait(), print("late")))
    threading.Thread(target=lambda: (threading.Timer(0.01, gate.set).start(), late.start())).start()
    """
    assert run(place, source).printed == "late\n"


SURROUNDINGS = {
    "user": "import getpass; getpass.getuser()",
    "home": "from pathlib import Path; Path.home().expanduser()",
    "clock": "from datetime import datetime; from zoneinfo import ZoneInfo; datetime.now(ZoneInfo('Europe/Berlin'))",
    "version": "from importlib.metadata import version; import sqlalchemy as s; version('sqlalchemy') == s.__version__",
    "machine": "import os, platform, socket; platform.platform(), os.cpu_count(), socket.gethostname()",
    "folder": "import tempfile; tempfile.TemporaryDirectory().cleanup()",
    "source": "import inspect, sys; inspect.getsource(sys.modules['__main__'])",
    "input": "import sys; sys.stdin.read() == '' and not sys.stdin.isatty()",
}


@pytest.mark.parametrize("question", SURROUNDINGS)
def test_program_may_ask_for_its_surroundings(place: Place, question: str) -> None:
    """What a program may ask about user, machine, clock, folders and libraries is answered behind the walls as well."""
    *before, last = SURROUNDINGS[question].split("; ")
    done = run(place, "\n".join([*before, f"assert ({last}) is not False"]) + "\n")
    assert (done.answer.status, done.printed) == (0, "")


DATABASES = {
    "relative": "create_engine('sqlite:///products.db')",
    "argument": "create_engine(sys.argv[1])",
    "beside the script": "create_engine(f'sqlite:///{Path(__file__).parent / \"products.db\"}')",
    "absolute": "create_engine(f'sqlite:///{Path.cwd().resolve() / \"products.db\"}')",
    "beside the resolved script": "create_engine(f'sqlite:///{Path(__file__).resolve().with_name(\"products.db\")}')",
    "os.path": "create_engine('sqlite:///' + os.path.join(os.path.dirname(os.path.abspath(__file__)), 'products.db'))",
    "URI": "create_engine('sqlite:///file:products.db?uri=true')",
    "URL object": "create_engine(URL.create('sqlite', database='products.db'))",
    "pysqlite": "create_engine('sqlite+pysqlite:///./products.db')",
}


@pytest.mark.parametrize("database", DATABASES)
def test_database_is_found_however_it_is_named(place: Place, database: str) -> None:
    """The database beside the script is one and the same for two runs, by whatever name."""
    source = f"""
    import os, sys
    from pathlib import Path
    from sqlalchemy import URL, create_engine
    from models import Base
    Base.metadata.create_all({DATABASES[database]})
    """
    done = run(place, source, "sqlite:///products.db")
    assert (done.answer.status, done.record.databases) == (0, ("products.db",)), done.printed


def test_models_are_the_same_class_for_program_and_helpers(place: Place) -> None:
    """The model that a program imports is the one that its helpers import."""
    files = {"shop.py": "from models import Product as Theirs\n"}
    assert run(
        place, "from models import Product\nfrom shop import Theirs\nprint(Product is Theirs)", files=files
    ).printed == ("True\n")


def test_classes_of_a_program_resolve(place: Place) -> None:
    """Dataclasses and mapped classes with written-out annotations work in the program itself."""
    source = """
    from __future__ import annotations
    from dataclasses import dataclass, field
    from sqlalchemy.orm import Mapped, mapped_column
    from models import Base
    @dataclass
    class Row:
        names: list[str] = field(default_factory=list)
    class Till(Base):
        __tablename__ = "tills"
        id: Mapped[int] = mapped_column(primary_key=True)
        product_id: Mapped[int | None]
    print(Row(), Till.__table__.c.product_id.nullable)
    """
    assert run(place, source).printed == "Row(names=[]) True\n"


def test_every_function_of_the_contract_is_watched() -> None:
    """The three functions that are called with hidden inputs are the ones that are watched."""
    assert WATCHED == ("add_products", "preview_ids", "show_reloading")


def test_stand_ins_take_the_place_of_the_students_functions(place: Place) -> None:
    """With the reference's functions, a script's own main calls these, seen under their names."""
    source = """
    from sqlalchemy import create_engine
    from models import Base
    def add_products(engine, products): raise LookupError
    def main():
        engine = create_engine("sqlite:///products.db")
        Base.metadata.create_all(engine)
        print(add_products(engine, [{"name": "Pen", "price": 1}]))
    if __name__ == "__main__":
        main()
    """
    more: dict[str, Any] = {"stand_ins": REFERENCE["transaction_script.py"], "found": {}}
    done = place.script(source, "program", **more)
    assert (done.printed, calls(done)) == ("[1]\n", ["add_products"])


def test_stand_in_serves_where_the_student_wrote_nothing(place: Place) -> None:
    """A program whose function is missing finds the reference's under its name."""
    source = "print(preview_ids.__doc__)\n"
    more: dict[str, Any] = {"stand_ins": REFERENCE["transaction_script.py"], "invocations": (Invocation(),)}
    assert "would give now" in place.script(source, "program", **more).printed
