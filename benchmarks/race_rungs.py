"""Which rungs and which ties? Rules of racing replayed on candidates that were all trained to the end.

Per task up to --pool rewards (recorded answers of a language model, the rest by builtin; the critic's refusals are left
out) are trained on the search's two seeds to the end, and measured at each tenth as the race measures: 20 episodes of
the shipped policy. Rounds of several sizes are then drawn from them and raced on paper by each rule. Told are

    saved   share of the round's steps
    kept    chance that the candidate best at the end is among those that reach it
    loss    fitness at the end of the best that reached it, below the round's best; as a share of the pool's range

with 95% intervals over pools (Bayesian bootstrap over candidates, Rubin 1981). Finished jobs are kept in --folder.

    python benchmarks/race_rungs.py --folder runs/race-rungs
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from common import ROOT

from eureka_cli import config, drafts, racing, steps
from eureka_cli.cli import scratch
from eureka_cli.core import Candidate, Completion, Draft, Entry, Trial, Verdict
from eureka_cli.critics import answers
from eureka_cli.racing import Standing
from eureka_cli.run import Run

TENTHS = [k / 10 for k in range(1, 11)]
LADDERS: dict[str, tuple[float, ...]] = {
    "0.4": (0.4,),
    "0.2": (0.2,),
    "0.3 0.6": (0.3, 0.6),
    "0.2 0.4": (0.2, 0.4),
    "0.2 0.4 0.8": (0.2, 0.4, 0.8),
    "0.1 0.2 0.4": (0.1, 0.2, 0.4),
}
TIES = (0.0, 1.0, 2.0)
Pool = list[list[Standing]]
"""Per candidate its standing at each tenth."""


class Told(NamedTuple):
    saved: float
    kept: float
    loss: float


# ---------------------------------------------------------------- the data


def pool(run: Run, size: int) -> Pool:
    """Candidates that passed the critic, trained to the end in ten pauses."""
    from eureka_cli.methods import eureka

    messages = eureka.opening(run)
    designed = [*recorded(run.task.name), *drafts.design(run, messages, slot="pool", samples=2 * size)]
    accepted = [draft for draft in drafts.check(run, designed, messages, repairs=0) if draft.verdict.accepted]
    distinct = {draft.verdict.candidate: draft for draft in accepted}
    seeds = run.seeds("training", run.config.search.train_seeds)
    entries = [
        Entry(draft, tuple(Trial(candidate=name, seed=seed, job="", steps=0) for seed in seeds))
        for name, draft in list(distinct.items())[:size]
    ]
    standings: list[list[Standing]] = [[] for _ in entries]
    for share in TENTHS:
        entries = steps.advance(run, entries, until=round(share * run.trial_steps), total=run.trial_steps)
        for entry, seen in zip(entries, standings, strict=True):
            if entry.failure is None:
                seen.append(racing.standing(entry.trials))
    return [seen for seen in standings if len(seen) == len(TENTHS)]


def recorded(task: str) -> list[Draft]:
    """What a language model once answered, as it was recorded for the tests."""
    found, root = [], ROOT / "tests" / "recordings" / task
    for file in sorted(root.rglob("*.json")):
        completion = Completion.model_validate(json.loads(file.read_text())["completion"])
        code = answers.extract(completion.text)
        if isinstance(code, str):
            candidate = Candidate(code=code, slot=str(file.relative_to(root).with_suffix("")))
            found.append(Draft(candidate.slot, completion, None, candidate, Verdict(candidate=candidate.id)))
    return found


# ---------------------------------------------------------------- races on paper


def race(field: Pool, rungs: Sequence[float], ties: float, floor: int) -> tuple[list[int], float]:
    """(who reaches the end, share of the round's steps trained)."""
    reached = dict.fromkeys(range(len(field)), 0.0)

    def measure(names: Sequence[int], share: float) -> dict[int, Standing]:
        reached.update(dict.fromkeys(names, share))
        return {k: field[k][round(10 * share) - 1] for k in names}

    done = racing.halve(range(len(field)), measure, lambda *stop: None, rungs=rungs, ties=ties, floor=floor)
    return done, sum(reached.values()) / len(field)


def judge(field: Pool, rungs: Sequence[float], ties: float, floor: int, span: float) -> Told:
    end = [seen[-1].fitness for seen in field]
    done, used = race(field, rungs, ties, floor)
    best = max(end[k] for k in done)
    return Told(1 - used, float(best == max(end)), (max(end) - best) / span)


def replay(held: Pool, size: int, rungs: Sequence[float], ties: float, floor: int, draws: int) -> list[list[Told]]:
    """Per reweighted pool, what happens in rounds of `size` drawn from it without replacement."""
    rng = np.random.default_rng(0)
    end = [seen[-1].fitness for seen in held]
    span = max(end) - min(end)
    told = []
    for _ in range(draws):
        weights = rng.dirichlet(np.ones(len(held)))
        rounds = [rng.choice(len(held), size, replace=False, p=weights) for _ in range(draws)]
        told.append([judge([held[k] for k in chosen], rungs, ties, floor, span) for chosen in rounds])
    return told


def line(told: list[list[Told]]) -> str:
    means = np.mean(np.array(told), axis=1)  # (pools, 3)
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    cells = [
        f"{100 * m:3.0f} [{100 * a:3.0f}, {100 * b:3.0f}]" for m, a, b in zip(means.mean(0), low, high, strict=True)
    ]
    return " | ".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=Path("runs/race-rungs"))
    parser.add_argument("--tasks", nargs="*", default=["cartpole_balance", "cheetah_run"])
    parser.add_argument("--steps", type=int, help="of one trial; the task's own unless said")
    parser.add_argument("--pool", type=int, default=16)
    parser.add_argument("--sizes", type=int, nargs="*", default=[4, 8, 16])
    parser.add_argument("--floor", type=int, default=2, help="how many must reach the end (search.confirm)")
    parser.add_argument("--draws", type=int, default=60, help="pools, and rounds of each")
    arguments = parser.parse_args()
    for task in arguments.tasks:
        settings = config.load(None, {"task": task, "budget.steps": arguments.steps}, [])
        with scratch.run_in(settings, arguments.folder / task) as run:
            held = pool(run, arguments.pool)
            trainer = steps.trainer(run)
            print(f"## {task}: {len(held)} candidates, {run.trial_steps:,} steps, {run.spent.cpu_s:.0f} CPU-s")
            print(f"trainer {trainer['name']} {trainer['version']}: {trainer['config']}")
        for seen in sorted(held, key=lambda seen: -seen[-1].fitness):
            print("   ", " ".join(f"{at.fitness:.3g}±{at.error:.2g}" for at in seen))
        print("size | rungs | ties | saved % | best kept % | loss %", flush=True)
        for size in arguments.sizes:
            for name, rungs in LADDERS.items():
                for ties in TIES:
                    told = replay(held, min(size, len(held)), rungs, ties, arguments.floor, arguments.draws)
                    print(f"{size:2} | {name:11} | {ties:g} | {line(told)}", flush=True)


if __name__ == "__main__":
    main()
