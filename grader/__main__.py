"""Starts the command line, once it is sure that it can run here."""

import importlib.util
import sys

OLDEST = (3, 11)
NEEDED = ("click", "msgspec", "pytest", "pytest_jsonreport", "rich", "sqlalchemy")
WRONG_USE = 2


def problem() -> str:
    """Return why the grader cannot run with this Python, with the repair, or an empty text."""
    if sys.version_info < OLDEST:  # a clone can be started by any Python
        found = ".".join(map(str, sys.version_info[:2]))
        return f"this is Python {found}; the grader needs 3.11 or newer: python3.11 -m venv .venv"
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        return f"not installed: {names}; repair, in the folder of the clone: {sys.executable} -m pip install -e ."
    return ""


def main() -> None:
    """Run the command line; exit status 2 if this Python cannot."""
    if found := problem():
        sys.stderr.write(f"grader: {found}\n")
        sys.exit(WRONG_USE)
    from grader import cli  # noqa: PLC0415  # only now is it known that it can be imported

    cli.main()


if __name__ == "__main__":
    main()
