"""One choice of each dimension, put together to a submission."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from . import columns, database, failing, inserting, layout, mapping, model, previewing, program, reloading, scope
from .answers import FORMS, TRUE, Answers, written
from .failing import Failing
from .fragment import Fragment, blocks, fill
from .inserting import Inserting, Reading
from .layout import Code, Form, Layout, Words
from .mapping import Mapping
from .model import Model
from .previewing import Previewing
from .program import Pair
from .reloading import Steps
from .scope import Scope

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]
Files = dict[str, bytes]


def as_they_are(files: Files) -> Files:
    """Return the files of a submission as they are handed in."""
    return files


@dataclass(frozen=True)
class Insert:
    """How rows are sent and their ids read."""

    inserting: Inserting
    reading: Reading

    def code(self) -> str:
        """Return what is done in the transaction."""
        return blocks(self.inserting.code, "" if self.inserting.gives_ids else self.reading.code)

    def after(self) -> str:
        """Return what is done after it."""
        return "" if self.inserting.gives_ids else self.reading.after


@dataclass(frozen=True)
class Composition:
    """A submission as a choice of each dimension; ``spoil`` is what becomes of its files at the end."""

    model: Model
    options: str
    add_scope: Scope
    add_insert: Inserting
    add_reading: Reading
    failing: Failing
    checks: Fragment
    saying: Fragment
    preview_scope: Scope
    preview_insert: Inserting
    preview_reading: Reading
    previewing: Previewing
    reload_scope: Scope
    steps: Steps
    load: Fragment
    price: str
    expire: str
    refresh: str
    engine: Fragment
    tables: Fragment
    counting: Fragment
    adding: Fragment
    pair: Pair
    trying: Fragment
    change: Fragment
    showing: Fragment
    preview: Fragment
    ending: Fragment
    start: Fragment
    layout: Layout
    words: Words
    form: Form
    answers_form: str
    seen: Answers
    spoil: Callable[[Files], Files] = as_they_are

    # --- the functions ------------------------------------------------------------------------------------------------
    def _in_scope(self, code: str, result: str, work: str, after: str = "") -> str:
        return fill(code, work=work, after=after, result=result, options=self.options)

    def _add_products(self) -> str:
        insert = Insert(self.add_insert, self.add_reading)
        stored = self._in_scope(self.add_scope.code, "ids", insert.code(), insert.after())
        work = fill(self.failing.code, work=stored)
        return fill(
            """
            def add_products(engine, products):
                $saying
                $checks
                $work
                return ids
            """,
            saying=blocks(self.saying.code),
            checks=blocks(self.checks.code),
            work=work,
        )

    def _preview_ids(self) -> str:
        insert = Insert(self.preview_insert, self.preview_reading).code()
        work = self.previewing.whole or self._in_scope(
            self.preview_scope.leaving, "ids", fill(self.previewing.code, insert=insert)
        )
        return fill("def preview_ids(engine, products):\n    $work\n    return ids", work=work)

    def _show_reloading(self) -> str:
        steps = fill(self.steps.code.replace("$price", self.price), **self._reloads())
        work = self._in_scope(self.reload_scope.leaving, "prices", steps)
        head = "def show_reloading(engine, product_id, change_elsewhere):"
        return fill(f"{head}\n    $work\n    return prices", work=work)

    def _reloads(self) -> dict[str, str]:
        return {"load": self.load.code, "expire": self.expire, "refresh": self.refresh}

    # --- the program --------------------------------------------------------------------------------------------------
    def _main(self) -> str:
        parts = (
            self.engine, self.tables, self.counting, self.adding, self.preview, self.pair, self.trying, self.counting,
            self.change, self.showing, self.ending,
        )  # fmt: skip
        main = fill(
            'def main(database_url="sqlite:///products.db"):\n    $work', work=blocks(*(part.code for part in parts))
        )
        return blocks(main, fill('if __name__ == "__main__":\n    $start', start=blocks(self.start.code)))

    def _fragments(self) -> list[Fragment]:
        values = (getattr(self, field.name) for field in fields(self))
        return [value for value in values if isinstance(value, Fragment)]

    def code(self) -> Code:
        """Return the pieces of the script."""
        modules = (scope, inserting, failing, reloading, program)
        imports = [module.IMPORTS for module in modules]
        helpers = dict.fromkeys(fragment.helper for fragment in self._fragments())
        return Code(
            blocks(*imports, *(fragment.imports for fragment in self._fragments()), "from models import Base, Product"),
            blocks(*(fill(helper.replace("$options", self.options)) for helper in helpers)),
            {
                "add_products": self._add_products(),
                "preview_ids": self._preview_ids(),
                "show_reloading": self._show_reloading(),
            },
            self._main(),
        )

    # --- the files ----------------------------------------------------------------------------------------------------
    def files(self) -> Files:
        """Return the files that are handed in."""
        sources = {name: self._in_words(text) for name, text in self.layout.files(self.code()).items()}
        sources["models.py"] = blocks(self.words.comment, self.model.source())
        return self.spoil(
            {
                **{name: self.form.encode(text) for name, text in sources.items()},
                "observations.toml": written(self._truth(), self.answers_form),
            }
        )

    def _in_words(self, text: str) -> str:
        return blocks(self.words.comment, self.words.put_into(text))

    def _truth(self) -> Answers:
        return {**TRUE, "failed_id_was_reused": self.pair.reused, **self.seen}

    def write(self, folder: Path) -> None:
        """Write the submission into a folder."""
        for name, content in self.files().items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)

    # --- what goes together -------------------------------------------------------------------------------------------
    def holds_together(self) -> bool:
        """Tell whether the choices can stand beside each other."""
        return (
            self.model.is_whole
            and _fits(self.add_insert, self.add_reading, self.model)
            and _fits(self.preview_insert, self.preview_reading, self.model)
            and (self.add_scope.has_after or not Insert(self.add_insert, self.add_reading).after())
            and (self.preview_insert.gives_ids or not self.preview_reading.after)
            and (self.refresh != reloading.COLUMN_REFRESH or not self.model.price.is_hybrid)
            and (self.change not in program.COLUMN_CHANGES or not self.model.price.is_hybrid)
            and (self.trying not in program.ORIGINAL_TRIES or self.failing.original)
            and self.form.fits(self.words.comment + "".join(self.words.names.values()))
        )

    def choices(self) -> str:
        """Say what was chosen, a dimension a line."""
        return "\n".join(_named(field.name, getattr(self, field.name)) for field in fields(self))


def _fits(insert: Inserting, reading: Reading, table: Model) -> bool:
    """Tell whether products of a model can be inserted in a way, and their ids be read in another."""
    return (
        (table.mapping.empty or not insert.needs_empty)
        and not (table.price.is_hybrid and insert.needs_column)
        and (insert.gives_ids or insert.attached or not reading.needs_attached)
    )


def _named(key: str, value: object) -> str:
    if isinstance(value, Model):
        return "\n".join(_named(f"model.{field.name}", getattr(value, field.name)) for field in fields(value))
    name: Any = getattr(value, "name", value) if is_dataclass(value) else getattr(value, "__name__", value)
    return f"{key}: {name}"


# --- choosing ---------------------------------------------------------------------------------------------------------


def _model(choose: Choose[Any]) -> Model:
    style: Mapping = choose(mapping.MAPPINGS)
    arguments = [f for f in model.ARGUMENTS if "$arguments" in style.code or not f.code]
    prices = [price for price in columns.PRICES if style.methods or not price.is_hybrid]
    return Model(
        mapping=style,
        identity=choose(columns.IDS),
        name=choose(columns.NAMES),
        price=choose(prices),
        extras=choose(columns.EXTRAS),
        methods=choose(model.METHODS),
        arguments=choose(arguments),
    )


def _insert(choose: Choose[Any], table: Model, *, after: bool) -> Insert:
    """Choose an insert and a reading; ``after``: whether the ids may be read after the commit."""
    nowhere = inserting.READINGS[0]
    way = choose([way for way in inserting.INSERTINGS if _fits(way, nowhere, table)])
    readings = [r for r in inserting.READINGS if _fits(way, r, table) and (after or not r.after)]
    return Insert(way, nowhere if way.gives_ids else choose(readings))


def compose(choose: Choose[Any]) -> Composition:
    """Return a right composition: ``choose`` takes one of several choices, the first being the plainest."""
    table = _model(choose)
    add_scope: Scope = choose(scope.SCOPES)
    add, before = _insert(choose, table, after=add_scope.has_after), _insert(choose, table, after=False)
    failed: Failing = choose(failing.FAILINGS)
    words: Words = choose(layout.WORDS)
    hybrid = table.price.is_hybrid
    return Composition(
        model=table,
        options=choose(scope.OPTIONS),
        add_scope=add_scope,
        add_insert=add.inserting,
        add_reading=add.reading,
        failing=failed,
        checks=choose(failing.CHECKS),
        saying=choose(failing.SAYINGS),
        preview_scope=choose(scope.SCOPES),
        preview_insert=before.inserting,
        preview_reading=before.reading,
        previewing=choose(previewing.PREVIEWINGS),
        reload_scope=choose(scope.SCOPES),
        steps=choose(reloading.STEPS),
        load=choose(reloading.LOADS),
        price=choose(reloading.PRICES),
        expire=choose(reloading.EXPIRES),
        refresh=choose([r for r in reloading.REFRESHES if not hybrid or r != reloading.COLUMN_REFRESH]),
        engine=choose(database.ENGINES),
        tables=choose(database.TABLES),
        counting=choose(database.COUNTINGS),
        adding=choose(program.ADDINGS),
        pair=choose(program.PAIRS),
        trying=choose([*program.TRIES, *(program.ORIGINAL_TRIES if failed.original else ())]),
        change=choose([*program.CHANGES, *(() if hybrid else program.COLUMN_CHANGES)]),
        showing=choose(program.SHOWINGS),
        preview=choose(program.PREVIEWS),
        ending=choose(program.ENDINGS),
        start=choose(program.STARTS),
        layout=choose(layout.LAYOUTS),
        words=words,
        form=choose([f for f in layout.FORMS if f.fits(words.comment + "".join(words.names.values()))]),
        answers_form=choose(FORMS),
        seen={},
    )
