"""What a person sees while a sweep works: a line a cell and the whole; plain lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from eureka_cli.accounts import Spent
from eureka_cli.cli.live import clock
from eureka_cli.reports.account import together
from eureka_cli.reports.sweep import Standing
from eureka_cli.suites import Cell

ORDER = ("running", "failed", "limit reached", "interrupted", "waiting", "done")
"""A terminal may be too low for all cells: those that work come first."""


class Display(Protocol):
    def show(self, stands: Mapping[str, Standing]) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *problem: Any) -> None: ...


def display(name: str, cells: Sequence[Cell], expected: Mapping[str, int], *, as_json: bool) -> Display:
    """A table on a terminal; lines on standard error when the output is read by a program."""
    console = Console(stderr=as_json)
    whole = Whole(name, cells, expected)
    return Board(whole, console) if console.is_terminal and not as_json else Lines(whole)


class Whole:
    """How far the sweep is and when it will be through, at the pace since this process began."""

    def __init__(self, name: str, cells: Sequence[Cell], expected: Mapping[str, int]) -> None:
        self.name, self.cells = name, cells
        self.expected = expected
        """Environment steps by cell; those done before this process began have none."""
        self._started = time.monotonic()
        self._before: int | None = None

    def says(self, stands: Mapping[str, Standing]) -> str:
        counts = [stand.state for stand in stands.values()]
        failed = f", {counts.count('failed')} failed" if "failed" in counts else ""
        spent = together([stand.spent for stand in stands.values()])
        done = f"{counts.count('done')} of {len(self.cells)} cells{failed}"
        return ", ".join([done, cost(spent), *self._left(stands, spent.steps)])

    def _left(self, stands: Mapping[str, Standing], steps: int) -> list[str]:
        if self._before is None:
            self._before = steps
        fresh = steps - self._before
        open_cells = {name: stand for name, stand in stands.items() if stand.state in ("running", "waiting")}
        if not open_cells or not fresh:
            return ["time left unknown"] if open_cells else []
        missing = sum(max(0, self.expected.get(name, 0) - stand.spent.steps) for name, stand in open_cells.items())
        return [f"about {clock((time.monotonic() - self._started) / fresh * missing)} left"]


def cost(spent: Spent) -> str:
    money = f", {spent.tokens:,} tokens, ${spent.usd:.2f}" if spent.tokens else ""
    return f"{spent.cpu_s:.0f} CPU-s{money}"


def _round(cell: Cell, stand: Standing) -> str:
    return f"{stand.round} of {cell.config.method.get('rounds', '?')}" if stand.round else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


class Board:
    """A table redrawn in place."""

    def __init__(self, whole: Whole, console: Console) -> None:
        self._whole = whole
        self._live = Live(console=console, refresh_per_second=4)

    def show(self, stands: Mapping[str, Standing]) -> None:
        title = f"{self._whole.name}: {self._whole.says(stands)}"
        table = Table(title=title, title_justify="left")
        for column in ("task", "method", "model", "seed", "state", "round", "search", "fresh seeds", "cost"):
            table.add_column(column, justify="right" if column in ("search", "fresh seeds") else "left")
        for cell in sorted(self._whole.cells, key=lambda cell: ORDER.index(stands[cell.name].state)):
            stand = stands[cell.name]
            state = f"{stand.state}: {stand.why}" if stand.why else stand.state
            numbers = (_number(stand.best), _number(stand.confirmed), cost(stand.spent))
            table.add_row(cell.task, cell.method, cell.model, str(cell.seed), state, _round(cell, stand), *numbers)
        self._live.update(table)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *problem: Any) -> None:
        self._live.__exit__(*problem)


class Lines:
    """A line for every change worth one."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._told: dict[str, tuple[Any, ...]] = {}

    def show(self, stands: Mapping[str, Standing]) -> None:
        for cell in self._whole.cells:
            stand = stands[cell.name]
            news = (stand.state, stand.round)
            before = self._told.get(cell.name, ("waiting", 0))
            self._told[cell.name] = news
            if news != before and cell.name in self._whole.expected:
                print(f"[{self._whole.says(stands)}] {_line(cell, stand)}", file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: Any) -> None:
        return None


def _line(cell: Cell, stand: Standing) -> str:
    parts = [stand.state]
    if stand.state == "running" and stand.round:
        parts.append(f"round {_round(cell, stand)}")
    if stand.confirmed is not None:
        parts.append(f"fitness {stand.confirmed:.3g} on fresh seeds")
    elif stand.best is not None:
        parts.append(f"best of the search so far {stand.best:.3g}")
    why = f": {stand.why}" if stand.why else ""
    return f"{cell.name}: {', '.join([*parts, cost(stand.spent)])}{why}"
