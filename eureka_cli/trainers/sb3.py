"""Stable-Baselines3 (PPO, SAC, TD3, DQN) on any simulator, with rewards after the rollout. Extra: `reward-synth[sb3]`.

Raffin et al. 2021. Its own collecting and its own updates are called in turn; in between, the rewards of what was
collected are asked for in one call and written into its buffer. So nothing of the algorithms is rewritten here, and a
reward's process is called once a rollout (PPO) or once every `rollout_steps` (the others), before anything samples it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from eureka_cli.core import Array, Frozen, Json, Rewards, Simulator
from eureka_cli.errors import UsageError
from eureka_cli.policies import Policy
from eureka_cli.training import RewardCall, RewardScale, Schedule, Seen, Tally, Training, advance, under

VERSION = 2
"""Raise by hand when a change here changes a policy: it is part of every training key."""
PRELOAD = ("torch", "stable_baselines3")
"""Imported by the job server once: 2 CPU-s that every training job would pay again."""
OFF_POLICY_ROWS = 64
OURS = {"policy", "env", "n_steps", "train_freq", "gradient_steps", "seed", "device", "verbose"}


class Config(Frozen):
    algorithm: Literal["ppo", "sac", "td3", "dqn"] = "ppo"
    num_envs: int = Field(8, ge=1)
    """Environments side by side."""
    rollout_steps: int = Field(256, ge=1)
    """PPO: steps of each environment between updates. Others: steps between reward calls and updates; 8 unless said."""
    normalize: bool = True
    """Running statistics as VecNormalize keeps them: of observations; for PPO of rewards too."""
    options: dict[str, Json] = Field(default_factory=dict)
    """Arguments of the algorithm's class: learning_rate, batch_size, policy_kwargs = {net_arch = [256, 256]}."""

    @model_validator(mode="before")
    @classmethod
    def _chunk(cls, given: Any) -> Any:
        """Off-policy updates wait for few steps."""
        if isinstance(given, dict) and given.get("algorithm", "ppo") != "ppo" and "rollout_steps" not in given:
            envs = given.get("num_envs", 8)
            return {**given, "rollout_steps": max(1, OFF_POLICY_ROWS // max(1, int(envs)))}
        return given

    @property
    def rows(self) -> int:
        """Transitions a reward call scores."""
        return self.num_envs * self.rollout_steps


def check(config: Config, discrete: bool | None) -> None:
    """Raises UsageError where the library is missing, a setting belongs to this module, or the algorithm does not fit
    the actions (`discrete`: None before they are known)."""
    if importlib.util.find_spec("stable_baselines3") is None:
        raise UsageError("Stable-Baselines3 is not installed. Install it: pip install 'reward-synth[sb3]'")
    if ours := OURS & set(config.options):
        raise UsageError(f"trainer.options.{min(ours)} is set by trainer.num_envs, trainer.rollout_steps or the run.")
    if discrete is not None and (config.algorithm == "dqn") != discrete and config.algorithm != "ppo":
        kind = "choices" if discrete else "continuous actions"
        fits = "ppo or dqn" if discrete else "ppo, sac or td3"
        raise UsageError(f"{config.algorithm} does not fit {kind}. Use --set trainer.algorithm={fits}.")


def train(
    simulator: Simulator,
    reward: RewardCall,
    config: Config,
    *,
    seed: int,
    total_timesteps: int,
    until: int,
    start: Mapping[str, Array] | None,
    on_progress: Callable[[int, float], None],
    fresh_world: bool = False,
) -> Training:
    """Train to `until` of one schedule over `total_timesteps`, from scratch or from a checkpoint (training.advance)."""
    learner = Learner(simulator, config, seed, total_timesteps)
    schedule = Schedule(rows=config.rows, total=total_timesteps, until=until)
    return advance(learner, reward, schedule, start=start, on_progress=on_progress, fresh_world=fresh_world)


class Learner:
    """A Stable-Baselines3 model, its environments, and what a pause must keep of both."""

    def __init__(self, simulator: Simulator, config: Config, seed: int, total: int) -> None:
        import torch
        from stable_baselines3.common.logger import Logger

        from eureka_cli.trainers.sb3_env import RecordingEnv

        torch.set_num_threads(1)
        self._config = config
        seeds = np.random.SeedSequence([seed, 1]).generate_state(config.num_envs, np.uint64)
        self.env = RecordingEnv(simulator, config.rollout_steps, seeds)
        self.tally = Tally(config.num_envs)
        self.memory: Array | None = None
        self._model: Any = _model(self.env, config, seed, total)
        self._model.set_logger(Logger(None, []))
        self._on_policy = config.algorithm == "ppo"
        gamma = self._model.gamma
        self._scale = RewardScale(config.num_envs, gamma, 10.0) if self._on_policy and config.normalize else None
        _, self._callback = self._model._setup_learn(total)
        self.policy()  # a network that cannot leave as arrays is refused before it is trained

    def collect(self) -> Seen:
        """Steps without rewards: zeros lie in the buffer, for PPO with the bootstrap of time limits added."""
        model = self._model
        self.env.clear()
        if self._on_policy:
            model.collect_rollouts(model.env, self._callback, model.rollout_buffer, model.n_steps)
            model._update_current_progress_remaining(model.num_timesteps, model._total_timesteps)
        else:
            model.collect_rollouts(
                model.env,
                self._callback,
                train_freq=model.train_freq,
                replay_buffer=model.replay_buffer,
                action_noise=model.action_noise,
                learning_starts=model.learning_starts,
            )
        return self.env.seen()

    def learn(self, seen: Seen, rewards: Rewards, left: float) -> None:
        """Write the rewards into the buffer, then update as the algorithm does."""
        import torch

        model = self._model
        total = self._scale(rewards.total, seen.ended) if self._scale else rewards.total.astype(np.float32)
        if self._on_policy:
            model.rollout_buffer.rewards += total
            with torch.no_grad():
                values = model.policy.predict_values(torch.as_tensor(model._last_obs))
            model.rollout_buffer.compute_returns_and_advantage(last_values=values, dones=model._last_episode_starts)
            model.train()
            return
        buffer = model.replay_buffer
        rows = (buffer.pos - len(total) + np.arange(len(total))) % buffer.buffer_size
        buffer.rewards[rows] = total
        if model.num_timesteps > model.learning_starts:
            model.train(batch_size=model.batch_size, gradient_steps=self._config.rows)

    def policy(self) -> Policy:
        from eureka_cli.trainers.sb3_arrays import actor

        return actor(self._model)

    # ------------------------------------------------------------ pause and go on

    def save(self) -> dict[str, Array]:
        from eureka_cli.trainers.sb3_arrays import save_model

        parts = {"model": save_model(self._model), "env": self.env.save(), "tally": self.tally.save()}
        if self._scale:
            parts["scale"] = self._scale.save()
        arrays = {f"{part}:{name}": value for part, values in parts.items() for name, value in values.items()}
        return arrays if self.memory is None else {**arrays, "memory": self.memory}

    def restore(self, arrays: Mapping[str, Array], *, fresh_world: bool = False) -> None:
        from eureka_cli.trainers.sb3_arrays import enter, restore_model

        restore_model(self._model, under("model", arrays))
        self.tally.restore(under("tally", arrays))
        if self._scale:
            self._scale.restore(under("scale", arrays))
        if fresh_world:
            enter(self._model, self.env)
            self.tally.forget_episodes()
            if self._scale:
                self._scale.forget_episodes()
            return
        self.env.restore(under("env", arrays))
        self.memory = np.array(arrays["memory"]) if "memory" in arrays else None


def _model(env: Any, config: Config, seed: int, total: int) -> Any:
    import stable_baselines3 as sb3
    from stable_baselines3.common.noise import NormalActionNoise, VectorizedActionNoise
    from stable_baselines3.common.vec_env import VecNormalize

    options: dict[str, Any] = dict(config.options)
    if config.algorithm == "ppo":
        options |= {"n_steps": config.rollout_steps}
    else:
        options |= {"train_freq": config.rollout_steps, "gradient_steps": config.rows}
        options.setdefault("buffer_size", min(1_000_000, max(total, config.rows)))
    if config.algorithm == "td3" and "action_noise" not in options:
        size = env.action_space.shape[0]
        noise = NormalActionNoise(np.zeros(size), 0.1 * np.ones(size))
        options["action_noise"] = VectorizedActionNoise(noise, config.num_envs)
    wrapped = VecNormalize(env, norm_reward=False) if config.normalize else env
    algorithm = getattr(sb3, config.algorithm.upper())
    try:
        return algorithm("MlpPolicy", wrapped, seed=seed, device="cpu", **options)
    except TypeError as error:
        raise UsageError(f"trainer.options do not fit {config.algorithm}: {error}.") from None
