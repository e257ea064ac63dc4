"""Fitness and trajectories of a policy. The only caller of a task's fitness and success; never sees reward code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from eureka_cli import policies
from eureka_cli.analysis import behaviour
from eureka_cli.core import Array, Rollout, Score, Simulator, Step, Trajectory
from eureka_cli.errors import JobFailed, UsageError

VERSION = 4
"""Raise by hand when a change here changes a score: it is part of every evaluation's key."""

Act = Callable[[Array], Array]


def acting(policy: policies.Policy) -> Act:
    """The deterministic policy that would be shipped."""
    return lambda observation: policies.act(policy, observation)


def acting_at_random(simulator: Simulator, seed: int) -> Act:
    """Uniform actions: the floor every learnt policy has to clear."""
    rng = np.random.default_rng(seed)
    spaces = simulator.spaces
    if spaces.discrete:
        return lambda observation: rng.integers(0, spaces.action_size, len(observation))
    return lambda observation: rng.uniform(-1, 1, (len(observation), spaces.action_size))


def rollouts(simulator: Simulator, act: Act, seeds: Array) -> list[Trajectory]:
    """One episode per environment, the first from each of `seeds` (num_envs,)."""
    state, observation = simulator.reset(seeds)
    kind = type(state)
    kept: list[Kept] = []
    open_ = np.ones(simulator.num_envs, bool)
    lengths = np.zeros(simulator.num_envs, int)
    terminated = np.zeros(simulator.num_envs, bool)
    while open_.any():
        step = simulator.step(act(observation))
        observation = step.observation
        kept.append(_keep(step, getattr(simulator, "last_info", {})))
        lengths[open_] += 1
        ended = open_ & (step.terminated | step.truncated)
        terminated[ended] = step.terminated[ended]
        open_ &= ~ended
    return [_cut(kept, kind, simulator, i, int(lengths[i]), bool(terminated[i])) for i in range(simulator.num_envs)]


Kept = tuple[list[Array], Array, list[Array], dict[str, Array]]


def _keep(step: Step, info: Mapping[str, Array]) -> Kept:
    copies = {name: np.array(value) for name, value in info.items()}
    return [np.array(v) for v in step.state], np.array(step.action), [np.array(v) for v in step.next_state], copies


def _cut(kept: list[Kept], kind: Any, simulator: Simulator, env: int, length: int, terminated: bool) -> Trajectory:
    def column(which: int) -> Any:
        fields = zip(*(entry[which] for entry in kept[:length]), strict=True)
        return kind(*(np.stack([values[env] for values in field]) for field in fields))

    return Trajectory(
        state=column(0),
        action=np.stack([entry[1][env] for entry in kept[:length]]),
        next_state=column(2),
        dt=simulator.dt,
        horizon=simulator.horizon,
        terminated=terminated,
        truncated=not terminated,
        info={name: np.stack([entry[3][name][env] for entry in kept[:length]]) for name in kept[0][3]},
        params=getattr(simulator, "params", {}),
    )


def by_chance(simulator: Simulator, steps: int, seed: int) -> Rollout:
    """(T, N) transitions under uniform actions, across restarts."""
    act = acting_at_random(simulator, seed)
    state, observation = simulator.reset(np.arange(simulator.num_envs) + seed)
    before: list[list[Array]] = [[] for _ in state]
    after: list[list[Array]] = [[] for _ in state]
    actions, starts, fresh = [], [], np.ones(simulator.num_envs, bool)
    for _ in range(steps):
        step = simulator.step(act(observation))
        for columns, values in ((before, step.state), (after, step.next_state)):
            for column, value in zip(columns, values, strict=True):
                column.append(np.array(value))
        actions.append(np.array(step.action))
        starts.append(fresh)
        observation, fresh = step.observation, step.terminated | step.truncated
    sides = (dict(zip(state._fields, map(np.stack, columns), strict=True)) for columns in (before, after))
    return Rollout(next(sides), np.stack(actions), next(sides), np.stack(starts))


def as_rollout(trajectories: list[Trajectory]) -> Rollout:
    """Episodes one after the other as a reward sees them: (T, 1, ...)."""

    def side(name: str) -> dict[str, Array]:
        fields = getattr(trajectories[0], name)._fields
        parts = {field: [getattr(getattr(t, name), field) for t in trajectories] for field in fields}
        return {field: np.concatenate(values)[:, None] for field, values in parts.items()}

    starts = np.concatenate([np.arange(len(trajectory)) == 0 for trajectory in trajectories])[:, None]
    action = np.concatenate([trajectory.action for trajectory in trajectories])[:, None]
    return Rollout(side("state"), action, side("next_state"), starts)


def judge(trajectories: list[Trajectory], task: ModuleType | None) -> Score:
    """Score of trajectories, as one policy's."""
    episodes, successes = label(trajectories, task)
    return Score(
        fitness=float(np.mean(episodes)),
        episodes=tuple(episodes),
        successes=tuple(successes) if successes else None,
        length=float(np.mean([len(trajectory) for trajectory in trajectories])),
        behaviour=behaviour.summarise(trajectories),
        drops=float(np.mean([trajectory.terminated for trajectory in trajectories])),
        extras=_extras(trajectories, task),
    )


def _extras(trajectories: list[Trajectory], task: ModuleType | None) -> dict[str, float]:
    """Means over episodes of what the task's own `measures(trajectory)` says besides fitness."""
    if task is None or not hasattr(task, "measures"):
        return {}
    found = [task.measures(trajectory) for trajectory in trajectories]
    means = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
    if not np.isfinite(list(means.values())).all():
        raise JobFailed(f"measures(trajectory) returned {means}; it must return finite numbers.")
    return means


def label(trajectories: list[Trajectory], task: ModuleType | None) -> tuple[list[float], list[bool] | None]:
    """Fitness of every trajectory, by the task's own code or by the success a Gymnasium id reports, and success."""
    fitness, success = _judges(trajectories, task)
    episodes = [float(fitness(trajectory)) for trajectory in trajectories]
    if not np.isfinite(episodes).all():
        raise JobFailed(f"fitness(trajectory) returned {episodes}; it must return finite numbers.")
    return episodes, [bool(success(trajectory)) for trajectory in trajectories] if success else None


def onward(task: ModuleType | None, curriculum: str, params: Mapping[str, Any], score: Score) -> dict[str, Any]:
    """By the task's own rule: `next`, the params of the next chunk of training (None: stay in this world), and
    `height`, how far up the curriculum these are, in [0, 1]."""
    for name in ("climb", "progress"):
        if not hasattr(task, name):
            raise UsageError(f"The task file has CURRICULA but no function {name}; docs/curricula.md shows both.")
    assert task is not None
    following = task.climb(curriculum, dict(params), score)
    height = float(task.progress(curriculum, dict(params))) + 0.0  # no -0.0
    if following is not None and not set(following) <= set(params):
        raise JobFailed(f"climb({curriculum!r}, ...) returned {following}; it must return params of the task, or None.")
    if not 0 <= height <= 1:
        raise JobFailed(f"progress({curriculum!r}, ...) returned {height}; it must return a number in [0, 1].")
    told = None if following is None else {k: v if isinstance(v, str | int) else float(v) for k, v in following.items()}
    return {"next": told, "height": height}


MOST_PREFIXES = 250
"""Of one episode: where it is longer, what a block of steps added is spread over them evenly."""
EARLY = 0.3
"""Mean place within the episode (0 to 1) of what is added, below which a fitness is taken for a mean: 0.5 is steady,
1 / ln(T) is a mean over T steps."""


def per_step(trajectories: list[Trajectory], task: ModuleType | None) -> list[Array]:
    """What each step added to its episode's fitness, (T,) an episode; sums to the fitness.

    F(first t + 1 steps) - F(first t steps), with 0 for no step. Where F is a mean over steps these would fade as 1 / t
    however steady the behaviour; such a one is scaled by t / T before the difference is taken, which sums to the same.
    It is known by increments that nearly all differ from zero and crowd at the beginning.
    Raises JobFailed where the fitness cannot be taken of part of an episode.
    """
    fitness, _ = _judges(trajectories, task)
    ends = [_block_ends(len(trajectory)) for trajectory in trajectories]
    totals = []
    for trajectory, marks in zip(trajectories, ends, strict=True):
        try:
            found = [float(fitness(_prefix(trajectory, int(end)))) for end in marks[1:]]
        except Exception as error:  # the task's own code: it was written for whole episodes
            raise JobFailed(f"fitness(trajectory) cannot be taken of part of an episode: {error}") from error
        totals.append(np.array([0.0, *found]))
    if not all(np.isfinite(total).all() for total in totals):
        raise JobFailed("fitness(trajectory) of part of an episode is not a finite number.")
    if _fades(totals):
        totals = [total * marks / marks[-1] for total, marks in zip(totals, ends, strict=True)]
    return [_spread(total, marks) for total, marks in zip(totals, ends, strict=True)]


def _block_ends(length: int) -> Array:
    return np.unique(np.linspace(0, length, min(length, MOST_PREFIXES) + 1).round().astype(int))


def _prefix(trajectory: Trajectory, length: int) -> Trajectory:
    whole = length == len(trajectory)
    return replace(
        trajectory,
        state=type(trajectory.state)(*(values[:length] for values in trajectory.state)),
        action=trajectory.action[:length],
        next_state=type(trajectory.next_state)(*(values[:length] for values in trajectory.next_state)),
        terminated=trajectory.terminated and whole,
        truncated=trajectory.truncated and whole,
        info={name: values[:length] for name, values in trajectory.info.items()},
    )


def _fades(totals: list[Array]) -> bool:
    """Whether what steps add shrinks from the first on, as it does for a mean: all episodes together."""
    sizes = np.concatenate([np.abs(np.diff(total)) for total in totals])
    when = np.concatenate([np.linspace(0, 1, len(total))[1:] for total in totals])
    busy = np.mean(sizes > 1e-12 * sizes.max(initial=0.0)) > 0.5
    return bool(busy and np.sum(sizes * when) < EARLY * np.sum(sizes))


def _spread(total: Array, marks: Array) -> Array:
    sizes = np.diff(marks)
    return np.repeat(np.diff(total) / sizes, sizes)


def reported_success(info: Mapping[str, Array]) -> str | None:
    """The name under which a Gymnasium id reports success, if it does."""
    return next((name for name in ("success", "is_success") if name in info), None)


def _judges(
    trajectories: list[Trajectory], task: ModuleType | None
) -> tuple[Callable[[Trajectory], float], Callable[[Trajectory], bool] | None]:
    if task is not None and hasattr(task, "fitness"):
        return task.fitness, getattr(task, "success", None)
    reported = reported_success(trajectories[0].info)
    if reported is None:
        raise UsageError("This environment reports no success in its info, so nothing can be measured.")

    def succeeded(trajectory: Trajectory) -> bool:
        return bool(np.any(trajectory.info[reported]))

    return lambda trajectory: float(succeeded(trajectory)), succeeded
