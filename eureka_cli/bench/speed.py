"""Environment steps per CPU-second: our trainer, the physics alone, and Stable-Baselines3 as people use it.

CPU-seconds are those of the process and of all below it (meter.py), from the first step to the last; imports are not
among them, everything a training job does is. Arms of one repeat run one after the other and are compared with each
other, so that a change of the machine meets them alike.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import mjbatch
import mujoco
import numpy as np

from eureka_cli import simulators, tasks
from eureka_cli.bench import meter, parts, speed_sb3, tables, training
from eureka_cli.bench.cells import Cell, Plan, Record
from eureka_cli.core import Array, Json, Task
from eureka_cli.sandbox.client import Zygote
from eureka_cli.simulators.mujoco_batch import MujocoBatch
from eureka_cli.trainers import native_ppo

ABOUT = "environment steps per CPU-second: native_ppo, the physics alone, Stable-Baselines3"
TASKS = ("cheetah_run", "hopper_hop", "ant_run", "pen_spin")
OURS = ("native", "simulator", "physics")
ARMS = (*OURS, *speed_sb3.ARMS, "parts")
STEPS = {"cheetah_run": 200_000, "hopper_hop": 200_000, "ant_run": 100_000, "pen_spin": 60_000}
TYPICAL = {
    "cheetah_run": {"native": 20_000, "simulator": 40_000, "physics": 43_000, "parts": 20_000},
    "hopper_hop": {"native": 12_000, "simulator": 16_000, "physics": 17_000, "parts": 12_000},
    "ant_run": {"native": 4_500, "simulator": 6_000, "physics": 6_500, "parts": 4_500},
    "pen_spin": {"native": 2_500, "simulator": 3_000, "physics": 3_200, "parts": 2_500},
}
"""Steps per CPU-second, roughly: to tell beforehand what it costs."""
VERSION = 1
RECORDED = 256
"""Steps of chance whose controls the bare physics repeats."""
BLOCK = 8
"""Steps the bare physics goes on from a recorded state: few, so that fallen robots are as rare as they are there."""
BASES = ("sb3", "sb3-1thread")
"""What arms are compared with."""


def cells(plan: Plan) -> list[Cell]:
    made = []
    for repeat in range(plan.repeats):
        for name in plan.tasks or TASKS:
            task = tasks.find(name)
            made += [_ours(plan, task, arm, repeat) for arm in OURS]
            made += speed_sb3.cells(plan, task, repeat)
            if repeat == 0:
                made.append(_ours(plan, task, "parts", repeat))
    return [cell for cell in made if plan.arms is None or cell.arm in plan.arms]


def _ours(plan: Plan, task: Task, arm: str, repeat: int) -> Cell:
    steps = plan.steps or STEPS.get(task.name, task.budget)
    typical = TYPICAL.get(task.name, TYPICAL["ant_run"])[arm]
    settings = {
        "version": VERSION,
        "world": task.world,
        "trainer": _trainer(task),
        "reward": tasks.baseline(task, "human") if arm in ("native", "parts") else None,
        "steps": steps,
    }
    return Cell(
        benchmark="speed",
        arm=arm,
        task=task.name,
        repeat=repeat,
        settings=settings,
        guess_s=3 + steps / typical,
    )


def _trainer(task: Task) -> dict[str, Json]:
    """native_ppo as a run of the task would have it."""
    config = native_ppo.Config(**task.trainer.get("native_ppo", {})).model_dump()
    return {"name": "native_ppo", "version": native_ppo.VERSION, "config": config}


# ---------------------------------------------------------------- measure


def measure(cell: Cell, work: Path) -> dict[str, Json]:
    """{steps, cpu_s, wall_s, ...} of one cell."""
    if cell.arm in speed_sb3.ARMS:
        return speed_sb3.measure(cell, work)
    if cell.arm in ("simulator", "physics"):
        simulator = _simulator(cell, work)
        return (chance if cell.arm == "simulator" else physics)(simulator, cell.settings["steps"])
    zygote = Zygote.start()
    try:
        if cell.arm == "parts":
            return parts.measure(lambda: training.perform(cell, work, zygote))
        return meter.timed(lambda: training.perform(cell, work, zygote))
    finally:
        zygote.close()


def _simulator(cell: Cell, work: Path) -> MujocoBatch:
    task = tasks.find(cell.task)
    paths = {**task.paths, "cache": str(work / "cache")}
    made = simulators.make(task.world, paths, num_envs=native_ppo.Config().num_envs)
    assert isinstance(made, MujocoBatch)
    return made


def chance(simulator: MujocoBatch, steps: int) -> dict[str, Json]:
    """Our simulator under uniform actions, and nothing else."""
    actions = _actions(simulator, RECORDED)
    rows = -(-steps // simulator.num_envs)

    def go() -> dict[str, Json]:
        for t in range(rows):
            simulator.step(actions[t % RECORDED])
        return {"steps": rows * simulator.num_envs}

    return meter.timed(go)


def physics(simulator: MujocoBatch, steps: int) -> dict[str, Json]:
    """The ceiling: batched physics alone, from states and with controls that chance met in the simulator.

    In the timed part nothing happens but writing controls and stepping; going to the next block's states is not timed.
    """
    model, count = simulator.mj_model, simulator.num_envs
    recorded = []
    for action in _actions(simulator, RECORDED):
        simulator.step(action)
        recorded.append(simulator.save()["physics"])
    before = mujoco.mj_stateSize(model, int(mujoco.mjtState.mjSTATE_CTRL) - 1)
    controls = [state[:, before : before + model.nu].copy() for state in recorded]
    batch = mjbatch.Batch(model, count, num_threads=1)
    state, control = batch.bind("state"), batch.bind("ctrl")
    substeps = round(simulator.dt / model.opt.timestep)
    done, cpu_s, wall_s = 0, 0.0, 0.0
    while done < steps:
        for start in range(0, RECORDED - BLOCK, BLOCK):
            state[:] = recorded[start]
            cpu, wall = time.process_time(), time.monotonic()
            for t in range(start + 1, start + 1 + BLOCK):
                control[:] = controls[t]
                batch.step(nstep=substeps)
            cpu_s, wall_s = cpu_s + time.process_time() - cpu, wall_s + time.monotonic() - wall
            done += BLOCK * count
    return {"steps": done, "cpu_s": cpu_s, "wall_s": wall_s}


def _actions(simulator: MujocoBatch, steps: int) -> Array:
    shape = (steps, simulator.num_envs, *simulator.action_shape)
    return np.random.default_rng(0).uniform(-1.0, 1.0, shape)


# ---------------------------------------------------------------- tables


def rates(records: Sequence[Record]) -> dict[int, float]:
    """Repeat to steps per CPU-second."""
    return {record.cell.repeat: record.result["steps"] / record.result["cpu_s"] for record in records}


def _task_table(records: Sequence[Record], task: str) -> str:
    """One task's arms, with ratios paired within a repeat."""
    found = {arm: rates(tables.of(records, task=task, arm=arm)) for arm in ARMS if arm != "parts"}
    rows = [
        [
            f"`{arm}`",
            tables.spread(list(rate.values())),
            *(_ratio(rate, found[base], ".1f") for base in BASES),
            _ratio(rate, found["physics"], ".0%"),
            str(len(rate)),
        ]
        for arm, rate in found.items()
        if rate
    ]
    head = ["arm", "steps per CPU-second", *(f"times `{base}`" for base in BASES), "of the physics", "n"]
    return f"**{task}**\n\n{tables.markdown(head, rows)}"


def _ratio(ours: Mapping[int, float], theirs: Mapping[int, float], form: str) -> str:
    """Median of the ratios within a repeat, and the smallest."""
    ratios = [ours[repeat] / theirs[repeat] for repeat in ours if repeat in theirs]
    return f"{np.median(ratios):{form}} (smallest {min(ratios):{form}})" if ratios else tables.NONE


def report(records: Sequence[Record]) -> str:
    """Speed by task, and where the time of `native` goes."""
    timed = [record for record in records if record.cell.arm != "parts"]
    done = [_task_table(timed, task) for task in tables.order(timed, "task", sorted(tasks.names()))]
    apart = tables.of(records, arm="parts")
    if apart:
        rows = [[r.cell.task, *(f"{r.result['parts'][part]:.1%}" for part in parts.PARTS)] for r in apart]
        done.append(f"**Where the time of `native` goes**\n\n{tables.markdown(['task', *parts.PARTS], rows)}")
    return "\n\n".join([*done, tables.circumstances(records)])
