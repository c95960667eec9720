"""Which tasks are done, told from the outcomes of the checks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

TASKS = {
    "1": ("the model", "make Product in models.py a mapped class"),
    "2": ("add_products", "write add_products in transaction_script.py"),
    "3": ("preview_ids", "write preview_ids in transaction_script.py"),
    "4": ("show_reloading", "write show_reloading in transaction_script.py"),
    "5": ("main", "write main in transaction_script.py"),
    "6": ("the observations", "run the script twice, and fill in observations.toml"),
}
TASK = re.compile(r"\btest_(\d)_\w+\.py::")


def tasks_done(reports: Mapping[str, list[Any]]) -> list[str]:
    """Return a line for each task that was checked, and what comes next; `reports` are pytest's, by their outcome."""
    outcomes: dict[str, list[str]] = defaultdict(list)
    for outcome in ("passed", "to do", "failed", "error"):
        for report in reports.get(outcome, []):
            if found := TASK.search(report.nodeid):
                outcomes[found[1]].append(outcome)
    states = {task: state(outcomes[task]) for task in TASKS if task in outcomes}
    lines = [f"  task {task}  {TASKS[task][0]:<18}{told}" for task, told in states.items()]
    return [*lines, "", next_step(states)] if lines else []


def state(outcomes: list[str]) -> str:
    """Say in a few words how far a task is."""
    if set(outcomes) in ({"passed"}, {"to do"}):
        return "done" if outcomes[0] == "passed" else "to do"
    return f"{outcomes.count('passed')} of {len(outcomes)} checks pass"


def next_step(states: Mapping[str, str]) -> str:
    """Say how many tasks are done, and which one is next."""
    open_tasks = [task for task, told in states.items() if told != "done"]
    done = f"{len(states) - len(open_tasks)} of {len(states)} tasks done."
    if not open_tasks:
        if len(states) < len(TASKS):
            return f"{done} All of them: python -m pytest"
        return f"{done} Push, and read the grade: it looks at more than these checks."
    task = open_tasks[0]
    name, what = TASKS[task]
    return f"{done} Next: task {task}, {what if states[task] == 'to do' else f'{name}: see its first message above'}."
