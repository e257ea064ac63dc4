"""Reward statistics that move with every step against statistics frozen within a rollout: does PPO learn Hopper alike?

Both are computed after the rollout. `each step` is native_ppo as it is: every step is divided by the statistics up to
it, as VecNormalize does. In `frozen` the rollout's returns enter first, then all rewards are divided by one number.

    python benchmarks/late_rewards.py --steps 300000 --seeds 10
"""

from __future__ import annotations

import argparse

import numpy as np
from common import ROOT, train

from eureka_cli import plugins
from eureka_cli.analysis import intervals
from eureka_cli.core import Array
from eureka_cli.sandbox.client import Zygote
from eureka_cli.trainers import native_ppo
from eureka_cli.training import RewardScale

REWARD = (ROOT / "envs" / "hopper" / "rewards" / "hopper_hop_human.py").read_text()


class Frozen(RewardScale):
    """Statistics move once a rollout."""

    def __call__(self, rewards: Array, ended: Array) -> Array:
        returns = np.empty_like(rewards)
        for t in range(len(rewards)):
            self._return = self._return * self._gamma + rewards[t]
            returns[t] = self._return
            self._return = np.where(ended[t], 0.0, self._return)
        self._moments.update(returns.ravel())
        return np.clip(rewards / self._moments.std, -self._clip, self._clip).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=300_000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--config", default="{}", help="native_ppo settings as JSON")
    arguments = parser.parse_args()
    env = plugins.load_file(ROOT / "envs" / "hopper" / "env.py")
    task = plugins.load_file(ROOT / "benchmarks" / "hopper_return.py")
    config = native_ppo.Config.model_validate_json(arguments.config)
    zygote = Zygote.start()
    found: dict[str, list[float]] = {}
    for name, scale in (("each step", RewardScale), ("frozen", Frozen)):
        native_ppo.RewardScale = scale
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            result = train(zygote, env, task, REWARD, steps=arguments.steps, seed=seed, config=config)
            found.setdefault(name, []).append(result.score.fitness)
            print(f"{name:10} seed {seed}: return {result.score.fitness:7.0f}  {result.cpu_s:.1f} CPU-s", flush=True)
    for name, scores in found.items():
        low, high = intervals.bootstrap(scores)
        print(f"{name:10} IQM {intervals.iqm(scores):.0f} [{low:.0f}, {high:.0f}]")
    low, high = intervals.difference(found["each step"], found["frozen"])
    chance = intervals.probability_of_improvement(found["each step"], found["frozen"])
    print(f"difference of IQMs [{low:.0f}, {high:.0f}]; probability that each step is better {chance:.2f}")
    zygote.close()


if __name__ == "__main__":
    main()
