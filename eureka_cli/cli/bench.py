"""reward-synth bench: the measurements behind docs/benchmarks.md, kept cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from types import ModuleType

    from eureka_cli.bench.cells import Cell, Folder, Plan

Flag = typer.Option


def command(
    names: Annotated[list[str] | None, typer.Argument(help="speed, learning, racing, replication.")] = None,
    repeats: Annotated[int, Flag(min=1, help="Repeats (seeds) of every arm.")] = 5,
    tasks: Annotated[str | None, Flag(help="Only these tasks, separated by commas.")] = None,
    arms: Annotated[str | None, Flag(help="Only these arms, separated by commas.")] = None,
    steps: Annotated[
        int | None, Flag(min=1, help="Environment steps instead of the benchmark's: to try it out.")
    ] = None,
    only_tables: Annotated[bool, Flag("--only-tables", help="Measure nothing; tables of what is finished.")] = False,
    write: Annotated[Path | None, Flag(help="Put tables and pictures into this document, between its markers.")] = None,
    runs: Annotated[Path, Flag(help="Folder that holds runs; cells are kept in its .bench/.")] = Path("runs"),
    json: Annotated[
        bool, Flag("--json", help="Print cells and tables as JSON; progress goes to standard error.")
    ] = False,
) -> None:
    """Measure what is not measured yet, and print tables. Without a name: list the benchmarks and how far they are.

    Every cell (arm, task, repeat) runs in a process of its own and is kept under a key of its settings and versions, so
    the same command again goes on where it stopped. Run it on a machine that does nothing else.

    Examples: reward-synth bench speed, reward-synth bench speed learning racing replication --write docs/benchmarks.md
    """
    import json as encoder

    from eureka_cli import bench
    from eureka_cli.bench import documents, runner
    from eureka_cli.bench.cells import Folder, Plan

    plan = Plan(repeats=repeats, tasks=_list(tasks), arms=_list(arms), steps=steps)
    if not names:
        _overview(plan, runs, as_json=json)
        return
    chosen = {name: bench.load(name) for name in names}
    if write is not None:
        documents.check(write, names)  # before hours are spent
    planned = {name: _cells(module, plan) for name, module in chosen.items()}
    folders = {name: Folder(runs, name) for name in chosen}
    if not only_tables:
        for name, cells in planned.items():
            _measure(name, folders[name], cells)
    records = {name: folders[name].records(cells) for name, cells in planned.items()}
    tables = {}
    for name, module in chosen.items():
        notes = runner.notes(runner.status(folders[name], planned[name]))
        tables[name] = "\n\n".join([module.report(records[name]), *notes])
        if write is not None and records[name] and hasattr(module, "picture"):
            documents.draw(write, name, module.picture(records[name]))
    if write is not None:
        documents.put(write, tables)
    if json:
        cells_of = {name: [record.model_dump() for record in found] for name, found in records.items()}
        print(encoder.dumps({name: {"cells": cells_of[name], "tables": tables[name]} for name in chosen}, indent=1))
        return
    for name, text in tables.items():
        print(f"# {name}\n\n{text}\n")


def _list(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _cells(module: ModuleType, plan: Plan) -> list[Cell]:
    """The plan's cells of one benchmark; an arm it does not have is refused with the nearest name."""
    import difflib

    from eureka_cli.errors import UsageError

    for arm in plan.arms or ():
        if arm not in module.ARMS:
            close = difflib.get_close_matches(arm, module.ARMS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise UsageError(f"No arm {arm!r}.{hint} There are: {', '.join(module.ARMS)}.")
    cells: list[Cell] = module.cells(plan)
    return cells


def _overview(plan: Plan, runs: Path, *, as_json: bool) -> None:
    """Every benchmark: how far, what it costs, what it asks; or why it cannot be measured here."""
    import json as encoder

    from eureka_cli import bench
    from eureka_cli.bench import runner
    from eureka_cli.bench.cells import Folder
    from eureka_cli.errors import UsageError

    states, told = {}, []
    for name in bench.NAMES:
        module = bench.load(name)
        try:
            state = runner.status(Folder(runs, name), module.cells(plan))
        except UsageError as error:
            told.append(f"{name:12} {error}")
            continue
        states[name] = state._asdict()
        cost = f"{state.cpu_s / 60:4.0f} CPU-min"
        told.append(f"{name:12} {state.done:3} of {state.total:3} cells, {cost}  {module.ABOUT}")
    print(encoder.dumps(states, indent=1) if as_json else "\n".join(told))


def _measure(name: str, folder: Folder, cells: list[Cell]) -> None:
    """Measure with progress on standard error; Ctrl-C says what is kept and how to go on."""
    import sys

    from eureka_cli.bench import runner

    try:
        runner.run(folder, cells, lambda text: print(text, file=sys.stderr, flush=True))
    except KeyboardInterrupt:
        done = runner.status(folder, cells).done
        print(
            f"\nStopped. {done} of {len(cells)} cells of {name} are finished and kept. The same command goes on;"
            f" tables of these: reward-synth bench {name} --only-tables",
            file=sys.stderr,
        )
        raise
