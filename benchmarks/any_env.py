"""`reward-synth run --env` on ids nobody prepared, five packages: what State was derived, how it ended, what it cost.

    python benchmarks/any_env.py [FOLDER]        # docs/worlds.md has the table it prints

Tiny budgets: it shows that a sentence and an id are enough, not that the task is learnt.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from eureka_cli.simulators.gym_fields import MIXED, UNKNOWN

HERE = Path(__file__).resolve().parent
SETTINGS = (
    *("--model", "builtin", "--preset", "smoke", "--rounds", "1", "--samples", "2", "--budget-steps", "4000"),
    *("--set", "critic.bank=false", "--set", "trainer.num_envs=8", "--cores", "1", "--json"),
)
"""Without a bank: it simulates 300,000 steps, which are minutes where a step takes a millisecond."""


ONE_GOAL = "Meta-World/goal_observable"


class World(NamedTuple):
    package: str
    gym_id: str
    goal: str
    fitness: str = ""
    """A file of gym_fitness/; empty where the environment reports success."""
    arguments: tuple[str, ...] = ()


WORLDS = (
    World("gymnasium", "Acrobot-v1", "swing the tip up and keep it high", "acrobot"),
    World("gymnasium", "MountainCarContinuous-v0", "drive up the right-hand hill", "mountain_car"),
    World("gymnasium", "Walker2d-v5", "walk forward along +x", "walker"),
    World("box2d", "LunarLander-v3", "land on the pad and stand still", "lunar_lander"),
    World("box2d", "BipedalWalker-v3", "walk ahead without falling", "bipedal_walker"),
    World("minigrid", "MiniGrid-Empty-5x5-v0", "reach the green square", "minigrid"),
    World("gymnasium-robotics", "FetchReach-v4", "bring the gripper to the goal"),
    World("gymnasium-robotics", "HandReach-v3", "bring the fingertips to their goals"),
    World("gymnasium-robotics", "PointMaze_UMaze-v3", "roll the ball to the goal"),
    World("metaworld", ONE_GOAL, "bring the hand to the goal", "", ("env_name=reach-v3", "seed=0")),
    World("metaworld", ONE_GOAL, "press the button", "", ("env_name=button-press-v3", "seed=0")),
)


def command(world: World, folder: Path) -> list[str]:
    start = [sys.executable, "-m", "eureka_cli.cli.main", "run", "--env", world.gym_id, "--goal", world.goal]
    fitness = ["--fitness", str(HERE / "gym_fitness" / f"{world.fitness}.py")] if world.fitness else []
    given = [word for argument in world.arguments for word in ("--env-arg", argument)]
    return [*start, *fitness, *given, *SETTINGS, "--runs", str(folder)]


def row(world: World, folder: Path) -> list[str]:
    """Package, id, named fields, those with a unit, outcome, CPU-seconds. A finished run answers from disk."""
    own = folder / "-".join([world.gym_id, *world.arguments]).replace("/", "_")
    done = subprocess.run(command(world, own), capture_output=True, text=True, check=False)
    name = f"{world.gym_id} {' '.join(world.arguments)}".strip()
    if done.returncode != 0:
        return [world.package, name, "", "", done.stderr.strip().splitlines()[-1], ""]
    found = json.loads(done.stdout)
    measured = json.loads(next(own.glob(".cache/jobs/measure/*/result.json")).read_text())["result"]
    fields = [field for field in measured["table"] if field["name"] != "action"]
    known = [field for field in fields if field["unit"] not in (MIXED, UNKNOWN)]
    chance = next(other["iqm"] for other in found["others"] if other["label"] == "random")
    outcome = f"{found['best']['iqm']:.3g} (chance {chance:.3g})"
    return [world.package, name, str(len(fields)), str(len(known)), outcome, f"{found['cost']['cpu_s']:.0f}"]


def table(rows: Sequence[Sequence[str]]) -> str:
    head = ("package", "id", "State fields", "with a unit", "fitness of the best reward", "CPU-s")
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/any_env").resolve()
    rows = []
    for each in WORLDS:
        rows.append(row(each, place))
        print(rows[-1], file=sys.stderr, flush=True)
    print(table(rows))
