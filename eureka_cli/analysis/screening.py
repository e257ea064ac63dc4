"""What a rollout bank says of a reward: does it pay for what fitness calls good? Pure functions on arrays.

Every remark comes with its numbers. Thresholds were tuned on flawed and honest rewards of the shipped tasks and then
frozen (docs/decisions/0006-rollout-banks.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from eureka_cli.analysis import ranking
from eureka_cli.core import Array, Finding, Json

CHANCE = "uniform"
"""Source of episodes under uniform actions."""
FEWEST = 4
"""Episodes of a class below which nothing is said of it."""
SKILL = 0.4
"""A good episode is no luck: over several starts its actor's mean fitness lies this far between chance and the best
actor's, and further above chance than it varies."""
GOOD_FROM, POOR_TO = 0.6, 0.25
"""Without a success test: classes by where fitness lies between chance and the best of the bank."""
REVERSED = 0.4
"""Preference below this, with an interval that leaves out a half, is refused."""
BLIND = 0.6
"""Preference whose interval stays below this is remarked on."""
DROP = 0.25
"""A corruption counts where fitness loses this share of what the episode had over chance."""
PAYS = 0.5
"""Refused when at least this share of spoilt episodes is paid like the honest ones,"""
SURE = 0.8
"""unless the preference's interval lies above this: then it is a remark."""
EARNED = 0.4
"""Remarked on when going back and forth earns this share of what honest progress does."""
LIKE = 0.02
"""Paid alike: within this share of the spread of returns,"""
ROUNDING = 1e-9
"""or this near: what is nothing but rounding pays for nothing, as rolling does on a hinge."""
JUMP = 50.0
UNBOUNDED = 100.0


class Episodes(Protocol):
    """What is known of recorded episodes without any reward, as a Bank knows it. Arrays (n,)."""

    @property
    def lengths(self) -> Array: ...

    @property
    def fitness(self) -> Array: ...

    @property
    def merit(self) -> Array: ...

    @property
    def luck(self) -> Array: ...

    @property
    def success(self) -> Array: ...

    @property
    def origin(self) -> Array: ...

    @property
    def source(self) -> tuple[str, ...]: ...

    @property
    def real(self) -> Array: ...

    @property
    def starts(self) -> Array: ...

    @property
    def activity(self) -> Array: ...


@dataclass(frozen=True)
class Classes:
    good: Array
    poor: Array
    """(n,) bool, real episodes only."""
    chance: float
    """Median fitness of the bank's episodes under uniform actions."""
    reason: str = ""
    """Why the bank abstains; empty where it does not."""


@dataclass(frozen=True)
class Screening:
    """Facts for the report, findings for the funnel."""

    facts: dict[str, Json]
    findings: list[Finding] = field(default_factory=list)


def classes(labels: Episodes) -> Classes:
    """Good and poor outcomes: by success where both occur, else by fitness between chance and the best."""
    real, fitness = labels.real, labels.fitness
    by_chance = real & np.isin(labels.source, [CHANCE])
    chance = float(np.median(fitness[by_chance if by_chance.any() else real]))
    skilled = real & (labels.merit - chance >= labels.luck)
    span = float(labels.merit[skilled].max(initial=chance)) - chance
    able = skilled & (labels.merit >= chance + SKILL * span)
    succeeded, failed = able & (labels.success == 1), real & (labels.success == 0)
    if min(succeeded.sum(), failed.sum()) >= FEWEST:
        return Classes(succeeded, failed & (fitness <= np.median(fitness[failed])), chance)
    noise = float(fitness[by_chance].std()) if by_chance.sum() > 1 else 0.0
    good, poor = able & (fitness >= chance + GOOD_FROM * span), real & (fitness <= chance + POOR_TO * span)
    if span <= max(2 * noise, 1e-9):
        return Classes(good, poor, chance, "no episode is clearly better than chance")
    if min(good.sum(), poor.sum()) < FEWEST:
        return Classes(good, poor, chance, f"only {good.sum()} episodes are good by skill, {poor.sum()} poor")
    return Classes(good, poor, chance)


def screen(labels: Episodes, totals: Array, components: Mapping[str, Array]) -> Screening:
    """totals, components: (R,) per row of the episodes."""
    returns = np.add.reduceat(totals, labels.starts)
    found = classes(labels)
    facts: dict[str, Json] = {"episodes": int(labels.real.sum()), "abstains": found.reason}
    findings = list(_unbounded(components))
    if not found.reason:
        agreed = _preference(found, returns)
        facts |= _ranking(labels, found, returns, agreed)
        facts["corruptions"], remarks = _corruptions(labels, found, returns, sure=agreed.low >= SURE)
        findings += [*_misordered(labels, found, returns, agreed), *remarks]
    return Screening(facts, findings)


# ---------------------------------------------------------------- rank agreement


class Agreement(NamedTuple):
    """How often a good episode has more than a poor one, with its interval."""

    share: float
    low: float
    high: float


def _preference(found: Classes, returns: Array) -> Agreement:
    good, poor = returns[found.good], returns[found.poor]
    return Agreement(ranking.preference(good, poor), *ranking.interval(ranking.preference, good, poor, paired=False))


def _ranking(labels: Episodes, found: Classes, returns: Array, agreed: Agreement) -> dict[str, Json]:
    real = labels.real
    ours, theirs = returns[real], labels.fitness[real]
    return {
        "good": int(found.good.sum()),
        "poor": int(found.poor.sum()),
        "spearman": _known(ranking.spearman(ours, theirs)),
        "spearman_interval": [_known(end) for end in ranking.interval(ranking.spearman, ours, theirs, paired=True)],
        "spearman_per_step": _known(ranking.spearman(ours / labels.lengths[real], theirs)),
        "kendall": _known(ranking.kendall(ours, theirs)),
        "kendall_interval": [_known(end) for end in ranking.interval(ranking.kendall, ours, theirs, paired=True)],
        "preference": agreed.share,
        "preference_interval": [agreed.low, agreed.high],
        "contrast": _contrast(labels, found, returns),
    }


def _known(value: float) -> float | None:
    """None for NaN, which is no JSON: a constant side has no order."""
    return value if np.isfinite(value) else None


def _contrast(labels: Episodes, found: Classes, returns: Array) -> float:
    """Preference over pairs that move alike: each good episode beside the poor one nearest to it in activity."""
    poor = np.flatnonzero(found.poor)
    wins = []
    for index in np.flatnonzero(found.good):
        twin = poor[np.argmin(np.abs(labels.activity[poor] - labels.activity[index]))]
        wins.append(float(returns[index] > returns[twin]) + 0.5 * float(returns[index] == returns[twin]))
    return float(np.mean(wins))


def _misordered(labels: Episodes, found: Classes, returns: Array, agreed: Agreement) -> Iterator[Finding]:
    pairs = f"{int(found.good.sum())} x {int(found.poor.sum())} pairs"
    numbers = f"{100 * agreed.share:.0f}% [{100 * agreed.low:.0f}, {100 * agreed.high:.0f}] of {pairs}"
    if agreed.share < REVERSED and agreed.high < 0.5:
        rule, why = _cause(labels, found, returns)
        yield Finding(
            rule=rule,
            message=f"Good episodes get the larger return in only {numbers} of recorded episodes; {why}",
            cure="Check signs, frames and indices, and that no poor episode can collect more than a good one.",
        )
    elif agreed.high < BLIND:
        yield Finding(
            rule="blind-to-success",
            message=f"It hardly tells good episodes from poor ones: {numbers} of recorded episodes are ordered right.",
            cure="Pay for what the task asks, measured from the fields that show it.",
            severity="warning",
        )


def _cause(labels: Episodes, found: Classes, returns: Array) -> tuple[str, str]:
    """Whether length explains what is paid wrongly: living on, or ending early."""
    wrong = returns[found.good][:, None] < returns[found.poor][None, :]
    gap = labels.lengths[found.good][:, None] - labels.lengths[found.poor][None, :]
    longer, shorter = float(np.mean(gap[wrong] < 0)), float(np.mean(gap[wrong] > 0))
    if longer > 0.8:
        return "loiter-bias", "in most wrong pairs the poor one lasts longer: staying pays more than doing the task."
    if shorter > 0.8:
        return "suicide-bias", "in most wrong pairs the poor one is shorter: ending early is cheaper than going on."
    return "ranks-failures-first", "it pays for the opposite of the task."


# ---------------------------------------------------------------- episodes spoilt on purpose


CURES = {
    "reverse": "Reward signed progress in the direction of the task, not its size.",
    "freeze": "Pay for what goes on happening; standing still after a good start must earn less.",
    "see-saw": "Going back must cost what going forth earned: use signed progress, or the difference of a potential.",
    "tremble": "Reward displacement or the mean rate, not the magnitude of a rate.",
    "end early": "Ending the episode must never pay: a reward per step that is negative makes dying cheap.",
    "another goal": "Use the goal: the reward must fall when the same motion misses another target.",
}
WORDS = {
    "reverse": "run backwards",
    "freeze": "standing still after the first third",
    "see-saw": "going back and forth after the first third",
    "tremble": "trembling on the spot after the first third",
    "end early": "ended after the first third",
    "another goal": "with another episode's goal",
}


def _corruptions(
    labels: Episodes, found: Classes, returns: Array, *, sure: bool
) -> tuple[dict[str, Json], list[Finding]]:
    """Per corruption: on how many episodes fitness calls it much worse, and how many of those the reward pays alike.

    Refused only where the reward is not `sure` to rank episodes that happened: what was spoilt may prove too much.
    """
    facts: dict[str, Json] = {}
    findings = []
    for name in dict.fromkeys(labels.source[k] for k in np.flatnonzero(~labels.real)):
        rows = np.array([k for k in np.flatnonzero(~labels.real) if labels.source[k] == name])
        honest = labels.origin[rows]
        worse = labels.fitness[rows] < labels.fitness[honest] - DROP * (labels.fitness[honest] - found.chance)
        worse &= found.good[honest]
        # A reward of states alone pays an episode and its reverse alike, and may be right to.
        alike = LIKE * float(returns[labels.real].std()) + ROUNDING
        paid = returns[rows] - returns[honest] > (alike if name == "reverse" else -alike)
        count, wrong = int(worse.sum()), int((worse & paid).sum())
        facts[name] = {"worse": count, "paid": wrong}
        if count >= FEWEST - 1 and wrong >= PAYS * count:
            remark = _pays_spoilt(name, labels, returns, rows[worse & paid], wrong, count)
            findings.append(remark.model_copy(update={"severity": "warning"}) if sure else remark)
    earned = _earned_by_swinging(labels, found, returns)
    if earned is not None:
        facts["see-saw"]["earned"] = earned
        if earned > EARNED:
            share = f"{100 * earned:.0f}%"
            findings.append(
                Finding(
                    rule="one-way-progress",
                    message=f"Going back and forth leads nowhere but earns {share} of what honest progress does.",
                    cure=CURES["see-saw"],
                    severity="warning",
                )
            )
    return facts, findings


def _earned_by_swinging(labels: Episodes, found: Classes, returns: Array) -> float | None:
    """Median of (see-saw - freeze) / (honest - freeze): nothing for signed progress, half where only forth is paid."""
    place = {(labels.source[k], int(labels.origin[k])): int(k) for k in np.flatnonzero(~labels.real)}
    shares = []
    for honest in np.flatnonzero(found.good):
        swing, stand = place.get(("see-saw", int(honest))), place.get(("freeze", int(honest)))
        if swing is None or stand is None:
            continue
        worse = labels.fitness[swing] < labels.fitness[honest] - DROP * (labels.fitness[honest] - found.chance)
        gain = returns[honest] - returns[stand]
        if worse and gain > LIKE * float(returns[labels.real].std()):
            shares.append(float((returns[swing] - returns[stand]) / gain))
    return float(np.median(shares)) if len(shares) >= FEWEST - 1 else None


def _pays_spoilt(name: str, labels: Episodes, returns: Array, rows: Array, wrong: int, count: int) -> Finding:
    example = rows[0]
    honest = labels.origin[example]
    return Finding(
        rule=f"pays-{name.replace(' ', '-')}",
        message=f"{wrong} of {count} good recorded episodes are paid as much when {WORDS[name]}, although fitness is"
        f" much lower: for example return {returns[honest]:.4g} (fitness {labels.fitness[honest]:.3g}) as it happened,"
        f" {returns[example]:.4g} (fitness {labels.fitness[example]:.3g}) spoilt.",
        cure=CURES[name],
    )


# ---------------------------------------------------------------- size and smoothness


def _unbounded(components: Mapping[str, Array]) -> Iterator[Finding]:
    """A term without bound drowns the others in the few states that feed it (Fu et al. 2025, PAR)."""
    for name, values in components.items():
        spread = float(np.quantile(values, 0.95) - np.quantile(values, 0.05))
        reach = float(np.ptp(values))
        if spread > 0 and reach > UNBOUNDED * spread:
            yield Finding(
                rule="unbounded-component",
                message=f"Component {name} usually moves within {spread:.3g} but reaches {reach:.3g} on the bank.",
                cure="Bound it: np.tanh, np.clip, or exp(-x / temperature).",
                severity="warning",
            )


def jumps(components: Mapping[str, Array], nudged: Mapping[str, Array], size: float) -> Iterator[Finding]:
    """Local Lipschitz profile (Blonde et al. 2022): change of each component per unit of a small change of state.

    components, nudged: (m,) before and after the states moved by `size` in units of their spread.
    """
    for name, values in components.items():
        spread = float(values.std())
        if spread == 0:
            continue
        slope = np.abs(nudged[name] - values) / (size * spread)
        middle, top = float(np.median(slope)), float(slope.max())
        if top > JUMP * max(middle, 1.0) and np.mean(slope > JUMP * max(middle, 1.0)) > 0.002:
            yield Finding(
                rule="jump",
                message=f"Component {name} jumps: a change of {100 * size:g}% of the states' spread moves it by up"
                f" to {top * size:.3g} of its own spread, usually by {middle * size:.3g}.",
                cure="Smooth the step unless it is a bonus for success: tolerance(x, bounds, margin).",
                severity="warning",
            )
