"""What does dropping the weaker half early save, and what does it lose? Whole runs with racing and without.

Answers are those a language model once gave (tests/recordings), so both arms judge the same candidates; a repeat is a
seed of the run. Fitness is the shipped reward's on fresh seeds, as every run reports it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eureka_cli import bank, plugins, tasks
from eureka_cli.analysis import intervals
from eureka_cli.bench import searching, tables
from eureka_cli.bench.cells import Cell, Plan, Record, each
from eureka_cli.config import Search
from eureka_cli.core import Json, Task, digest
from eureka_cli.errors import UsageError
from eureka_cli.reports import summary
from eureka_cli.steps import EVALUATOR_VERSION
from eureka_cli.store import RunFolder

ABOUT = "whole runs with racing on and off: environment steps saved, fitness found"
TASKS = ("cheetah_run", "hopper_hop", "reacher_reach")
ARMS = ("on", "off")
RACING = {"on": Search().racing, "off": "off"}
CONFIRM, CONFIRM_SEEDS = 1, 5
RECORDINGS = Path(__file__).resolve().parents[2] / "tests" / "recordings"
TYPICAL = 10_000
"""Steps per CPU-second, roughly: to tell beforehand what it costs."""
VERSION = 1


def cells(plan: Plan) -> list[Cell]:
    return [cell(plan, tasks.find(task), arm, repeat) for repeat, task, arm in each(plan, TASKS, ARMS)]


def cell(plan: Plan, task: Task, arm: str, repeat: int) -> Cell:
    answers = sorted((RECORDINGS / task.name).glob("eureka/*/*/attempt-0.json"))
    if not answers:
        raise UsageError(f"{RECORDINGS} holds no answers for {task.name}: run it in a clone of the repository.")
    rounds = len({file.parent.parent for file in answers})
    samples = len(answers) // rounds
    steps = plan.steps or task.budget
    settings = {
        "version": VERSION,
        "world": task.world,
        "judge": task.judge,
        "evaluator": EVALUATOR_VERSION,
        "bank": bank.VERSION,
        "trainer": plugins.load("trainers", "native_ppo").VERSION,
        "defaults": plugins.load("trainers", "native_ppo").Config().model_dump(),
        "answers": digest([file.read_text(encoding="utf-8") for file in answers]),
        "rounds": rounds,
        "samples": samples,
        "search": {**Search().model_dump(), "racing": RACING[arm], "confirm": CONFIRM, "confirm_seeds": CONFIRM_SEEDS},
        "steps": steps,
    }
    trained = len(answers) * Search().train_seeds + 3 * CONFIRM_SEEDS
    return Cell(
        benchmark="racing",
        arm=arm,
        task=task.name,
        repeat=repeat,
        settings=settings,
        guess_s=20 + trained * steps / TYPICAL,
    )


def run_name(cell: Cell) -> str:
    return f"{cell.name}-{cell.key}"


def measure(cell: Cell, work: Path) -> dict[str, Json]:
    """Steps of the search, steps racing spared, and the shipped reward's fitness on fresh seeds."""
    wanted = cell.settings
    arguments = ["--task", cell.task, "--model", f"recorded:{RECORDINGS / cell.task}", "--seed", str(cell.repeat)]
    arguments += ["--rounds", str(wanted["rounds"]), "--samples", str(wanted["samples"])]
    arguments += ["--budget-steps", str(wanted["steps"]), "--set", "video=false"]
    for name, value in wanted["search"].items():
        arguments += ["--set", f"search.{name}={json.dumps(value)}"] if value is not None else []
    folder = searching.search(arguments, runs=work, name=run_name(cell))
    found = summary.read(folder)
    return {
        "search_steps": search_steps(folder),
        "saved_steps": found["search"]["steps_saved_by_racing"],
        "trained": found["search"]["trained"],
        "best": found["best"],
        "cost": found["cost"],
    }


def search_steps(folder: RunFolder) -> int:
    """Environment steps of the search's own trainings, confirmation and baselines left out."""
    events = folder.events()
    jobs = {address for event in events if event["event"] == "score" for address in event["jobs"]}
    done = {event["address"]: event["steps"] for event in events if event["event"] == "job-done"}
    return sum(done.get(address, 0) for address in jobs)


# ---------------------------------------------------------------- tables


def report(records: Sequence[Record]) -> str:
    """Per task: steps with and without racing, and the fitness each found."""
    rows = [_row(records, task, arm) for task in tables.order(records, "task", sorted(tasks.names())) for arm in ARMS]
    head = ["task", "racing", "steps of the search", "spared", "fitness of the shipped reward", "`on` is", "difference"]
    parts = [tables.markdown([*head, "n"], [row for row in rows if row]), tables.circumstances(records)]
    return "\n\n".join(parts)


def _row(records: Sequence[Record], task: str, arm: str) -> list[str]:
    found = tables.of(records, task=task, arm=arm)
    if not found:
        return []
    fitness = {side: [r.result["best"]["iqm"] for r in tables.of(records, task=task, arm=side)] for side in ARMS}
    spent = [record.result["search_steps"] for record in found]
    spared = [r.result["saved_steps"] / (r.result["saved_steps"] + r.result["search_steps"]) for r in found]
    verdict, difference = "", ""
    if arm == "off" and fitness["on"]:
        low, high = intervals.difference(fitness["on"], fitness["off"])
        verdict = intervals.verdict(fitness["on"], fitness["off"])
        difference = f"{intervals.iqm(fitness['on']) - intervals.iqm(fitness['off']):.3g} [{low:.3g}, {high:.3g}]"
    told = [task, arm, tables.spread(spent), f"{np.median(spared):.0%}", tables.interval(fitness[arm])]
    return [*told, verdict, difference, str(len(found))]
