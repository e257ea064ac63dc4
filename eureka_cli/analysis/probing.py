"""Probe a reward on recorded and extreme transitions: what exec() would train on without a word.

Pure functions on arrays; the reward is reached through two `score` functions, one of a fresh process. Thresholds
are those that told honest from broken rewards apart: same input, same bytes; rows independent to 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from eureka_cli import combiners
from eureka_cli.combiners import Combine
from eureka_cli.core import Array, Finding, Rewards, Rollout
from eureka_cli.errors import RewardFailure

Score = Callable[[Rollout], Rewards]
Rows = dict[str, Array]
TOLERANCE = 1e-6
LARGE = 1e3
DOMINANCE = 0.95
UNTOUCHED = ("time", "terminated")
SIZES = (1, 2, 7)


def probe(
    score: Score, fresh_score: Score, recorded: Mapping[str, Array], *, seed: int, combine: Combine | None = None
) -> tuple[list[Finding], dict[str, float]]:
    """Findings, and facts about the reward's size on recorded transitions.

    recorded: `state/<field>`, `next_state/<field>`, `action`, each (n, ...).
    """
    rng = np.random.default_rng(seed)
    recorded = dict(recorded)
    mixed = _mixed(recorded, rng)
    try:
        plain = score(_rollout(recorded))
        values = {name: score(_rollout(rows)) for name, rows in _extremes(recorded, rng)}
        whole = score(_rollout(mixed))
        impure = list(_impure(score, fresh_score, recorded, plain, mixed, whole))
        errors = impure or list(_coupled(score, mixed, whole, rng))  # who keeps state tells nothing about rows
        errors += _constant(plain, [*values.values(), whole])
    except RewardFailure as failure:
        return [failure.finding], {}
    size = np.abs(plain.total)
    facts = {"median": float(np.median(plain.total)), "p99": float(np.quantile(size, 0.99))}
    warnings = list(_warnings(plain, facts))
    if combine is not None:
        warnings = [found for found in warnings if found.rule != "not-the-sum"]
        warnings += combiners.remarks(combine, {name: values.ravel() for name, values in plain.components.items()})
    return errors + warnings, facts


def _rollout(rows: Mapping[str, Array]) -> Rollout:
    """One step of many environments, each at the start of an episode."""

    def side(name: str) -> Rows:
        return {key.removeprefix(name): value[None] for key, value in rows.items() if key.startswith(name)}

    action = rows["action"][None]
    return Rollout(side("state/"), action, side("next_state/"), np.ones((1, len(rows["action"])), bool))


def _take(rows: Mapping[str, Array], chosen: Array) -> Rows:
    return {name: values[chosen] for name, values in rows.items()}


def _changed(rows: Mapping[str, Array], change: Callable[[Array], Array]) -> Rows:
    """Every number of the states replaced; clocks and flags stay what they are."""
    return {
        name: values if name.rpartition("/")[2] in UNTOUCHED or name == "action" else change(np.asarray(values, float))
        for name, values in rows.items()
    }


def _extremes(recorded: Mapping[str, Array], rng: np.random.Generator) -> Iterator[tuple[str, Rows]]:
    for factor in (0.0, -1.0, 3.0, 10.0, -10.0):
        yield f"recorded states times {factor:g}", _changed(recorded, lambda values, by=factor: values * by)  # type: ignore[misc]
    yield "uniform states in [-6, 6]", _changed(recorded, lambda values: rng.uniform(-6, 6, values.shape))


def _mixed(recorded: Mapping[str, Array], rng: np.random.Generator) -> Rows:
    """Recorded rows interleaved with extreme ones: a decision taken once for the batch shows only on such."""
    extreme = _changed(recorded, lambda values: rng.uniform(-6, 6, values.shape))
    count = min(128, len(recorded["action"]))
    rows = np.arange(count)
    odd = (rows % 2).astype(bool)
    mixed = {}
    for name, values in recorded.items():
        columns = values[rows].copy()
        columns[odd] = extreme[name][rows][odd]
        mixed[name] = columns
    return mixed


def _same(a: Rewards, b: Rewards) -> bool:
    parts = [(a.total, b.total), *((a.components[k], b.components.get(k)) for k in a.components)]
    same_names = list(a.components) == list(b.components)
    return same_names and all(y is not None and x.tobytes() == y.tobytes() for x, y in parts)


def _impure(
    score: Score, fresh: Score, recorded: Mapping[str, Array], plain: Rewards, mixed: Rows, whole: Rewards
) -> Iterator[Finding]:
    cure = "Compute from state, action and next_state alone; keep nothing between calls."
    again = score(_rollout(recorded))
    if not _same(plain, again):
        message = "The same transitions scored twice, with others in between, gave different numbers: it keeps state."
        yield Finding(rule="impure", message=message, cure=cure)
    elif not _same(plain, fresh(_rollout(recorded))) or not _same(whole, fresh(_rollout(mixed))):
        message = "A fresh process gave different numbers for the same transitions: it depends on its process or time."
        yield Finding(rule="impure", message=message, cure=cure)


def _coupled(score: Score, mixed: Rows, whole: Rewards, rng: np.random.Generator) -> Iterator[Finding]:
    """Rows must not know each other: reorder, split, and replace one."""
    cure = "Reduce over the last axis of a field (axis=-1), never over the batch axis; no mean, max or any over rows."
    count = len(mixed["action"])
    order = rng.permutation(count)
    turned = score(_rollout(_take(mixed, order))).total[0]
    if not _close(turned, whole.total[0][order]):
        yield Finding(rule="batch-coupled", message="Reordering the batch changed the rewards of its rows.", cure=cure)
        return
    for size in SIZES:
        rows = np.arange(size) * 3 % count
        if not _close(score(_rollout(_take(mixed, rows))).total[0], whole.total[0][rows]):
            message = f"A batch of {size} gave other rewards than the same rows in a batch of {count}."
            yield Finding(rule="batch-coupled", message=message, cure=cure)
            return
    rows = np.arange(count)
    rows[0] = 1
    if not _close(score(_rollout(_take(mixed, rows))).total[0][2:], whole.total[0][2:]):
        yield Finding(rule="batch-coupled", message="Replacing one row changed the rewards of others.", cure=cure)


def _close(a: Array, b: Array) -> bool:
    return bool(np.allclose(a, b, rtol=TOLERANCE, atol=1e-9))


def _constant(plain: Rewards, others: list[Rewards]) -> Iterator[Finding]:
    everything = np.concatenate([rewards.total.ravel() for rewards in (plain, *others)])
    if np.ptp(everything) == 0:
        message = f"The total is {everything[0]:.4g} on every state tried, ordinary and extreme: it teaches nothing."
        yield Finding(rule="constant", message=message, cure="Let the total depend on next_state.")


def _warnings(plain: Rewards, facts: dict[str, float]) -> Iterator[Finding]:
    def warn(rule: str, message: str, cure: str) -> Finding:
        return Finding(rule=rule, message=message, cure=cure, severity="warning")

    total = plain.total.ravel()
    parts = {name: values.ravel() for name, values in plain.components.items()}
    if np.ptp(total) == 0:
        message = f"The total is {total[0]:.4g} on all {len(total)} recorded random transitions: a sparse reward."
        yield warn("sparse", message, "Add a term that changes from the first steps on.")
    if facts["p99"] > LARGE:
        yield warn("large", f"The 99th percentile of |total| is {facts['p99']:.3g}.", "Scale it to the order of one.")
    for name, values in parts.items():
        if not values.any():
            yield warn(
                "dead-component", f"Component {name} is zero on all recorded transitions.", "Check its condition."
            )
        elif np.ptp(values) == 0:
            message = f"Component {name} is {values[0]:.4g} on all recorded transitions."
            yield warn("constant-component", message, "Change its scale, or drop it.")
    with np.errstate(over="ignore"):
        spread = {name: float(values.var()) for name, values in parts.items()}
    whole = sum(spread.values())
    if len(spread) > 1 and whole > 0 and max(spread.values()) > DOMINANCE * whole:
        name = max(spread, key=lambda key: spread[key])
        share = 100 * spread[name] / whole
        yield warn("dominated", f"Component {name} makes {share:.0f}% of the components' variance.", "Rescale it.")
    if parts and not np.allclose(sum(parts.values()), total, rtol=1e-6, atol=1e-9):
        yield warn("not-the-sum", "The total is not the sum of its components.", "Fine if it is meant.")
