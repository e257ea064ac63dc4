"""Benchmarks of this program: each a module that lists cells, measures one, and makes tables of what is finished.

ABOUT           one line: what is asked
TASKS, ARMS     what it is asked on, and what is compared
cells(plan)     in the order in which they should run: all arms of a repeat, then of the next
measure(cell)   in a process of its own: plain JSON
report(records) Markdown tables of what is finished
picture(records)  optional: an SVG
"""

from __future__ import annotations

import difflib
import importlib
from types import ModuleType

from eureka_cli.errors import UsageError

NAMES = ("speed", "learning", "racing", "replication")


def load(name: str) -> ModuleType:
    """The module of a benchmark. Raises UsageError with the nearest name when there is none."""
    if name not in NAMES:
        close = difflib.get_close_matches(name, NAMES, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UsageError(f"No benchmark {name!r}.{hint} There are: {', '.join(NAMES)}.")
    return importlib.import_module(f"eureka_cli.bench.{name}")
