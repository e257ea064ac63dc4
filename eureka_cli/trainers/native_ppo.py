"""PPO without a deep-learning framework in the hot path: batched physics, NumPy network, rewards after the rollout.

Schulman et al. 2017, "Proximal Policy Optimization Algorithms", with the details of Huang et al. 2022 ("The 37
Implementation Details of PPO") that matter for continuous control: observation and reward normalisation, orthogonal
initialisation, annealed learning rate, value bootstrap at time limits. Defaults: docs/decisions/0009-native-ppo.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from eureka_cli.core import Array, Frozen, Rewards, Rollout, Simulator, Step
from eureka_cli.policies import OBSERVATION_CLIP, Policy
from eureka_cli.trainers.native_ppo_network import Batch, Network, Weights
from eureka_cli.training import (
    Moments,
    RewardCall,
    RewardScale,
    Schedule,
    Tally,
    Training,
    advance,
    pack,
    under,
    unpack,
)

VERSION = 4
"""Raise by hand when a change here changes a policy: it is part of every training key."""


class Config(Frozen):
    num_envs: int = Field(32, ge=1)
    """Environments side by side."""
    rollout_steps: int = Field(32, ge=1)
    """Steps of each environment between updates."""
    minibatch: int = Field(512, ge=1)
    epochs: int = Field(5, ge=1)
    learning_rate: float = Field(4e-3, gt=0)
    """At the start; falls linearly to zero over the whole schedule, pauses included."""
    gamma: float = Field(0.99, ge=0, lt=1)
    gae_lambda: float = Field(0.95, ge=0, le=1)
    clip: float = Field(0.3, gt=0)
    entropy: float = Field(0.0, ge=0)
    value: float = Field(0.5, ge=0)
    """Weight of the value error."""
    max_gradient: float = Field(0.5, gt=0)
    hidden: int = Field(64, ge=1)
    """Units in each of two tanh layers."""
    log_std: float = -0.25
    """Initial log standard deviation of actions in [-1, 1]."""
    reward_clip: float = Field(10.0, gt=0)
    """Of rewards in units of the return's running standard deviation."""

    @property
    def rows(self) -> int:
        """Transitions a reward call scores."""
        return self.num_envs * self.rollout_steps


@dataclass
class Collected:
    """One rollout as the learner needs it. Leading axes (T, N)."""

    observation: Array
    """(T, N, d + 1): normalised, float32; the last column is ones."""
    raw: Array
    action: Array
    log_probability: Array
    value: Array
    """(T + 1, N)"""
    ended: Array
    cut: list[tuple[int, Array, Array]]
    """Per step with time limits reached: step, which environments, their final observations."""
    rollout: Rollout


class Learner:
    """Everything that changes during training, in one place, so that a pause can save all of it."""

    def __init__(self, simulator: Simulator, config: Config, seed: int) -> None:
        spaces = simulator.spaces
        self._simulator, self._config = simulator, config
        self.rng = np.random.default_rng(seed)
        self.network = Network(
            spaces.observation_size,
            spaces.action_size,
            config.hidden,
            discrete=spaces.discrete,
            log_std=config.log_std,
            rng=self.rng,
        )
        self.observations = Moments((spaces.observation_size,))
        self.scale = RewardScale(config.num_envs, config.gamma, config.reward_clip)
        self.tally = Tally(config.num_envs)
        self.memory: Array | None = None
        self.fresh = np.ones(config.num_envs, bool)
        """Which environments begin an episode with the next step."""
        seeds = np.random.SeedSequence([seed, 1]).generate_state(config.num_envs, np.uint64)
        _, self.observation = simulator.reset(seeds)
        self._buffers = self._allocate()

    def _allocate(self) -> dict[str, Array]:
        lead = (self._config.rollout_steps, self._config.num_envs)
        buffers = {"action": np.empty((*lead, *self._simulator.action_shape))}
        for name, shape in self._simulator.fields.items():
            kind = bool if name == "terminated" else float
            buffers[f"state/{name}"] = np.empty((*lead, *shape), kind)
            buffers[f"next_state/{name}"] = np.empty((*lead, *shape), kind)
        return buffers

    # ------------------------------------------------------------ a rollout

    def collect(self) -> Collected:
        """Step every environment `rollout_steps` times with observation statistics frozen."""
        config, network, spaces = self._config, self.network, self._simulator.spaces
        steps, count, size = config.rollout_steps, config.num_envs, spaces.observation_size
        mean, scale = self.observations.mean.astype(np.float32), (1 / self.observations.std).astype(np.float32)
        shape = (steps, count, spaces.action_size)
        noise = self.rng.gumbel(size=shape) if spaces.discrete else self.rng.standard_normal(shape, np.float32)
        normal, raw = np.ones((steps + 1, count, size + 1), np.float32), np.empty((steps, count, size), np.float32)
        out = np.empty(shape, np.float32)
        actions = np.empty((steps, count) if spaces.discrete else shape, np.float32)
        ended, starts = np.zeros((steps, count), bool), np.empty((steps, count), bool)
        cut = []

        def normalise(observation: Array, into: Array) -> Array:
            x = np.subtract(observation, mean, out=into[:, :size])
            x *= scale
            np.minimum(x, OBSERVATION_CLIP, out=x)
            np.maximum(x, -OBSERVATION_CLIP, out=x)
            return into

        for t in range(steps):
            raw[t] = self.observation
            actions[t] = network.act(normalise(raw[t], normal[t]), noise[t], out[t])
            starts[t] = self.fresh
            step = self._simulator.step(actions[t])
            self._keep(t, step)
            np.logical_or(step.terminated, step.truncated, out=ended[t])
            if step.truncated.any():
                final = step.final_observation[step.truncated]
                cut.append((t, step.truncated.copy(), normalise(final, np.ones((len(final), size + 1), np.float32))))
            self.observation, self.fresh = step.observation, ended[t]
        self.fresh = self.fresh.copy()
        normalise(self.observation, normal[steps])
        # Nothing on the way needs these two, and one large product is cheaper than many small ones.
        values = network.value(normal.reshape(-1, size + 1)).reshape(steps + 1, count)
        log_probability = network.log_probability(out, actions, noise)
        return Collected(normal[:steps], raw, actions, log_probability, values, ended, cut, self._rollout(starts))

    def _keep(self, t: int, step: Step) -> None:
        buffers = self._buffers
        buffers["action"][t] = step.action
        for name, before, after in zip(step.state._fields, step.state, step.next_state, strict=True):
            buffers[f"state/{name}"][t] = before
            buffers[f"next_state/{name}"][t] = after

    def _rollout(self, starts: Array) -> Rollout:
        names = list(self._simulator.fields)
        return Rollout(
            state={name: self._buffers[f"state/{name}"] for name in names},
            action=self._buffers["action"],
            next_state={name: self._buffers[f"next_state/{name}"] for name in names},
            starts=starts,
        )

    # ------------------------------------------------------------ learning

    def learn(self, seen: Collected, rewards: Rewards, left: float) -> None:
        """Scale rewards, bootstrap time limits, estimate advantages, and take the epochs."""
        config, learning_rate = self._config, self._config.learning_rate * left
        scaled = self.scale(rewards.total, seen.ended)
        for t, rows, final in seen.cut:
            scaled[t, rows] += config.gamma * self.network.value(final)
        ended = seen.ended.astype(np.float32)
        advantage = advantages(scaled, seen.value, ended, gamma=config.gamma, gae_lambda=config.gae_lambda)
        target = (advantage + seen.value[:-1]).ravel()
        advantage = advantage.ravel()
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        flat = len(advantage)
        everything = Batch(
            observation=seen.observation.reshape(flat, -1),
            action=seen.action.reshape(flat, *seen.action.shape[2:]),
            log_probability=seen.log_probability.ravel(),
            advantage=advantage,
            target=target,
        )
        weights = Weights(config.clip, config.entropy, config.value, config.max_gradient)
        for _ in range(config.epochs):
            order = self.rng.permutation(flat)
            shuffled = [column[order] for column in everything]
            for start in range(0, flat, config.minibatch):
                batch = Batch(*(column[start : start + config.minibatch] for column in shuffled))
                self.network.update(batch, weights, learning_rate)
        self.observations.update(seen.raw.reshape(flat, -1).astype(float))

    def policy(self) -> Policy:
        """The actor with the observation statistics it was trained under."""
        p, h = self.network.p, self._config.hidden
        return Policy(
            weights=(p["w1"][:-1, :h].copy(), p["actor_w2"].copy(), p["w3"][:h, :-1].copy()),
            biases=(p["w1"][-1, :h].copy(), p["b2"][:h].copy(), p["b3"][:-1].copy()),
            log_std=p["log_std"].copy(),
            mean=self.observations.mean.astype(np.float32),
            std=self.observations.std.astype(np.float32),
            discrete=self.network.discrete,
        )

    # ------------------------------------------------------------ pause and go on

    def save(self) -> dict[str, Array]:
        parts = {
            "network": self.network.save(),
            "observations": self.observations.save(),
            "scale": self.scale.save(),
            "tally": self.tally.save(),
            "simulator": self._simulator.save(),
        }
        arrays = {f"{part}:{name}": value for part, values in parts.items() for name, value in values.items()}
        arrays |= {"rng": pack(self.rng.bit_generator.state), "fresh": self.fresh.copy()}
        return arrays if self.memory is None else {**arrays, "memory": self.memory}

    def restore(self, arrays: Mapping[str, Array], *, fresh_world: bool = False) -> None:
        self.network.restore(under("network", arrays))
        self.observations.restore(under("observations", arrays))
        self.scale.restore(under("scale", arrays))
        self.tally.restore(under("tally", arrays))
        self.rng.bit_generator.state = unpack(arrays["rng"])
        if fresh_world:
            self._enter()
            return
        _, self.observation = self._simulator.restore(under("simulator", arrays))
        self.fresh = np.array(arrays["fresh"])
        self.memory = np.array(arrays["memory"]) if "memory" in arrays else None

    def _enter(self) -> None:
        """Begin in a world the checkpoint does not know, with episodes of its own."""
        self.tally.forget_episodes()
        self.scale.forget_episodes()
        seeds = self.rng.integers(0, 2**64, self._config.num_envs, np.uint64)
        _, self.observation = self._simulator.reset(seeds)
        self.memory = None
        self.fresh = np.ones(self._config.num_envs, bool)


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
    schedule = Schedule(rows=config.rows, total=total_timesteps, until=until)
    return advance(
        Learner(simulator, config, seed),
        reward,
        schedule,
        start=start,
        on_progress=on_progress,
        fresh_world=fresh_world,
    )


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
