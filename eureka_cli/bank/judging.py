"""One reward on a bank: ranks, spoilt episodes, jumps, and its distance from rewards scored on the same bank before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from eureka_cli.analysis import screening, starc
from eureka_cli.analysis.screening import Screening
from eureka_cli.bank import episodes
from eureka_cli.bank.episodes import Bank
from eureka_cli.core import Array, Finding, Json, Rewards, Rollout

Score = Callable[[Rollout], Rewards]
NUDGED = 2000
NUDGE = 0.01
"""Of each number's spread."""
LARGEST_STATE = 500
"""Numbers of a State from which no value function is fitted."""
TWIN = 0.02
"""STARC distance below which two rewards are in effect one."""
CLOCKS = ("time", "terminated")


def describe(bank: Bank) -> dict[str, Json]:
    """What a bank holds, for the person: sources, fitness, classes, and why it abstains if it does."""
    found = screening.classes(bank)
    real = bank.fitness[bank.real]
    names = [bank.source[k] for k in np.flatnonzero(bank.real)]
    return {
        "episodes": int(bank.real.sum()),
        "spoilt": int((~bank.real).sum()),
        "steps": len(bank.action),
        "sources": {name: names.count(name) for name in sorted(set(names))},
        "fitness": {"min": float(real.min()), "median": float(np.median(real)), "max": float(real.max())},
        "chance": found.chance,
        "good": int(found.good.sum()),
        "poor": int(found.poor.sum()),
        "abstains": found.reason,
    }


def most_rows(bank: Bank, newcomers: Sequence[Bank]) -> int:
    """Transitions of the largest call `judge` makes."""
    return sum(len(part.action) for part in (bank, *newcomers))


def judge(score: Score, bank: Bank, newcomers: Sequence[Bank], earlier: Mapping[str, Array]) -> tuple[Screening, Array]:
    """What the bank and later evaluations say of a reward; and its totals on the bank's real rows, for later ones.

    `earlier` maps candidates to such totals. Raises RewardFailure when the reward does.
    """
    whole = episodes.join([bank, *newcomers])
    rollout = whole.rollout()
    rewards = score(rollout)
    totals = rewards.total[:, 0]
    components = {name: values[:, 0] for name, values in rewards.components.items()}
    found = screening.screen(whole, totals, components)
    if rewards.memory is None:
        found.findings.extend(_jumps(score, rollout, components))
    own = totals[: len(bank.action)][bank.real[bank.episode]]
    facts, findings = _neighbours(bank, own, earlier)
    return Screening({**found.facts, **facts, "newcomers": sum(map(len, newcomers))}, found.findings + findings), own


def _jumps(score: Score, rollout: Rollout, components: Mapping[str, Array]) -> list[Finding]:
    """Score some rows again with next_state a little aside."""
    count = len(rollout.action)
    rows = np.linspace(0, count - 1, min(NUDGED, count)).astype(int)
    rng = np.random.default_rng(0)

    def aside(name: str, values: Array) -> Array:
        chosen: Array = values[rows]
        still = name in CLOCKS or values.dtype.kind != "f"
        return chosen if still else chosen + NUDGE * values.std(axis=0) * rng.choice([-1.0, 1.0], chosen.shape)

    nudged = Rollout(
        state={name: values[rows] for name, values in rollout.state.items()},
        action=rollout.action[rows],
        next_state={name: aside(name, values) for name, values in rollout.next_state.items()},
        starts=rollout.starts[rows],
    )
    after = {name: values[:, 0] for name, values in score(nudged).components.items()}
    if set(after) != set(components):
        message = "The names of the components change with the batch, so rows know each other."
        return [Finding(rule="batch-coupled", message=message, cure="Return the same components on every batch.")]
    before = {name: values[rows] for name, values in components.items()}
    return list(screening.jumps(before, after, NUDGE))


def _neighbours(bank: Bank, own: Array, earlier: Mapping[str, Array]) -> tuple[dict[str, Json], list[Finding]]:
    """STARC distance to each candidate trained before."""
    width = sum(int(np.prod(shape, dtype=int)) for shape in bank.fields.values())
    if not earlier or width > LARGEST_STATE:
        return {}, []
    rows = np.flatnonzero(bank.real[bank.episode])
    last = np.zeros(len(bank.action), bool)
    last[bank.starts + bank.lengths - 1] = bank.ended
    names = [name for name in bank.points if name != "terminated"]
    flat = np.concatenate([bank.points[name].reshape(len(bank.points[name]), -1) for name in names], axis=1)
    levels = starc.Levels(flat[bank.before[rows]].astype(float), flat[bank.before[rows] + 1].astype(float), last[rows])
    ours = levels.canonical(own)
    distances = {name: starc.distance(ours, levels.canonical(totals)) for name, totals in earlier.items()}
    nearest = min(distances, key=lambda name: distances[name])
    facts: dict[str, Json] = {"nearest": nearest, "distance": distances[nearest]}
    if distances[nearest] >= TWIN:
        return facts, []
    return facts, [
        Finding(
            rule="twin",
            message=f"In effect the same reward as {nearest}, trained before: STARC distance {distances[nearest]:.3f}.",
            cure="Change what is paid for, not only its scale or a potential.",
            severity="warning",
        )
    ]
