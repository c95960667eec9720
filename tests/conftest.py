"""Fixtures of the left side: observers, single calls in a sandbox, and folders as students hand them in."""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader import flow
from grader.content import SOLUTION, find_content
from grader.observe.child.request import Answer, Call, Invocation, Product
from grader.observe.database.messages import Record
from grader.observe.observer import Observer
from grader.observe.plan import SHOP, Planned
from grader.observe.sandbox.databases import DatabaseServer
from grader.observe.sandbox.levels import LEVELS, Bubblewrap
from grader.observe.sandbox.students import StudentSandbox
from grader.observe.workplace import Workplace
from grader.values import Step

REFERENCE = {name: find_content().read(f"{SOLUTION}/{name}") for name in ("models.py", "transaction_script.py")}
LEVEL_NAMES = [level.name for level in LEVELS]
SAFE_LEVEL_NAMES = [level.name for level in LEVELS if level.safe]
NOBODY = 65_534
PENS = (Product("Pen", "1.20"), Product("Ink", "19.99"))


def with_body(source: str, name: str, code: str) -> str:
    """Return ``source`` with ``code`` for the body of its function ``name``."""
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name)
    lines = source.splitlines(keepends=True)
    lines[function.body[0].lineno - 1 : function.end_lineno] = [
        textwrap.indent(textwrap.dedent(code).strip("\n"), "    ") + "\n"
    ]
    return "".join(lines)


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Let this process be nobody's inside the block, where it is root's; an ordinary user stays what they are."""
    root = os.geteuid() == 0
    if root:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)


# --- submissions ------------------------------------------------------------------------------------------------------


def build_submission(folder: Path, files: Mapping[str, str], bodies: Mapping[str, str]) -> Path:
    """Make the solution in ``folder``, with other files and other bodies of functions."""
    shutil.copytree(find_content().root / SOLUTION, folder, ignore=shutil.ignore_patterns("__pycache__"))
    script = folder / "transaction_script.py"
    for function, code in bodies.items():
        script.write_text(with_body(script.read_text(), function, code))
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    return folder


@pytest.fixture
def submission(tmp_path: Path) -> Callable[..., Path]:
    """Return a builder of submissions by name, as :func:`build_submission`."""

    def build(name: str = "alice", files: Mapping[str, str] | None = None, **bodies: str) -> Path:
        return build_submission(tmp_path / name, files or {}, bodies)

    return build


@pytest.fixture
def private() -> Iterator[Path]:
    """Return a folder with a model that belongs to an ordinary user, and is reached by one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "alice"
        folder.mkdir()
        (folder / "models.py").write_text("")
        if os.geteuid() == 0:
            for path in (folder.parent, folder, folder / "models.py"):
                os.chown(path, NOBODY, NOBODY)
        yield folder
        for path in (folder.parent, folder):
            path.chmod(0o700)


# --- observers --------------------------------------------------------------------------------------------------------


Observers = Callable[[str], Observer]


@pytest.fixture(scope="session")
def observers() -> Iterator[Observers]:
    """Return the observers that the whole run shares, by level; each is started when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda level: stack.enter_context(flow.observer(level)))


@pytest.fixture(scope="session")
def walled_observer(observers: Observers) -> Observer:
    """Return the shared observer on bubblewrap."""
    return observers("bubblewrap")


@pytest.fixture(scope="session")
def open_observer(observers: Observers) -> Observer:
    """Return the shared observer on level process."""
    return observers("process")


@pytest.fixture(params=LEVEL_NAMES)
def observer(request: pytest.FixtureRequest, observers: Observers) -> Observer:
    """Return the shared observers, one after the other."""
    return observers(request.param)


# --- single calls -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """How a call ended, what the database recorded of it, and what it printed."""

    answers: list[Answer] | str
    record: Record
    printed: str
    printed_bytes: int

    @property
    def answer(self) -> Answer:
        """The first answer; a call that gave none fails the test with its fate."""
        assert not isinstance(self.answers, str), self.answers + self.printed
        return self.answers[0]

    @property
    def value(self) -> Any:  # noqa: ANN401  # whatever the function returned
        """What the function returned."""
        assert self.answer.kind == "returned", f"{self.answer}\n{self.printed}"
        return self.answer.value

    @property
    def claims(self) -> list[Step]:
        """The steps that the recorder told."""
        return [step for step in self.record.steps if not step.fact]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the claims about sessions, in order; pools, imports and objects' states left out."""
        unwanted = {"call", "returned", "raised", "checkout", "checkin", "state", "uses", "read"}
        return [step.kind for step in self.claims if step.kind not in unwanted]


@dataclass(frozen=True)
class Place:
    """A student's process with its database, for calls one after the other."""

    workplace: Workplace
    stock: dict[str, bytes]

    def call(self, target: Any = "add_products", found: dict[str, bytes] | None = None, **call: Any) -> Done:  # noqa: ANN401  # any part of a submission
        """Make a call, on a database with four pens unless other files are ``found``; ``call`` has fields of Call."""
        given = {"sources": REFERENCE, "database": SHOP, "invocations": (Invocation(PENS, 1, ("2.50", "3.75")),)} | call
        files = self.stock if found is None else found
        planned = Planned(target, target, target, database=given["database"])
        made = Call(folder=self.workplace.folder, target=target, existing=tuple(files), **given)
        performed = self.workplace.perform(planned, made, files)
        process = self.workplace.process
        printed = process.printed.decode("utf-8", "replace")
        return Done(performed.answers, performed.record, printed, process.printed_bytes)

    def script(self, source: str, target: str = "add_products", **more: Any) -> Done:  # noqa: ANN401  # fields of Call
        """Call a function of a script that is all of ``source``, beside the reference's model."""
        sources = REFERENCE | {"transaction_script.py": textwrap.dedent(source)} | more.pop("files", {})
        return self.call(target, sources=sources, **more)

    def body(self, code: str, name: str = "add_products", **more: Any) -> Done:  # noqa: ANN401  # fields of Call
        """Call a function of the reference's script with another body."""
        return self.script(with_body(REFERENCE["transaction_script.py"], name, code), name, **more)


class Bench:
    """Makes single calls in student processes of one level, as an observer does, without a plan."""

    def __init__(self, students: StudentSandbox, databases: DatabaseServer) -> None:
        self.students = students
        self.databases = databases
        self._stock: dict[str, bytes] = {}
        with self.process() as place:
            stock = tuple(Product(f"Pen {number}", f"{number}.20") for number in (1, 2, 3, 4))
            self._stock = place.call("model", found={}, invocations=(Invocation(stock),)).record.files

    @contextmanager
    def process(self) -> Iterator[Place]:
        """Give a process of its own to the calls inside the block."""
        with Workplace(self.students, self.databases) as workplace:
            yield Place(workplace, self._stock)

    def call(self, target: str = "add_products", **call: Any) -> Done:  # noqa: ANN401  # as for Place.call
        """Make one call in a process of its own."""
        with self.process() as place:
            return place.call(target, **call)

    def script(self, source: str, target: str = "add_products", **more: Any) -> Done:  # noqa: ANN401  # as above
        """Make one call of a script in a process of its own."""
        with self.process() as place:
            return place.script(source, target, **more)

    def body(self, code: str, name: str = "add_products", **more: Any) -> Done:  # noqa: ANN401  # as above
        """Make one call of a function with another body in a process of its own."""
        with self.process() as place:
            return place.body(code, name, **more)

    def told(self, code: str) -> Any:  # noqa: ANN401  # whatever the code returns
        """Return what a function with this body returns in a process of its own."""
        indented = textwrap.indent(textwrap.dedent(code), "    ")
        return self.script(f"def add_products(engine, products):\n{indented}").value

    def still_right(self) -> bool:
        """Tell whether the next call of good code, in another process, is made and recorded."""
        done = self.call()
        rows = done.record.after.rows if done.record.after else ()
        return done.value == [5, 6] and len(rows) == 6 and "commit" in done.kinds


@contextmanager
def start_bench(name: str) -> Iterator[Bench]:
    """Start sandbox and database server of the level called ``name``."""
    level = next(level for level in LEVELS if level.name == name)
    with DatabaseServer(level) as databases, StudentSandbox(level) as students:
        yield Bench(students, databases)


Benches = Callable[[str], Bench]


@pytest.fixture(scope="session")
def benches() -> Iterator[Benches]:
    """Return the benches that the whole run shares, by level; each is started when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda level: stack.enter_context(start_bench(level)))


@pytest.fixture(params=LEVEL_NAMES)
def bench(request: pytest.FixtureRequest, benches: Benches) -> Bench:
    """Return the benches, one after the other."""
    return benches(request.param)


@pytest.fixture(params=SAFE_LEVEL_NAMES)
def walled(request: pytest.FixtureRequest, benches: Benches) -> Bench:
    """Return the benches with walls, one after the other."""
    return benches(request.param)


@pytest.fixture(params=[level.name for level in LEVELS if isinstance(level, Bubblewrap)])
def viewed(request: pytest.FixtureRequest, benches: Benches) -> Bench:
    """Return the benches that have a view of the machine of their own: elsewhere, what is there can be seen to be."""
    return benches(request.param)


@pytest.fixture
def namespaced(benches: Benches) -> Bench:
    """Return the bench whose processes each have namespaces: their own process ids, and a folder that is counted."""
    return benches("bubblewrap")


@pytest.fixture(params=[level.name for level in LEVELS if level.safe and not level.namespaces])
def shared(request: pytest.FixtureRequest, benches: Benches) -> Bench:
    """Return the benches with walls whose processes share folders and process ids: a filter keeps them apart."""
    return benches(request.param)


@pytest.fixture(scope="session")
def unwalled(benches: Benches) -> Bench:
    """Return the bench on level process."""
    return benches("process")


@pytest.fixture
def place(unwalled: Bench) -> Iterator[Place]:
    """Return a process for several calls, on the level that starts fastest."""
    with unwalled.process() as place:
        yield place
