"""Build a bank: chance, scripted behaviours, and behaviours bred from both by fitness alone.

No reward is read and no policy is trained: a bank must not know what the human reward knows. Breeding by fitness only
makes outcomes differ enough to be ranked. Episodes are kept so that fitness is covered evenly; the best are spoilt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import NamedTuple

import numpy as np

from eureka_cli import evaluator
from eureka_cli.analysis.screening import CHANCE
from eureka_cli.bank import behaviours, corruptions, episodes
from eureka_cli.bank.behaviours import Behaviours, Spread
from eureka_cli.bank.episodes import Bank
from eureka_cli.core import Array, Simulator, Spaces, Trajectory

WIDTH = 64
"""Episodes of a generation, side by side: REPEATS of each behaviour."""
REPEATS = 4
"""Episodes of one behaviour, each from another start: what succeeds by luck once founds no dynasty."""
STEPS = 300_000
"""Environment steps simulated, within bounds on the number of generations."""
FEWEST_GENERATIONS, MOST_GENERATIONS = 8, 80
SCRIPTED = 4
"""Generations of scripts before breeding begins."""
FROM_THE_BEST = 0.75
ELITE = 4
"""Parents from either end of worth: what fails badly is as telling as what succeeds."""
PROVEN = 2
"""Of the last elite, tried again from WIDTH / ELITE fresh starts each, so many have REPEATS more episodes in the bank:
the best of hundreds over four starts owe some of it to luck, and without the able nothing tells good from poor."""
KEPT_A_GENERATION = 12
FEWEST_KEPT, MOST_KEPT, KEPT_STEPS = 48, 128, 10_000
"""Episodes in a bank: as many as make so many steps, within bounds."""
SPOILT = 1 / 6
"""Share of the kept episodes, the best ones, that are spoilt too."""


class Label(NamedTuple):
    """What is known of one episode."""

    fitness: float
    merit: float
    luck: float
    """Mean fitness of who acted, over its starts, and how it varied."""
    success: bool | None
    source: str
    origin: int = episodes.NONE

    @property
    def worth(self) -> float:
        """What is left of merit where luck is bad: who is bred, and who is tried again."""
        return self.merit - self.luck


def build(simulator: Simulator, task: ModuleType | None, *, units: Mapping[str, str], seed: int) -> Bank:
    """A graded bank of a world; `simulator` has WIDTH environments."""
    rng = np.random.default_rng(seed)
    spaces = simulator.spaces
    kept: list[tuple[Trajectory, Label]] = []
    parents: Behaviours | None = None
    names: list[str] = []
    worth: Array = np.zeros(0)
    spread = Spread(np.zeros(spaces.observation_size), np.ones(spaces.observation_size))
    generation = steps = 0

    def tried(born: Behaviours, kinds: list[str], seen: list[Array] | None = None) -> list[tuple[Trajectory, Label]]:
        repeats = WIDTH // len(kinds)
        act = behaviours.acting(Behaviours(*(np.repeat(v, repeats, axis=0) for v in born)), spaces, spread, rng)
        act = act if seen is None else _noting(act, seen)
        trajectories = evaluator.rollouts(simulator, act, rng.integers(0, 2**32, WIDTH).astype(np.uint64))
        return list(zip(trajectories, _labels(trajectories, task, kinds), strict=True))

    while generation < FEWEST_GENERATIONS or (generation < MOST_GENERATIONS and steps < STEPS):
        born, kinds = _generation(generation, parents, worth, spaces, rng)
        seen: list[Array] | None = [] if parents is None else None
        found = tried(born, kinds, seen)
        if seen is not None:
            by_chance = np.concatenate(seen)
            spread = Spread(by_chance.mean(axis=0), by_chance.std(axis=0) + 1e-6)
        kept += _covering(found, KEPT_A_GENERATION)
        parents = born if parents is None else behaviours.join([parents, born])
        names += kinds
        worth = np.concatenate([worth, [label.worth for _, label in found[::REPEATS]]])
        generation, steps = generation + 1, steps + WIDTH * max(len(trajectory) for trajectory, _ in found)
    count = min(MOST_KEPT, max(FEWEST_KEPT, KEPT_STEPS // simulator.horizon))
    chosen = _covering(kept, count)
    if not any(label.source == CHANCE for _, label in chosen):  # what is good is measured from chance
        chosen += [one for one in kept if one[1].source == CHANCE][::3]
    assert parents is not None
    best = np.argsort(worth, kind="stable")[-ELITE:]
    found = tried(Behaviours(*(values[best] for values in parents)), [names[index] for index in best])
    able = sorted(found, key=lambda one: one[1].worth)[-PROVEN * WIDTH // ELITE :]
    chosen += _covering(able, PROVEN * REPEATS)
    return _with_spoilt(chosen, task, units)


def _with_spoilt(chosen: list[tuple[Trajectory, Label]], task: ModuleType | None, units: Mapping[str, str]) -> Bank:
    """The chosen episodes, and copies of some that no honest reward may pay as well."""
    real, known = [trajectory for trajectory, _ in chosen], [label for _, label in chosen]
    spoilt = list(_spoilt(real, known, task, units))
    everything = known + [label for label, _ in spoilt]
    return episodes.of(
        real + [trajectory for _, trajectory in spoilt],
        fitness=[label.fitness for label in everything],
        merit=[label.merit for label in everything],
        luck=[label.luck for label in everything],
        success=None if known[0].success is None else [bool(label.success) for label in everything],
        source=[label.source for label in everything],
        origin=[label.origin for label in everything],
    )


def _generation(
    number: int, parents: Behaviours | None, worth: Array, spaces: Spaces, rng: np.random.Generator
) -> tuple[Behaviours, list[str]]:
    """Chance first, then every kind of script, then children of the best and of the worst."""
    count = WIDTH // REPEATS
    if parents is None:
        kinds = [CHANCE] * count
        return behaviours.sample(kinds, spaces, rng), kinds
    if number <= SCRIPTED:
        kinds = [behaviours.KINDS[(number + k) % len(behaviours.KINDS)] for k in range(count)]
        return behaviours.sample(kinds, spaces, rng), kinds
    order = np.argsort(worth, kind="stable")
    best, worst = order[-ELITE:], order[:ELITE]
    well = round(count * FROM_THE_BEST)
    chosen = np.concatenate([rng.choice(best, well), rng.choice(worst, count - well)])
    return behaviours.bred(parents, chosen, rng), ["bred"] * count


def _labels(trajectories: list[Trajectory], task: ModuleType | None, kinds: list[str]) -> list[Label]:
    """Of episodes in the order of who acted, as many of each."""
    fitness, success = evaluator.label(trajectories, task)
    starts = np.array(fitness).reshape(len(kinds), -1)
    merit, luck = starts.mean(axis=1), starts.std(axis=1)
    who = np.arange(len(fitness)) // starts.shape[1]
    return [
        Label(
            fitness[k], float(merit[actor]), float(luck[actor]), None if success is None else success[k], kinds[actor]
        )
        for k, actor in enumerate(who)
    ]


def _noting(act: Callable[[Array], Array], seen: list[Array]) -> Callable[[Array], Array]:
    def noted(observation: Array) -> Array:
        seen.append(np.array(observation, float))
        return act(observation)

    return noted


def _covering(found: list[tuple[Trajectory, Label]], count: int) -> list[tuple[Trajectory, Label]]:
    """`count` episodes that cover fitness."""
    return [found[index] for index in _spread_out(np.array([label.fitness for _, label in found]), count)]


def _spread_out(fitness: Array, count: int) -> list[int]:
    """`count` indices that cover fitness: half evenly by value, the rest evenly by rank; both ends included."""
    order = [int(index) for index in np.argsort(fitness, kind="stable")]
    if len(order) <= count:
        return order
    chosen: list[int] = []
    left = list(order)
    for target in np.linspace(fitness.min(), fitness.max(), count // 2):
        nearest = min(left, key=lambda index: abs(fitness[index] - target))
        chosen.append(nearest)
        left.remove(nearest)
    chosen += [left[int(place)] for place in np.linspace(0, len(left) - 1, count - len(chosen))]
    return chosen


def _spoilt(
    real: list[Trajectory], labels: list[Label], task: ModuleType | None, units: Mapping[str, str]
) -> Iterator[tuple[Label, Trajectory]]:
    """The best episodes of able actors, spoilt in every way that applies, with the fitness of what came of it."""
    can_end = any(trajectory.terminated for trajectory in real)
    order = sorted(range(len(real)), key=lambda index: -min(labels[index].fitness, labels[index].merit))
    for index in order[: round(SPOILT * len(real))]:
        for name, trajectory in corruptions.spoilt(real[index], real, units, can_end=can_end):
            try:
                fitness, success = evaluator.label([trajectory], task)
            except Exception:  # a fitness need not know what cannot happen, such as an arm that never moves
                continue
            yield Label(fitness[0], fitness[0], 0.0, success[0] if success else None, name, index), trajectory
