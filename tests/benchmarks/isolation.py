"""Measures what each level of isolation costs a scenario, beside a plain fork, and prints a table.

A scenario is a process of a student's with its database: both are forked, the process imports the reference solution,
makes one call and ends. The levels take turns, call by call, so that a busy machine slows all of them alike; level
``process`` is the plain fork. The sandboxes were started before.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from msgspec.structs import replace

from grader.content import SOLUTION, find_content
from grader.observe.child.request import Call, Invocation, Product
from grader.observe.plan import SHOP, Planned
from grader.observe.sandbox.databases import DatabaseServer
from grader.observe.sandbox.levels import LEVELS, PROCESS, Level
from grader.observe.sandbox.starting import problem
from grader.observe.sandbox.students import StudentSandbox
from grader.observe.workplace import Workplace

TARGET = 10.0
"""Milliseconds that a level may add to a plain fork."""
SOLUTION_SOURCES = {name: find_content().read(f"{SOLUTION}/{name}") for name in ("models.py", "transaction_script.py")}
PENS = tuple(Product(f"Pen {number}", f"{number}.20") for number in (1, 2, 3, 4))
SCENARIOS = {
    "a table and four products": Call("", SOLUTION_SOURCES, "model", database=SHOP, invocations=(Invocation(PENS),)),
    "nothing: there is no model": Call("", {}, "model", database=SHOP),
}

Sandbox = tuple[StudentSandbox, DatabaseServer]
Times = dict[str, list[float]]


@contextmanager
def started(levels: list[Level]) -> Iterator[dict[str, Sandbox]]:
    """Start both sandboxes of each level."""
    with ExitStack() as stack:
        yield {
            level.name: (stack.enter_context(StudentSandbox(level)), stack.enter_context(DatabaseServer(level)))
            for level in levels
        }


def seconds(sandbox: Sandbox, call: Call) -> float:
    """Return how long one scenario takes, from the fork to the end of the process."""
    planned = Planned("model", "model", "model", database=SHOP)
    begun = time.perf_counter()
    with Workplace(*sandbox) as place:
        answers = place.perform(planned, replace(call, folder=place.folder), {}).answers
    spent = time.perf_counter() - begun
    if answers == str(answers):  # how the process failed, in words
        raise RuntimeError(f"no answer: {answers}")
    return spent


def measured(sandboxes: dict[str, Sandbox], rounds: int, call: Call) -> Times:
    """Return the times of each level in milliseconds, after so many rounds in which each had its turn."""
    times: Times = {name: [] for name in sandboxes}
    for turn in range(rounds + 1):
        for name, sandbox in sandboxes.items():
            spent = seconds(sandbox, call)
            times[name] += [1000 * spent] if turn else []  # the first turn warms up
    return times


def lines(title: str, times: Times) -> list[str]:
    """Return a Markdown table of the medians."""
    plain = statistics.median(times[PROCESS.name])
    rows = [f"| {title} | ms, median | fastest | over a plain fork, ms |", "| --- | --: | --: | --: |"]
    for name, all_of_it in times.items():
        middle = statistics.median(all_of_it)
        rows.append(f"| `{name}` | {middle:.1f} | {min(all_of_it):.1f} | {middle - plain:+.1f} |")
    return rows


def _rounds() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.isolation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="scenarios on each level (40)")
    given: int = parser.parse_args().rounds
    return max(1, given)


def main() -> None:
    """Measure, print, and end with 1 where a level costs more than it may."""
    rounds, busy = _rounds(), os.getloadavg()[0]
    levels = [level for level in LEVELS if problem(level) is None]
    dear: list[str] = []
    with started(levels) as sandboxes:
        for title, call in SCENARIOS.items():
            times = measured(sandboxes, rounds, call)
            sys.stdout.write("\n".join([*lines(title, times), "", ""]))
            plain = statistics.median(times[PROCESS.name])
            dear += [name for name, spent in times.items() if statistics.median(spent) - plain > TARGET]
    sys.stdout.write(
        f"{rounds} rounds, in turns. {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}; load before: {busy:.1f}.\n"
    )
    if dear:
        sys.exit(f"more than {TARGET:g} ms over a plain fork: {', '.join(dict.fromkeys(dear))}")


if __name__ == "__main__":
    main()
