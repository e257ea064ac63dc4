"""The cells of a sweep, each an ordinary run in a process of its own: check them, run them, keep them within the cap.

A cell that fails is logged and passed over. Whatever ends this process, the cells can go on where they stopped.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import tomli_w

from eureka_cli import estimate
from eureka_cli.accounts import Spent, total
from eureka_cli.cli import session
from eureka_cli.config import RunConfig
from eureka_cli.errors import UsageError
from eureka_cli.reports.account import together
from eureka_cli.reports.sweep import Standing, standing
from eureka_cli.run import Run
from eureka_cli.store import RunFolder, locked
from eureka_cli.suites import Cap, Cell
from eureka_cli.worker import die_with_parent

TICK_S = 0.5
PATIENCE_S = 30.0
"""For a cell to write down that it was stopped."""
OUTPUT = "output.txt"
"""In a cell's folder: what its process said."""


class Running(NamedTuple):
    cell: Cell
    process: subprocess.Popen[bytes]


OnChange = Callable[[dict[str, Standing]], None]


# ---------------------------------------------------------------- before anything is spent


def check(folder: Path, cells: Sequence[Cell], cap: Cap) -> dict[str, int]:
    """Environment steps to expect of each cell that is not done, without the baselines that one before it trains.

    Raises UsageError or ConfigError where a cell cannot be what the suite says.
    """
    expected: dict[str, int] = {}
    shared: set[tuple[str, int]] = set()
    for cell in cells:
        home = RunFolder(folder / cell.name)
        if (home.path / "run.toml").exists() and not session.has_settings(home, cell.config):
            raise UsageError(f"{home.path} has other settings than this suite. Choose another --name, or delete it.")
        if standing(home).state == "done":
            shared.add((cell.task, cell.seed))
            continue
        with prepared(home, limited(cell.config, cap, total([]), total([]), 0.0)) as run:
            _, method = session.check_settings(run)
            steps, _ = estimate.steps(run, method.rounds, method.samples)
            seen = (cell.task, cell.seed) in shared
            expected[cell.name] = steps - (estimate.baseline_steps(run) if seen else 0)
            shared.add((cell.task, cell.seed))
    return expected


@contextmanager
def prepared(folder: RunFolder, config: RunConfig) -> Iterator[Run]:
    """The run that a cell will be; nothing is started or written."""
    model, executor = session.load_plugins(config)
    try:
        task = session.find_task(config)
        yield Run(folder, config, task=task, model=model, executor=executor, on_event=lambda event: None)
    finally:
        executor.close()


# ---------------------------------------------------------------- the cap


def reached(cap: Cap, spent: Spent, hours: float) -> str:
    """Which limit of the whole is spent, in words; empty while there is something left."""
    counted = used(spent, hours)
    for name, limit in cap.model_dump(exclude_none=True).items():
        if counted[name] >= limit * (1 - 1e-9):
            return _words(name, limit)
    return ""


def _words(name: str, limit: float) -> str:
    return f"${limit:g}" if name == "usd" else f"{limit:,g} {name.replace('cpu_', 'CPU-')}"


def _stopped_by(cap: Cap, cell: Cell, stands: Standing) -> str:
    """Which limit of the whole left too little for a cell's next effect, in words; empty where it was none of them."""
    for name, limit in cap.model_dump(exclude_none=True).items():
        key = _key(name)
        if stands.state == "limit reached" and f"budget.{key}=" in stands.why and not getattr(cell.config.budget, key):
            return _words(name, limit)
    return ""


def _key(name: str) -> str:
    """What a run calls a limit of the whole."""
    return "all_steps" if name == "steps" else name


def limited(config: RunConfig, cap: Cap, own: Spent, spent: Spent, hours: float) -> RunConfig:
    """A cell's config under what the whole has left; its own limits stay where they are lower."""
    mine, whole = used(own, 0.0), used(spent, hours)
    limits = {}
    for name, limit in cap.model_dump(exclude_none=True).items():
        key = _key(name)
        left = mine[name] + limit - whole[name]
        limits[key] = min(left, getattr(config.budget, key) or left)
    return config.model_copy(update={"budget": config.budget.model_copy(update=limits)})


def used(spent: Spent, hours: float) -> dict[str, float]:
    """What counts against each limit of a Cap, by its name."""
    counted = {"tokens": spent.tokens + spent.open_tokens, "usd": spent.usd + spent.open_usd, "steps": spent.steps}
    return {"hours": hours, "cpu_hours": spent.cpu_s / 3600, **counted}


# ---------------------------------------------------------------- running


def run(folder: Path, cells: Sequence[Cell], cap: Cap, *, at_once: int, show: OnChange) -> str:
    """Run what is not done, `at_once` cells at a time. Returns which limit of the whole stopped it, or nothing.

    Raises RunError where another process works on the sweep.
    """
    busy = f"{folder} is being worked on by {{holder}}. Wait for it, or stop it."
    with locked(folder / ".lock", busy=busy):
        return _run(folder, cells, cap, at_once=at_once, show=show)


def _run(folder: Path, cells: Sequence[Cell], cap: Cap, *, at_once: int, show: OnChange) -> str:
    started = time.monotonic()
    stands = {cell.name: standing(RunFolder(folder / cell.name)) for cell in cells}
    waiting = [cell for cell in cells if stands[cell.name].state != "done"]
    stands |= {cell.name: stands[cell.name]._replace(state="waiting", why="") for cell in waiting}
    running: list[Running] = []
    try:
        while True:
            spent, hours = together([stand.spent for stand in stands.values()]), (time.monotonic() - started) / 3600
            over = reached(cap, spent, hours)
            if over and (waiting or running) and (at_once > 1 or not running):
                return over  # a cell that runs alone was told what is left, and stops itself between two effects
            while not over and len(running) < at_once and (cell := _next(waiting, running)):
                waiting.remove(cell)
                config = limited(cell.config, cap, stands[cell.name].spent, spent, hours)
                running.append(Running(cell, _start(folder, cell, config)))
            if not running:
                return ""
            show(_look(folder, stands, running))
            time.sleep(TICK_S)
            ended = [one for one in running if one.process.poll() is not None]
            for one in ended:
                _note_failure(RunFolder(folder / one.cell.name), one.process.returncode)
            running = [one for one in running if one not in ended]
            show(_look(folder, stands, [*running, *ended]))
            if over := next((says for one in ended if (says := _stopped_by(cap, one.cell, stands[one.cell.name]))), ""):
                return over
    finally:
        _stop(running)
        show(_look(folder, stands, running))


def _next(waiting: Sequence[Cell], running: Sequence[Running]) -> Cell | None:
    """The first cell that shares nothing with a running one: what they share is paid for once."""
    busy = {(one.cell.task, one.cell.seed) for one in running}
    return next((cell for cell in waiting if (cell.task, cell.seed) not in busy), None)


def _look(folder: Path, stands: dict[str, Standing], running: Sequence[Running]) -> dict[str, Standing]:
    """Where the cells stand now: only those that run have to be read again."""
    for one in running:
        found = standing(RunFolder(folder / one.cell.name))
        stands[one.cell.name] = found if one.process.poll() is not None else found._replace(state="running", why="")
    return stands


def _start(folder: Path, cell: Cell, config: RunConfig) -> subprocess.Popen[bytes]:
    """`reward-synth run` of the cell's config, which it reads from its standard input."""
    home = folder / cell.name
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "eureka_cli.cli.main", "run", "--config", "/dev/stdin", "--json"]
    with (home / OUTPUT).open("wb") as output:
        process = subprocess.Popen(
            [*command, "--runs", str(folder), "--name", cell.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches this process only, which stops the cells itself
            preexec_fn=die_with_parent,
        )
    assert process.stdin is not None
    try:
        process.stdin.write(tomli_w.dumps(config.model_dump(exclude_none=True)).encode())
        process.stdin.close()
    except BrokenPipeError:
        pass  # it died before it listened: its status tells
    return process


def _note_failure(home: RunFolder, status: int) -> None:
    """Log why a cell ended, where it could not do so itself."""
    events = home.events()
    if status == 0 or (events and events[-1]["event"] in ("stopped", "interrupted")):
        return
    if status < 0:
        reason = f"its process was ended by {signal.Signals(-status).name}"
    else:
        lines = (home.path / OUTPUT).read_text(encoding="utf-8", errors="replace").splitlines()
        reason = lines[-1].removeprefix("reward-synth: ") if lines else f"its process ended with {status}"
    home.log("stopped", reason=reason)


def _stop(running: Sequence[Running]) -> None:
    for one in running:
        one.process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + PATIENCE_S
    for one in running:
        try:
            one.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
