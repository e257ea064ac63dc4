"""Which tasks tell a right reward from a wrong one within their budget, with room above? Those may be called quick.

Per task: fitness after BUDGET steps of native_ppo, set as the task advises, under the human, the sparse and a named
wrong reward (benchmarks/flawed/TASK/NAME.py), mean +- standard error over seeds. A task is `quick` if the human reward
beats the wrong one by GAP pooled standard errors and stays below ROOM of the way from doing nothing to the ceiling,
where fitness has one. Finished trainings are kept in --file, so an interrupted calibration goes on.

    python benchmarks/calibrate.py --tasks quadcopter_hover,cheetah_backwards --file runs/calibrate.jsonl
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")  # as jobs run: one core each

import numpy as np
from common import EPISODES, ROOT, load, simulator, train

from eureka_cli import evaluator, tasks
from eureka_cli.sandbox.client import Zygote
from eureka_cli.trainers import native_ppo

WRONG = {
    "ball_balance": "level",
    "quadcopter_hover": "height_only",
    "cheetah_backwards": "forwards",
    "cheetah_run": "backwards",
    "hopper_forward": "stand",
    "reacher_reach": "middle",
    "ant_lie_down": "calm",
    "ant_wave_leg": "hold_up",
    "ant_jump": "tall",
    "hopper_jump": "upwards",
    "ant_forward": "any_way",
    "hopper_hop": "loiter",
    "pen_spin": "hold_still",
    "ant_run": "loiter",
    "hopper_back_flip": "lean",
    "hopper_front_flip": "lean",
    "quadruped_velocity": "stand",
    "hand_rotate_block": "spin",
    "humanoid_run": "stand",
    "humanoid_jump": "tall",
    "mw_drawer_close": "reach_only",
    "mw_button_press": "reach_only",
    "craft_wood": "loiter",
    "craft_pickaxe": "hoard",
    "craft_diamond": "stare",
    "craft_cow": "follow",
    "craft_lava_cross": "see_saw",
    "dk6": "juggle",
    "tomato": "bucket",
    "visit_a_then_b": "per_visit",
    "delayed_cheetah": "cheetah_run/backwards",
    "delayed_reacher": "reacher_reach/middle",
}
"""The wrong reward of each: a file of benchmarks/flawed/TASK/, or of another task's folder there."""
CEILING = {
    "ball_balance": 1.0,
    "quadcopter_hover": 0.0,
    "reacher_reach": 1.0,
    "ant_lie_down": 1.0,
    "quadruped_velocity": 0.0,
    "mw_drawer_close": 1.0,
    "mw_button_press": 1.0,
    "craft_lava_cross": 1.0,
    "dk6": 1.0,
    "tomato": 1.0,
    "visit_a_then_b": 1.0,
    "delayed_reacher": 1.0,
}
"""The best fitness there can be, where there is one."""
GAP, ROOM = 3.0, 0.95
SPARSE_SEEDS = 2


def measure(file: Path, chosen: list[str], seeds: int) -> None:
    done = {(row["task"], row["reward"], row["seed"], row["steps"]) for row in rows(file)}
    zygote = Zygote.start()
    for name, reward, seed in plan(chosen, seeds):
        env, task = load(tasks.find(name).env, name)
        row = {"task": name, "reward": reward, "seed": seed, "steps": task.BUDGET if reward != "nothing" else 0}
        if tuple(row.values()) in done:
            continue
        if reward == "nothing":
            keep(file, row | {"fitness": doing_nothing(env, task)})
            continue
        config = native_ppo.Config(**tasks.find(name).trainer.get("native_ppo", {}))
        found = train(zygote, env, task, source(name, reward), steps=task.BUDGET, seed=seed, config=config)
        keep(file, row | {"fitness": found.score.fitness, "cpu_s": found.cpu_s})
    zygote.close()


def plan(chosen: list[str], seeds: int) -> Iterator[tuple[str, str, int]]:
    """(task, reward, seed), the verdict's own first: sparse rewards, which it does not need, come last."""
    for name in chosen:
        yield name, "nothing", 0
        yield from product([name], ["human", WRONG[name]], range(seeds))
    yield from product(chosen, ["sparse"], range(min(seeds, SPARSE_SEEDS)))


def doing_nothing(env: ModuleType, task: ModuleType) -> float:
    """Fitness of action 0 on the episodes trained policies are measured on."""
    world = simulator(env, task, EPISODES)
    still = np.zeros((EPISODES, *world.action_shape))
    seen = evaluator.rollouts(world, lambda observation: still, np.arange(EPISODES, dtype=np.uint64) + 10_000)
    return evaluator.judge(seen, task).fitness


def source(name: str, reward: str) -> str:
    """Text of a baseline (`human`, `sparse`) or of a wrong reward by its name."""
    flawed = f"{reward}.py" if "/" in reward else f"{name}/{reward}.py"
    return tasks.baseline(tasks.find(name), reward) or (ROOT / "benchmarks" / "flawed" / flawed).read_text("utf-8")


def keep(file: Path, row: dict[str, Any]) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")


def rows(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def table(file: Path) -> str:
    heads = ["task", "sentence", "tier", "steps", "fitness", "nothing", "human", "wrong", "sparse"]
    heads += ["gap, s.e.", "steps/CPU-s", "verdict"]
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for name in WRONG:
        task, (_, module) = tasks.find(name), load(tasks.find(name).env, name)
        measured = str(module.__doc__).splitlines()[0].partition("fitness is ")[2].rstrip(".")
        cells = [f"`{name}`", task.sentence, task.tier, f"{task.budget:,}", measured]
        seen = [row for row in rows(file) if row["task"] == name and row["steps"] in (0, task.budget)]
        lines.append(f"| {' | '.join(cells + results(name, seen))} |")
    return "\n".join(lines)


def results(name: str, seen: list[dict[str, Any]]) -> list[str]:
    """Cells of what was measured of a task: a dash where nothing was."""
    found = {kind: [r["fitness"] for r in seen if r["reward"] == kind] for kind in {r["reward"] for r in seen}}
    human, wrong, nothing = (found.get(kind, []) for kind in ("human", WRONG[name], "nothing"))
    rates = [row["steps"] / row["cpu_s"] for row in seen if row["steps"]]
    cells = [f"{nothing[0]:.2f}" if nothing else "-", said(human), f"{WRONG[name]}: {said(wrong)}"]
    cells += [said(found.get("sparse", []))]
    rate = f"{np.median(rates) / 1000:.0f}k" if rates else "-"
    if not (nothing and len(human) > 1 and len(wrong) > 1):
        return [*cells, "-", rate, "not calibrated"]
    gap = (np.mean(human) - np.mean(wrong)) / max(np.hypot(error(human), error(wrong)), 1e-9)
    return [*cells, f"{gap:.0f}", rate, verdict(name, human, nothing[0], gap)]


def verdict(name: str, human: list[float], nothing: float, gap: float) -> str:
    share = (np.mean(human) - nothing) / (CEILING[name] - nothing) if name in CEILING else 0.0
    if gap < GAP:
        return "not told apart"
    return f"no room above ({share:.0%})" if share >= ROOM else "quick"


def error(values: list[float]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def said(values: list[float]) -> str:
    if not values:
        return "-"
    spread = f" +- {error(values):.2f}" if len(values) > 1 else ""
    return f"{np.mean(values):.2f}{spread} (n={len(values)})"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tasks", default=",".join(WRONG), help="Names separated by commas.")
    parser.add_argument("--file", type=Path, default=ROOT / "runs" / "calibrate.jsonl")
    arguments = parser.parse_args()
    measure(arguments.file, arguments.tasks.split(","), arguments.seeds)
    print(table(arguments.file))


if __name__ == "__main__":
    main()
