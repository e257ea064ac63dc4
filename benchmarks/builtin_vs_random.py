"""Is `builtin` a search? Its best after three rounds of four against the best of twelve random programs.

Three Gymnasium ids without shipped tasks, several seeds. Both sides train as many candidates on two seeds each, the
same steps, without racing; the best two of each are retrained on five fresh seeds, as the laptop preset does, and the
fitness of what is then best is compared, seed by seed.

    python benchmarks/builtin_vs_random.py --seeds 5
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from eureka_cli.analysis import intervals

FITNESS = Path(__file__).parent / "gym_fitness"
GOALS = {
    "Pendulum-v1": ("pendulum", "swing the pendulum up and hold it upright"),
    "Reacher-v5": ("reacher", "bring the fingertip to the target and keep it there"),
    "InvertedPendulum-v5": ("inverted_pendulum", "keep the pole upright on the cart as long as possible"),
}
SEARCHES = {"search": (3, 4), "random": (1, 12)}


def fresh_fitness(gym_id: str, rounds: int, samples: int, seed: int, steps: int, folder: str) -> tuple[float, float]:
    """(mean fitness of the best on fresh seeds, CPU-seconds)."""
    file, goal = GOALS[gym_id]
    command = [sys.executable, "-m", "eureka_cli.cli.main", "run", "--env", gym_id, "--goal", goal, "--json"]
    command += ["--fitness", str(FITNESS / f"{file}.py"), "--rounds", str(rounds), "--samples", str(samples)]
    command += ["--seed", str(seed), "--racing", "off", "--budget-steps", str(steps), "--runs", folder]
    command += ["--set", "video=false"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return float(np.mean(found["best"]["scores"])), found["cost"]["cpu_s"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--only", nargs="*", default=list(GOALS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for gym_id in arguments.only:
            scores: dict[str, list[float]] = {}
            for seed in range(arguments.first, arguments.first + arguments.seeds):
                for name, (rounds, samples) in SEARCHES.items():
                    score, cpu_s = fresh_fitness(gym_id, rounds, samples, seed, arguments.steps, folder)
                    scores.setdefault(name, []).append(score)
                    print(f"{gym_id} seed {seed} {name}: {score:.3f} ({cpu_s:.0f} CPU-s)", flush=True)
            for name, values in scores.items():
                print(f"{gym_id} {name}: IQM {intervals.iqm(values):.3f}  [{' '.join(f'{v:.3f}' for v in values)}]")
            gain = np.subtract(scores["search"], scores["random"])  # paired: a seed's first four are the same
            low, high = intervals.bootstrap(gain)
            print(f"{gym_id} search - random: IQM {intervals.iqm(gain):.3f} [{low:.3f}, {high:.3f}]", flush=True)


if __name__ == "__main__":
    main()
