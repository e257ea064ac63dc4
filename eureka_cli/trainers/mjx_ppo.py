"""PPO with physics, rewards and learning in one program on a GPU. Extra: `reward-synth[mjx]`.

The algorithm is native_ppo's; the physics are MJX's, the rewards arithmetic traced from their code (sandbox/tracer.py).
Policies leave as the same arrays and are judged by the same evaluator on the official physics. docs/gpu.md.
JAX is loaded by a training alone: this module is read wherever settings are, and before processes fork.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence

from pydantic import Field

from eureka_cli.core import Array, Simulator, Task
from eureka_cli.errors import RewardFailure, UsageError
from eureka_cli.sandbox.arithmetic import Arithmetic
from eureka_cli.simulators import mjx_models
from eureka_cli.simulators.mujoco_batch import MujocoBatch
from eureka_cli.trainers import native_ppo
from eureka_cli.training import Training

VERSION = 3
"""Raise by hand when a change here changes a policy: it is part of every training key."""
PACKAGES = ("jax", "jaxlib", "mujoco-mjx")
"""Their releases are part of every training key too."""
GPUS = 1
"""What a training asks of an executor that shares out a cluster's."""
ISOLATION_NOTE = "for training traced in a weaker one (docs/gpu.md), then run as arithmetic"


class Config(native_ppo.Config):
    """native_ppo's, with a GPU's sizes: wide, short rollouts."""

    num_envs: int = Field(1024, ge=1)
    """Environments of each candidate, side by side."""
    rollout_steps: int = Field(8, ge=1)
    minibatch: int = Field(1024, ge=1)
    epochs: int = Field(4, ge=1)
    starts: int = Field(1024, ge=1)
    """Distinct beginnings of episodes, kept on the device."""
    solver_iterations: int = Field(4, ge=1)
    """Most iterations of MJX's constraint solver; the official physics take what the model says (100)."""
    line_search: int = Field(8, ge=1)
    """Most iterations of its line search."""
    together: int = Field(16, ge=1)
    """Most trainings that step as one batch in one program; 1 compiles and trains each alone."""


def check(config: Config, discrete: bool | None) -> None:
    """Raises UsageError where JAX is missing or actions are choices (None before they are known)."""
    if importlib.util.find_spec("jax") is None or importlib.util.find_spec("mujoco.mjx") is None:
        raise UsageError("JAX or MJX is not installed. Install both: pip install 'reward-synth[mjx]'")
    if discrete:
        raise UsageError("mjx_ppo trains continuous actions only. Use --trainer native_ppo.")


def fits(task: Task) -> None:
    """Raises UsageError where MJX cannot compute the task's world."""
    found = mjx_models.fit(task)
    if found.physics == "no":
        raise UsageError(f"mjx_ppo cannot train {task.name}: {found.why} Use --trainer native_ppo.")


def train_round(
    simulator: Simulator,
    rewards: Sequence[Arithmetic],
    config: Config,
    *,
    seeds: Sequence[int],
    total_timesteps: int,
    until: int,
    start: Sequence[Mapping[str, Array]] | None,
    on_progress: Callable[[int, list[float]], None],
    fresh_world: bool = False,
) -> list[Training | RewardFailure]:
    """Train K candidates as one batch to `until` of one schedule over `total_timesteps`.

    `simulator` says where episodes begin, `start` is each one's checkpoint. A reward that is not finite fails alone.
    """
    from eureka_cli.trainers import mjx_ppo_trainer

    if not isinstance(simulator, MujocoBatch):
        raise UsageError("mjx_ppo needs a MuJoCo model, which this task has not. Use --trainer native_ppo.")
    mjx_ppo_trainer.keep_programs(simulator.cache)
    return mjx_ppo_trainer.train_round(
        simulator,
        rewards,
        config,
        seeds=seeds,
        total_timesteps=total_timesteps,
        until=until,
        start=start,
        on_progress=on_progress,
        fresh_world=fresh_world,
    )
