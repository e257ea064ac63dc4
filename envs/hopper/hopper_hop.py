"""Hop: fitness is the mean forward speed over 500 steps; a fall ends all progress."""

from __future__ import annotations

DESCRIPTION = "make the one-legged robot hop forward along +x as fast as possible without falling"
HORIZON = 500
PARAMS: dict[str, float] = {}
BUDGET = 200_000
TIER = "quick"
CAMERA = {"track": "torso"}
TRAINER = {
    # Longer rollouts, a longer view, smaller steps and more noise: with the defaults one seed in three hops on the spot.
    "native_ppo": {
        "rollout_steps": 64,
        "minibatch": 256,
        "learning_rate": 2e-3,
        "gae_lambda": 0.97,
        "clip": 0.2,
        "log_std": 0.0,
    },
}


def fitness(trajectory) -> float:
    """Distance along +x by the time of a whole episode (4 s), m/s: after a fall nothing is added."""
    start, end = trajectory.state.torso_position[0, 0], trajectory.next_state.torso_position[-1, 0]
    return float((end - start) / (trajectory.horizon * trajectory.dt))


def success(trajectory) -> bool:
    """Faster than 1 m/s, and never fallen."""
    return fitness(trajectory) > 1.0 and not trajectory.terminated
