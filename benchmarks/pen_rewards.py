"""Does the lite pen tell rewards apart at the demo's budget? Human, sparse, wobble and roll rewards, several seeds.

python benchmarks/pen_rewards.py --steps 100000 --seeds 5
"""

from __future__ import annotations

import argparse

import numpy as np
from common import ROOT, load, train

from eureka_cli.sandbox.client import Zygote
from eureka_cli.trainers import native_ppo

FILES = {
    "human": ROOT / "envs/hand_pen/rewards/pen_spin_human.py",
    "sparse": ROOT / "envs/hand_pen/rewards/pen_spin_sparse.py",
    "wobble": ROOT / "benchmarks/flawed/pen_spin/wobble.py",
    "roll": ROOT / "benchmarks/flawed/pen_spin/roll.py",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(FILES))
    arguments = parser.parse_args()
    env, task = load("hand_pen", "pen_spin")
    zygote = Zygote.start()
    for name in arguments.only:
        scores, cpu = [], []
        for seed in range(arguments.seeds):
            found = train(
                zygote,
                env,
                task,
                FILES[name].read_text(),
                steps=arguments.steps,
                seed=seed,
                config=native_ppo.Config(),
            )
            scores.append(found.score.fitness)
            cpu.append(found.cpu_s)
        error = np.std(scores, ddof=1) / np.sqrt(len(scores))
        each = " ".join(f"{score:.2f}" for score in scores)
        mean = f"{np.mean(scores):6.2f} +- {error:.2f} s.e. turns"
        print(f"{name:7} {mean}  [{each}]  {np.mean(cpu):.1f} CPU-s", flush=True)
    zygote.close()


if __name__ == "__main__":
    main()
