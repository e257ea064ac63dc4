"""What every trainer shares: the seam to rewards, running statistics, the curve, and what a training leaves behind.

All of it is saved with a checkpoint, as arrays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from eureka_cli import arrays, policies
from eureka_cli.core import Array, Json, Rewards, Rollout
from eureka_cli.policies import Policy

CHECKPOINTS = 10
CHECKPOINT = "checkpoint.npz"
LAST_POLICY = "policy-last.npz"
"""Where training paused: what a climb evaluates and goes on from."""

RewardCall = Callable[[Rollout, Array | None], Rewards]
"""Scores a rollout given the memory before it (None for rewards without memory)."""


@dataclass(frozen=True)
class Training:
    """What a training left behind: all it needs to go on, and what was seen at up to ten checkpoints."""

    steps: int
    checkpoint: dict[str, Array]
    policy: Policy
    """As it stands at the end or the pause."""
    policies: dict[int, Policy]
    curve: dict[str, Array]
    """Per checkpoint: `steps`, `return` and `length` (Episodes), `component/<name>` per step since the last."""


def keep(folder: Path, training: Training) -> dict[str, Json]:
    """Write what a training left into the folder of its job; returns the job's result."""
    np.savez(folder / CHECKPOINT, **training.checkpoint)  # type: ignore[arg-type]
    policies.save(folder / LAST_POLICY, training.policy)
    for index, policy in training.policies.items():
        policies.save(folder / f"policy-{index:02d}.npz", policy)
    curve = {name: [float(value) for value in values] for name, values in training.curve.items()}
    return {"failure": None, "steps": training.steps, "curve": curve, "policies": sorted(training.policies)}


def begun(folder: Path) -> dict[str, Array] | None:
    """The checkpoint a training job goes on from; None where it starts from scratch."""
    file = folder / "start.npz"
    return arrays.read(file) if file.exists() else None


class Seen(NamedTuple):
    """A rollout without rewards."""

    rollout: Rollout
    ended: Array
    """(T, N) bool: the episode ended with this step."""


class HasRollout(Protocol):
    @property
    def rollout(self) -> Rollout: ...

    @property
    def ended(self) -> Array: ...


S = TypeVar("S", bound=HasRollout)


class Learner(Protocol[S]):
    """Collects without rewards, learns when they are there, and can be paused."""

    tally: Tally
    memory: Array | None
    """Of the reward, between rollouts."""

    def collect(self) -> S: ...

    def learn(self, seen: S, rewards: Rewards, left: float) -> None:
        """`left` falls from 1 to 0 over the schedule."""
        ...

    def policy(self) -> Policy: ...

    def save(self) -> dict[str, Array]: ...

    def restore(self, arrays: Mapping[str, Array], *, fresh_world: bool) -> None:
        """Where `save` was; in a fresh world all but the episodes that were under way, which stay behind."""
        ...


class Schedule(NamedTuple):
    """Environment steps: of a rollout, of the whole training, and where to pause."""

    rows: int
    total: int
    until: int


def advance(
    learner: Learner[S],
    reward: RewardCall,
    schedule: Schedule,
    *,
    start: Mapping[str, Array] | None,
    on_progress: Callable[[int, float], None],
    fresh_world: bool = False,
) -> Training:
    """Train to `until` of one schedule over `total`, from scratch or from a checkpoint.

    Stops at the first rollout that ends at or after `until`; going on from there gives the bytes an unpaused
    training gives. With `fresh_world` the checkpoint comes of another world: the learner goes on, its episodes begin
    anew. Raises RewardFailure when the reward does.
    """
    rows = schedule.rows
    rollouts, last = -(-schedule.total // rows), -(-schedule.until // rows)
    done, policies = 0, {}
    if start is not None:
        learner.restore(start, fresh_world=fresh_world)
        done, policies = int(start["rollouts"]), load_policies(start)
    for k in range(done, last):
        seen = learner.collect()
        rewards = reward(seen.rollout, learner.memory)
        learner.memory = rewards.memory
        learner.tally.add(rewards, seen.ended)
        on_progress((k + 1) * rows, learner.tally.own_return)
        learner.learn(seen, rewards, 1 - k / rollouts)
        if (k + 1) * CHECKPOINTS // rollouts > k * CHECKPOINTS // rollouts:
            learner.tally.close((k + 1) * rows)
            policies[len(policies)] = learner.policy()
    last = max(last, done)
    checkpoint = {**learner.save(), "rollouts": np.array(last), **save_policies(policies)}
    return Training(last * rows, checkpoint, learner.policy(), policies, learner.tally.curve())


class Tally:
    """What happened since the last checkpoint, and the rows of the curve so far."""

    def __init__(self, num_envs: int) -> None:
        self._return, self._length = np.zeros(num_envs), np.zeros(num_envs)
        self._episodes = Episodes(num_envs)
        self._sums: dict[str, float] = {}
        self._steps = 0
        self.rows: list[dict[str, float]] = []

    def add(self, rewards: Rewards, ended: Array) -> None:
        for t in range(len(ended)):
            self._return += rewards.total[t]
            self._length += 1
            over = ended[t]
            if over.any():
                self._episodes.add(over, np.where(over, self._return, 0.0), np.where(over, self._length, 0.0))
                self._return[over] = self._length[over] = 0
        self._steps += ended.size
        for name, values in {"total": rewards.total, **rewards.components}.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(values.sum())

    @property
    def own_return(self) -> float:
        """Mean raw return of an episode; NaN before there is one (Episodes)."""
        return self._episodes.means()[0]

    def close(self, steps: int) -> None:
        """Turn what was seen into a row of the curve."""
        own, length = self._episodes.means()
        means = {f"component/{name}": total / self._steps for name, total in self._sums.items()}
        self.rows.append({"steps": float(steps), "return": own, "length": length, **means})
        self._sums, self._steps = {}, 0
        self._episodes.close()

    def curve(self) -> dict[str, Array]:
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: np.array([row.get(name, np.nan) for row in self.rows]) for name in names}

    def save(self) -> dict[str, Array]:
        facts = pack([self._sums, self._steps, self.rows])
        now = {"return": self._return.copy(), "length": self._length.copy(), "facts": facts}
        return {**now, **self._episodes.save()}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        self._return, self._length = np.array(arrays["return"]), np.array(arrays["length"])
        self._sums, self._steps, self.rows = unpack(arrays["facts"])
        self._episodes.restore(arrays)

    def forget_episodes(self) -> None:
        """Those under way will not be ended."""
        self._return[:] = self._length[:] = 0
        self._episodes.forget()


class Episodes:
    """Returns and lengths of the episodes ended since the last checkpoint.

    Where some did, an environment that ended none counts with its latest; before each has ended one there is no mean.
    Else the first rows of a curve would hold those alone that reach the goal early, and the peak be luck's.
    """

    def __init__(self, num_envs: int) -> None:
        self._count, self._sums = np.zeros(num_envs), np.zeros((2, num_envs))
        self._latest = np.full((2, num_envs), np.nan)

    def add(self, count: Array, returns: Array, lengths: Array) -> None:
        """(N,) each: how many episodes every environment ended, and sums over them."""
        sums, some = np.stack([returns, lengths]), count > 0
        self._count += count
        self._sums += sums
        self._latest[:, some] = sums[:, some] / count[some]

    def means(self) -> tuple[float, float]:
        """Raw return and length of an episode; NaN before every environment has ended one, and where none did since."""
        none = self._count == 0
        if none.all():
            return float("nan"), float("nan")
        own, length = (self._sums.sum(1) + self._latest[:, none].sum(1)) / (self._count.sum() + none.sum())
        return float(own), float(length)

    def close(self) -> None:
        self._count[:] = self._sums[:] = 0

    def forget(self) -> None:
        """What was ended before says nothing of what comes."""
        self._latest[:] = np.nan

    def save(self) -> dict[str, Array]:
        now = {"episodes": self._count, "episode_sums": self._sums, "latest_episodes": self._latest}
        return {name: array.copy() for name, array in now.items()}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        names = ("episodes", "episode_sums", "latest_episodes")
        self._count, self._sums, self._latest = (np.array(arrays[name]) for name in names)


class Moments:
    """Running mean and variance over a first axis (Chan et al. 1979), in float64."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.mean, self.variance, self.count = np.zeros(shape), np.ones(shape), np.array(1e-4)

    def update(self, values: Array) -> None:
        self.merge(values.mean(axis=0), values.var(axis=0), len(values))

    def merge(self, mean: Array, variance: Array, count: int) -> None:
        """Take in `count` values of which only mean and variance are known."""
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
        returns, std = np.empty(rewards.shape), np.empty(len(rewards))
        for t in range(len(rewards)):
            returns[t] = self._return * self._gamma + rewards[t]
            self._return = returns[t] * ~ended[t]
        means, variances = returns.mean(axis=1), returns.var(axis=1)
        for t in range(len(rewards)):
            self._moments.merge(means[t], variances[t], rewards.shape[1])
            std[t] = self._moments.std
        return np.clip(rewards / std[:, None], -self._clip, self._clip).astype(np.float32)

    def save(self) -> dict[str, Array]:
        return {"return": self._return.copy(), **self._moments.save()}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        self._return = np.array(arrays["return"])
        self._moments.restore(arrays)

    def forget_episodes(self) -> None:
        self._return[:] = 0


def save_policies(saved: Mapping[int, Policy]) -> dict[str, Array]:
    return {
        f"policy/{index}/{name}": array
        for index, policy in saved.items()
        for name, array in policies.to_arrays(policy).items()
    }


def load_policies(arrays: Mapping[str, Array]) -> dict[int, Policy]:
    parts: dict[int, dict[str, Array]] = {}
    for name in arrays:
        if name.startswith("policy/"):
            _, index, part = name.split("/")
            parts.setdefault(int(index), {})[part] = arrays[name]
    return {index: policies.from_arrays(found) for index, found in sorted(parts.items())}


def under(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays saved as `prefix:name`, by name."""
    start = f"{prefix}:"
    return {name.removeprefix(start): value for name, value in arrays.items() if name.startswith(start)}


def pack(value: Any) -> Array:
    """JSON as bytes in an array: counters and generator states without pickles."""
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def unpack(array: Array) -> Any:
    return json.loads(np.asarray(array).tobytes())
