"""STARC distance of rewards (Skalse et al. 2024) from sampled transitions, with value-adjusted levelling (VAL).

Two rewards order policies alike where they differ by potential shaping and positive scaling only. Subtracting the
value function of whoever acted, A = R + gamma V(s') - V(s), takes shaping away; dividing by its size takes scale away.
What is left is compared: d = sqrt((1 - cosine) / 2), 0 for the same reward, 1 for its negative. V is fitted by least
squares (LSTD) on random Fourier features, so distances below a few hundredths mean nothing.
"""

from __future__ import annotations

import numpy as np

from eureka_cli.core import Array

FEATURES = 128
RIDGE = 1e-3
GAMMA = 0.99


class Levels:
    """One factorised regression for all rewards on the same transitions."""

    def __init__(self, before: Array, after: Array, ended: Array, *, seed: int = 0, gamma: float = GAMMA) -> None:
        """before, after: (R, d) states; ended: (R,) bool, the episode ended in the step for good."""
        rng = np.random.default_rng(seed)
        mean, spread = before.mean(axis=0), before.std(axis=0) + 1e-6
        directions = rng.standard_normal((before.shape[1], FEATURES)) / np.sqrt(before.shape[1])
        phases = rng.uniform(0, 2 * np.pi, FEATURES)

        def features(states: Array) -> Array:
            z = np.clip((states - mean) / spread, -10, 10)
            return np.concatenate([np.ones((len(z), 1)), z, np.cos(2 * z @ directions + phases)], axis=1)

        self._now = features(before)
        self._step = self._now - gamma * np.where(ended[:, None], 0.0, features(after))
        square = self._now.T @ self._step / len(before)
        self._system = square + RIDGE * np.eye(len(square))

    def canonical(self, reward: Array) -> Array:
        """(R,) the advantage of who acted, at size one; zero for a reward that is shaping and nothing else."""
        weights = np.linalg.solve(self._system, self._now.T @ reward / len(reward))
        advantage = reward - self._step @ weights
        size = float(np.sqrt(np.mean(advantage**2)))
        return advantage / size if size > 1e-9 * (1 + float(np.abs(reward).max())) else np.zeros_like(advantage)


def distance(a: Array, b: Array) -> float:
    """d in [0, 1] of two canonical rewards (R,)."""
    cosine = float(np.mean(a * b))
    return float(np.sqrt(max(0.0, (1 - cosine) / 2)))
