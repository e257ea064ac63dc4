"""Running statistics of native_ppo and generalised advantage estimation. All of it is saved with a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eureka_cli.core import Array


class Moments:
    """Running mean and variance over a first axis (Chan et al. 1979), in float64."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.mean, self.variance, self.count = np.zeros(shape), np.ones(shape), np.array(1e-4)

    def update(self, values: Array) -> None:
        mean, variance, count = values.mean(axis=0), values.var(axis=0), len(values)
        total = self.count + count
        delta = mean - self.mean
        self.mean = self.mean + delta * count / total
        spread = self.variance * self.count + variance * count + delta**2 * self.count * count / total
        self.variance, self.count = spread / total, np.array(total)

    @property
    def std(self) -> Array:
        result: Array = np.sqrt(self.variance + 1e-8)
        return result

    def save(self) -> dict[str, Array]:
        return {"mean": self.mean.copy(), "variance": self.variance.copy(), "count": self.count.copy()}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        self.mean, self.variance, self.count = (np.array(arrays[name]) for name in ("mean", "variance", "count"))


class RewardScale:
    """Divides rewards by the running standard deviation of the discounted return, step by step as VecNormalize does.

    Statistics move with every step, and each step is divided by what was known then, so a rollout scored at its end
    is scaled exactly as one scored on the way (docs/decisions/0002-late-rewards.md).
    """

    def __init__(self, num_envs: int, gamma: float, clip: float) -> None:
        self._gamma, self._clip = gamma, clip
        self._moments = Moments(())
        self._return = np.zeros(num_envs)

    def __call__(self, rewards: Array, ended: Array) -> Array:
        """rewards, ended: (T, N). Scaled and clipped rewards, float32."""
        scaled = np.empty(rewards.shape, np.float32)
        for t in range(len(rewards)):
            self._return = self._return * self._gamma + rewards[t]
            self._moments.update(self._return)
            scaled[t] = np.clip(rewards[t] / self._moments.std, -self._clip, self._clip)
            self._return = np.where(ended[t], 0.0, self._return)
        return scaled

    def save(self) -> dict[str, Array]:
        return {"return": self._return.copy(), **self._moments.save()}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        self._return = np.array(arrays["return"])
        self._moments.restore(arrays)


def advantages(rewards: Array, values: Array, ended: Array, *, gamma: float, gae_lambda: float) -> Array:
    """Generalised advantage estimation (Schulman et al. 2016, eq. 16).

    rewards, ended: (T, N); values: (T + 1, N), the last row being V of the observation after the rollout. Where an
    episode was cut off by its time limit, gamma * V(final observation) is already part of the reward.
    """
    result = np.empty_like(rewards)
    running = np.zeros(rewards.shape[1], rewards.dtype)
    for t in range(len(rewards) - 1, -1, -1):
        alive = 1 - ended[t]
        delta = rewards[t] + gamma * values[t + 1] * alive - values[t]
        running = delta + gamma * gae_lambda * alive * running
        result[t] = running
    return result
