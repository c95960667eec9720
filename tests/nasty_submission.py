"""A wrong submission that has a text of one's choice wherever a student can put one."""

from __future__ import annotations

from pathlib import Path

from conftest import build_submission

MARK = "QqMarkQq"
"""Stands in real submissions wherever a text of a student's can stand, until a nasty one takes its place."""
MODEL = """
from decimal import Decimal
from sqlalchemy import Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

class Base(DeclarativeBase):
    pass

class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    extra: Mapped[str | None] = mapped_column(MARK)

    @validates("name")
    def spoil(self, key, name):
        return name and name + MARK
"""
FAILING = """
def fail():
    try:
        open("/" + MARK).close()
    except (OSError, ValueError):
        pass
    raise type(MARK, (Exception,), {})(MARK)
"""
ADD = """
    print(MARK)
    if any(product.get("id") or not product["name"] for product in products):
        code = "raise type(MARK, (Exception,), {})(MARK)"
        exec(compile(code, os.path.dirname(__file__) + "/" + MARK, "exec"), {"MARK": MARK})
    with Session(engine) as session, session.begin():
        session.add_all([Product(**product) for product in products])
    return [MARK for product in products]
"""
PREVIEW = "return {MARK: MARK}"
RELOADING = "failing.fail()"
RUNNING = "failing.fail()"
OBSERVATIONS = "rows_after_first_run = MARK\n"


def marked(folder: Path, text: str = MARK, *, module: str = "failing.py") -> Path:
    """Make a wrong submission that has ``text`` wherever code can put one; the stem of ``module`` is a name."""
    files = {
        "models.py": f"MARK = {text!r}\n{MODEL}",
        module: f"MARK = {text!r}\n{FAILING}",
        "observations.toml": OBSERVATIONS.replace("MARK", text.encode("utf-8", "replace").decode()),
    }
    bodies = {"add_products": ADD, "preview_ids": PREVIEW, "show_reloading": RELOADING, "main": RUNNING}
    build_submission(folder, files, bodies)
    script = folder / "transaction_script.py"
    head = f"import importlib, os\nMARK = {text!r}\nfailing = importlib.import_module({Path(module).stem!r})\n"
    first, future, rest = script.read_text().partition("from __future__ import annotations\n")
    script.write_text(first + future + head + rest)
    return folder
