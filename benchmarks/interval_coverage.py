"""How often 95% intervals hold the truth, and how often verdicts see a difference that is none, on drawn scores.

python benchmarks/interval_coverage.py
"""

from __future__ import annotations

from functools import partial

import numpy as np

from eureka_cli.analysis import aggregate
from eureka_cli.analysis.aggregate import Table, of_seeds

TABLES, FEWER = 1000, 400
rng = np.random.default_rng(1)


def searches(tasks: int, runs: int, *, seeds: int = 5) -> Table:
    """Scores around a normal mean of each search; searches and seeds vary alike (standard deviation 1)."""
    return [[rng.normal(rng.normal(), 1, seeds) for _ in range(runs)] for _ in range(tasks)]


def main() -> None:
    for name, draw in (("normal", rng.normal), ("lognormal", rng.lognormal)):
        many = np.sort(draw(size=4_000_000))
        truth = many[len(many) // 4 : -len(many) // 4].mean()
        for count in (3, 5, 10, 20):
            found = [aggregate.iqm(of_seeds(draw(size=count))) for _ in range(TABLES)]
            inside = np.mean([low <= truth <= high for _, low, high in found])
            print(f"{count} {name} seeds: the interval holds the IQM in {inside:.0%} of {TABLES}", flush=True)
        for count in (5, 10):
            said = [apart(*(of_seeds(draw(size=count)) for _ in range(2)), 0.0) for _ in range(FEWER)]
            report(f"two runs of {count} {name} seeds", said)
    for tasks, runs in ((1, 4), (1, 8), (4, 2), (4, 4), (6, 1)):
        draw_side = partial(searches, tasks, runs)
        found = [aggregate.iqm(draw_side()) for _ in range(FEWER)]
        inside = np.mean([low <= 0 <= high for _, low, high in found])
        print(f"{tasks} tasks, {runs} runs: the interval holds the IQM in {inside:.0%} of {FEWER}", flush=True)
        report(f"sides of {tasks} tasks, {runs} runs", [apart(draw_side(), draw_side(), 0.5) for _ in range(FEWER)])


def apart(ours: Table, theirs: Table, neutral: float) -> tuple[bool, bool]:
    """Whether the interval alone, and the verdict, tell two sides of one distribution apart."""
    statistic = aggregate.probability_of_improvement if neutral else aggregate.difference
    shown = statistic(ours, theirs)
    verdict = aggregate.verdict(ours, theirs, shown, neutral=neutral)
    return not shown.low <= neutral <= shown.high, verdict in ("better", "worse")


def report(what: str, said: list[tuple[bool, bool]]) -> None:
    interval, verdict = np.mean(said, axis=0)
    print(f"{what}, alike: told apart by the interval {interval:.1%}, by the verdict {verdict:.1%}", flush=True)


if __name__ == "__main__":
    main()
