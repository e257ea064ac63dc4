"""reward-synth sweep: tasks x methods x models x seeds, and the tables that follow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eureka_cli.suites import Cell, Suite

Flag = typer.Option

EPILOG = """Examples:

reward-synth sweep --suite quick --seed 0 --seed 1 --dry-run

reward-synth sweep my_suite.toml --budget-usd 20

reward-synth sweep my_suite.toml --at-once 1

reward-synth sweep --only-tables runs/my_suite
"""


def command(
    file: Annotated[Path | None, typer.Argument(metavar="SUITE.toml", help="What to run: docs/sweeps.md.")] = None,
    suite: Annotated[
        list[str] | None, Flag(help="Instead of its tasks: a tier (quick), a suite of tasks, or a task. Repeatable.")
    ] = None,
    method: Annotated[list[str] | None, Flag(help="Search methods instead of its own. Repeatable.")] = None,
    model: Annotated[
        list[str] | None, Flag(help="Models instead of its own, as in run; {task} and {seed} are put in. Repeatable.")
    ] = None,
    seed: Annotated[list[int] | None, Flag(help="Seeds instead of its own. Repeatable.")] = None,
    preset: Annotated[str | None, Flag(help="Of every run: laptop, paper or smoke.")] = None,
    set_: Annotated[list[str] | None, Flag("--set", help="Any setting of every run: key=value.")] = None,
    budget_hours: Annotated[float | None, Flag(help="Stop the whole after so many hours (resumable).")] = None,
    budget_cpu_hours: Annotated[float | None, Flag(help="Stop the whole after so many CPU-hours.")] = None,
    budget_tokens: Annotated[int | None, Flag(help="Stop the whole after so many tokens.")] = None,
    budget_usd: Annotated[float | None, Flag(help="Stop the whole after so many dollars.")] = None,
    budget_steps: Annotated[int | None, Flag(help="Stop the whole after so many environment steps.")] = None,
    at_once: Annotated[
        int | None, Flag(min=1, help="Runs side by side; two, or half as many as there are cores, unless said.")
    ] = None,
    name: Annotated[str | None, Flag(help="Name of the sweep's folder; that of the suite unless said.")] = None,
    runs: Annotated[Path, Flag(help="Folder that holds runs.")] = Path("runs"),
    dry_run: Annotated[bool, Flag("--dry-run", help="List the runs and estimate their cost; train nothing.")] = False,
    only_tables: Annotated[Path | None, Flag(help="Run nothing; tables and page of this sweep's folder.")] = None,
    json: Annotated[bool, Flag("--json", help="Print tables as JSON; progress goes to standard error.")] = False,
) -> None:
    """Run every method and model on every task and seed, and compare them. The same command again goes on.

    Each run lies in runs/NAME/ and is one like any other: `reward-synth report NAME/RUN`. What fails is listed and does
    not stop the rest. Exit code: 0 all done, 1 some failed, 3 a limit of the whole is reached.
    """
    from eureka_cli import suites

    if only_tables is not None:
        folder = _find(only_tables, runs)
        _tell(folder, suites.cells(suites.read(folder)), as_json=json)
        return
    flags = {
        "tasks": suite,
        "methods": method,
        "models": model,
        "seeds": seed,
        "settings.preset": preset,
        "budget.hours": budget_hours,
        "budget.cpu_hours": budget_cpu_hours,
        "budget.tokens": budget_tokens,
        "budget.usd": budget_usd,
        "budget.steps": budget_steps,
    }
    planned = suites.load(file, flags, set_ or [])
    folder = runs / (name or (file.stem if file else "-".join(suite or [])))
    if dry_run:
        from eureka_cli.cli import sweep_estimate

        sweep_estimate.tell(folder, suites.cells(planned), planned.budget, as_json=json)
        return
    _run(folder, planned, at_once=at_once, as_json=json)


def _run(folder: Path, planned: Suite, *, at_once: int | None, as_json: bool) -> None:
    """Exits with what became of the cells."""
    import os
    import sys

    from eureka_cli import suites
    from eureka_cli.cli import cells, sweep_live
    from eureka_cli.errors import UsageError

    if (folder / "run.toml").exists():
        raise UsageError(f"{folder} is a run, not a sweep. Choose another --name.")
    cores = len(os.sched_getaffinity(0))
    at_once = at_once or max(2, cores // 2)
    # Twice the cores are shared out: jobs of a run wait for each other, and those of another use the time.
    found = [cell.with_cores(min(cores, max(1, 2 * cores // at_once))) for cell in suites.cells(planned)]
    expected = cells.check(folder, found, planned.budget)
    suites.write(folder, planned)
    try:
        with sweep_live.display(folder.name, found, expected, as_json=as_json) as display:
            over = cells.run(folder, found, planned.budget, at_once=at_once, show=display.show)
    except KeyboardInterrupt:
        print(
            f"\nStopped. The same command goes on; tables so far: reward-synth sweep --only-tables {folder}",
            file=sys.stderr,
        )
        raise
    states = _tell(folder, found, as_json=as_json)
    if over:
        print(f"The limit of {over} is reached. Raise it and run the same command to go on.", file=sys.stderr)
        raise typer.Exit(3)
    raise typer.Exit(0 if states == {"done"} else 1)


def _tell(folder: Path, found: list[Cell], *, as_json: bool) -> set[str]:
    """Write the page, print the tables; returns the states that cells are in."""
    import json

    from eureka_cli.reports import sweep, sweep_page

    told = sweep.tables(folder, found)
    page = sweep_page.write(folder, told)
    print(json.dumps(told, indent=1) if as_json else f"{sweep_page.text(told)}\n\nPage: {page}")
    return {row["state"] for row in told["cells"]}


def _find(folder: Path, runs: Path) -> Path:
    from eureka_cli.errors import UsageError
    from eureka_cli.store import SWEEP

    for place in (folder, runs / folder):
        if (place / SWEEP).exists():
            return place
    known = ", ".join(sorted(file.parent.name for file in runs.glob(f"*/{SWEEP}")))
    raise UsageError(f"No sweep {str(folder)!r}. There are: {known or 'none'}.")
