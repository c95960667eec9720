"""How the code is spread over files, in which words it is written, and in which bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .fragment import blocks

Files = dict[str, str]
FUNCTIONS = ("add_products", "preview_ids", "show_reloading")
SCRIPT = "transaction_script.py"


@dataclass(frozen=True)
class Code:
    """The pieces of a script: imports, what stands above the functions, the functions, and the program."""

    imports: str
    above: str
    functions: Mapping[str, str]
    program: str

    def together(self) -> str:
        """Return everything but the program."""
        return blocks(self.imports, self.above, *self.functions.values())


@dataclass(frozen=True)
class Layout:
    """A way of spreading code over files."""

    name: str
    files: Callable[[Code], Files]


def _one_file(code: Code) -> Files:
    return {SCRIPT: blocks(code.together(), code.program)}


def _beside(code: Code) -> Files:
    names = ", ".join(FUNCTIONS)
    return {
        "shop.py": code.together(),
        SCRIPT: blocks(code.imports, f"from shop import {names}", code.program),
    }


def _starred(code: Code) -> Files:
    return {"sessions.py": code.together(), SCRIPT: blocks("from sessions import *", code.imports, code.program)}


def _package(code: Code) -> Files:
    names = ", ".join(FUNCTIONS)
    return {
        "store/__init__.py": f"from .products import {names}\n\n__all__ = {list(FUNCTIONS)}",
        "store/products.py": code.together(),
        SCRIPT: blocks(code.imports, "import store", f"from store import {names}", code.program),
    }


def _module_each(code: Code) -> Files:
    files = {
        f"{name}_module.py": blocks(code.imports, "from above import *", function)
        for name, function in code.functions.items()
    }
    imports = [f"from {name}_module import {name}" for name in code.functions]
    return files | {
        "above.py": blocks(code.imports, code.above),
        SCRIPT: blocks(code.imports, "from above import *", *imports, code.program),
    }


def _static(code: Code) -> Files:
    methods = [f"@staticmethod\n{function}" for function in code.functions.values()]
    body = "\n".join(f"    {line}" if line else "" for line in blocks(*methods).splitlines())
    names = [f"{name} = Shop.{name}" for name in FUNCTIONS]
    return {SCRIPT: blocks(code.imports, code.above, f"class Shop:\n{body}", *names, code.program)}


def _methods(code: Code) -> Files:
    methods = [re.sub(r"^def (\w+)\(", r"def \1(self, ", function) for function in code.functions.values()]
    body = "\n".join(f"    {line}" if line else "" for line in blocks(*methods).splitlines())
    names = [f"{name} = shop.{name}" for name in FUNCTIONS]
    return {SCRIPT: blocks(code.imports, code.above, f"class Shop:\n{body}", "shop = Shop()", *names, code.program)}


def _wrapped(wrapper: str) -> Callable[[Code], Files]:
    """Return a layout in which each function is made of another one, as ``wrapper`` says."""

    def files(code: Code) -> Files:
        inner = [re.sub(r"^def (\w+)", r"def _\1", function) for function in code.functions.values()]
        names = [wrapper.replace("NAME", name) for name in FUNCTIONS]
        head = blocks(code.imports, "from functools import partial, wraps", code.above)
        return {SCRIPT: blocks(head, *inner, *names, code.program)}

    return files


def _decorated(code: Code) -> Files:
    traced = """
        def traced(function):
            @wraps(function)
            def call(*arguments, **named):
                print("->", function.__name__)
                try:
                    return function(*arguments, **named)
                finally:
                    print("<-", function.__name__)

            return call
        """
    functions = [f"@traced\n{function}" for function in code.functions.values()]
    head = blocks(code.imports, "from functools import wraps", code.above, traced)
    return {SCRIPT: blocks(head, *functions, code.program)}


ANNOTATED = {
    "(engine, products):": "(engine: Engine, products: list[dict[str, Any]]) -> list[int]:",
    "(engine, product_id, change_elsewhere):": (
        "(engine: Engine, product_id: int, change_elsewhere: Callable[[], Any]) -> dict[str, Any]:"
    ),
    "def main(database_url=": "def main(database_url: str = ",
}


def _typed(code: Code) -> Files:
    text = blocks(code.together(), code.program)
    for bare, annotated in ANNOTATED.items():
        text = text.replace(bare, annotated)
    head = "from __future__ import annotations\n\nfrom typing import Any, Callable\n\nfrom sqlalchemy import Engine"
    return {SCRIPT: blocks(head, text)}


LAYOUTS = (
    Layout("one_file", _one_file),
    Layout("typed", _typed),
    Layout("beside", _beside),
    Layout("starred", _starred),
    Layout("package", _package),
    Layout("module_each", _module_each),
    Layout("static_methods", _static),
    Layout("methods", _methods),
    Layout("lambdas", _wrapped("NAME = lambda *given, **named: _NAME(*given, **named)")),
    Layout("partials", _wrapped("NAME = partial(_NAME)")),
    Layout("decorated", _decorated),
)


# --- words ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """Names and comments in some language; ``names`` takes the place of the names of variables."""

    name: str
    comment: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def put_into(self, text: str) -> str:
        """Return code in these words."""
        for name, other in self.names.items():
            text = re.sub(rf"(?<![\w\"'])\b{name}\b(?![\"'])", other, text)
        return text


WORDS = (
    Words("english", "# Chapter 10: sessions and transactions"),
    Words("german", "# Schlüssel, Größen und Übungen", {"session": "sitzung", "rows": "einträge", "row": "eintrag"}),
    Words("french", "# Prix d'été, à la bonne heure", {"session": "séance", "rows": "lignes", "ids": "numéros"}),
    Words("japanese", "# セッションとトランザクション", {"rows": "商品", "row": "品", "ids": "番号"}),
    Words("russian", "# Сеансы и транзакции", {"session": "сеанс", "row": "строка", "prices": "цены"}),
    Words("one_letter", "", {"session": "s", "rows": "l", "row": "r", "ids": "i", "prices": "d"}),
    Words("camel", "", {"session": "dbSession", "rows": "newRows", "row": "newRow", "ids": "newIds"}),
    Words("shouting", "# TODO", {"rows": "ROWS", "ids": "IDS"}),
)


# --- bytes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """The bytes of a source: encoding, ends of lines, and indentation."""

    name: str
    encoding: str = "utf-8"
    cookie: str = ""
    newline: str = "\n"
    indent: str = "    "

    def fits(self, text: str) -> bool:
        """Tell whether a text can be written in this encoding."""
        try:
            return bool(text.encode(self.encoding)) or True
        except UnicodeEncodeError:
            return False

    def encode(self, text: str) -> bytes:
        """Return the bytes of a source."""
        lines = [self.cookie, *text.splitlines()] if self.cookie else text.splitlines()
        return self.newline.join([*map(self._indented, lines), ""]).encode(self.encoding)

    def _indented(self, line: str) -> str:
        depth, rest = divmod(len(line) - len(line.lstrip(" ")), 4)
        return self.indent * depth + " " * rest + line.lstrip(" ")


FORMS = (
    Form("utf_8"),
    Form("byte_order_mark", "utf-8-sig"),
    Form("crlf", newline="\r\n"),
    Form("mark_and_crlf", "utf-8-sig", newline="\r\n"),
    Form("carriage_returns", newline="\r"),
    Form("tabs", indent="\t"),
    Form("two_spaces", indent="  "),
    Form("latin_1", "latin-1", "# -*- coding: latin-1 -*-"),
    Form("cp1252", "cp1252", "# vim: set fileencoding=cp1252 :", "\r\n"),
    Form("utf_8_cookie", "utf-8", "# coding: utf-8"),
)
