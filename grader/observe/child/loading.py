"""Imports a submission's modules afresh, each time as a new program would, and has its functions watched.

Right after each statement of module level that may bind one of the names ``add_products``, ``preview_ids`` or
``show_reloading``, be it by way of ``globals()``, the loader adds a call that has the names watched: so calls are seen
wherever the function lives, in a script's own ``main`` too. Lines keep their numbers.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, ModuleType

WATCHED = ("add_products", "preview_ids", "show_reloading")
_HANDED_IN = ("models", "transaction_script")
_HOOK = "__watched__"
_before: dict[str, ModuleType] = {}  # what was loaded before anything of a submission: a thousand modules to pass over


class Submission:
    """The files of one call in a folder of their own, which is the current folder and first on ``sys.path``."""

    def __init__(self, folder: str, sources: dict[str, str], watch: Callable[[], None]) -> None:
        self.folder = folder
        self._watch = watch
        for name, source in sources.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="", errors="surrogatepass") as file:
                file.write(source)

    def holds(self, filename: str) -> bool:
        """Tell whether a file belongs to the submission."""
        return filename.startswith(self.folder + os.sep)

    def enter(self) -> None:
        """Make this the program's folder; modules of an earlier one are forgotten."""
        if not _before:
            _before.update(sys.modules)
        for name, module in list(sys.modules.items()):
            if _before.get(name) is not module and isinstance(getattr(module, "__spec__", None), _Spec):
                del sys.modules[name]
        os.chdir(self.folder)
        sys.path[:] = [self.folder, *(entry for entry in sys.path if not _is_scratch(entry, self.folder))]
        sys.meta_path[:] = [_Finder(self), *(finder for finder in sys.meta_path if not isinstance(finder, _Finder))]
        setattr(builtins, _HOOK, self._watch)

    def load(self, name: str) -> ModuleType:
        """Import a module of the submission by name."""
        return importlib.import_module(name)

    def run(self, name: str, module: ModuleType) -> None:
        """Execute ``name`` as a program, in the namespace of ``module``."""
        path = os.path.join(self.folder, name)
        module.__file__ = path
        with open(path, "rb") as file:
            exec(watched_code(file.read(), path), module.__dict__)  # noqa: S102  # this is the student's program


class _Spec(ModuleSpec):
    """Marks the modules that came from a submission."""


class _Loader(SourceFileLoader):
    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]  # noqa: ANN401  # as importlib has it
        return watched_code(data, os.fspath(path))

    def path_stats(self, path: str) -> Any:  # noqa: ANN401  # it never returns
        raise OSError(f"{path} is never cached")


class _Finder:
    """Finds only what lies in the submission's folder."""

    def __init__(self, submission: Submission) -> None:
        self._folder = submission.folder

    def find_spec(self, name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        for folder in [self._folder] if path is None else [p for p in path if p.startswith(self._folder)]:
            base = os.path.join(folder, name.rpartition(".")[2])
            # A package wins over a module of its name, but not over a file that is handed in: that is what people read.
            candidates = [(os.path.join(base, "__init__.py"), base), (base + ".py", None)]
            for file, package in reversed(candidates) if name in _HANDED_IN else candidates:
                if os.path.isfile(file):
                    return _spec(name, file, package)
            # A folder without __init__.py is a namespace package, which yields to modules further down the path.
            if os.path.isdir(base) and name not in sys.stdlib_module_names:
                return _spec(name, None, base)
        return None


def _spec(name: str, file: str | None, package: str | None) -> ModuleSpec:
    spec = _Spec(name, None if file is None else _Loader(name, file), origin=file, is_package=package is not None)
    spec.has_location = file is not None
    if package is not None:
        spec.submodule_search_locations = [package]
    return spec


def _is_scratch(entry: str, folder: str) -> bool:
    return os.path.dirname(entry) == os.path.dirname(folder)


@functools.cache  # a process makes many calls of the same code, each in a folder of the same name
def watched_code(source: bytes, path: str) -> CodeType:
    """Compile a module that has its names watched through the hook; raises SyntaxError like ``compile``."""
    tree = ast.parse(source.decode("utf-8", "surrogatepass"), path)  # as text: a coding cookie has been obeyed before
    _watch_block(tree.body)
    return compile(tree, path, "exec", dont_inherit=True)


def _watch_block(body: list[ast.stmt]) -> None:
    """Add the hook after each statement in a block of module level that may bind, and in the blocks within it."""
    for position in range(len(body) - 1, -1, -1):
        statement = body[position]
        if _may_bind(statement):
            body.insert(position + 1, _hook(statement))
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for block in ("body", "orelse", "finalbody"):
                _watch_block(getattr(statement, block, []))
            for branch in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
                _watch_block(branch.body)


def _may_bind(statement: ast.stmt) -> bool:
    """Tell whether a statement may bind a watched name, as whatever calls something may, through ``globals()``."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return statement.name in WATCHED or bool(statement.decorator_list)
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return any((alias.asname or alias.name) in {*WATCHED, "*"} for alias in statement.names)
    return not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))  # as a docstring


def _hook(after: ast.stmt) -> ast.stmt:
    statement = ast.Expr(ast.Call(ast.Name(_HOOK, ast.Load()), [], []))
    return ast.fix_missing_locations(ast.copy_location(statement, after))
