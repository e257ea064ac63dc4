"""Of candidates that were trained to the end, how many bad ones would the tests before training have stopped?

    reward-synth run --task cheetah_run --rounds 1 --samples 12 --racing off --critic off --seed 11
    python benchmarks/bank_held_out.py runs/*

Bad: search fitness under half the human baseline's (where that is above chance). Good: at least the human baseline's.
Each candidate of the runs goes through `reward-synth check`, whose thresholds were frozen before these runs were made.
Shares with 95% Clopper-Pearson intervals.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

from bank_flaws import check, verdict

from eureka_cli.analysis import intervals

CHANCE_SHARE = 0.05


def candidates(run: Path) -> tuple[str, float, float, dict[str, float]]:
    """(task, human fitness, chance, fitness by candidate trained to the end)."""
    events = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    task = tomllib.loads((run / "run.toml").read_text())["task"]["name"]
    confirmed = {event["label"]: event["scores"] for event in events if event["event"] == "confirmed"}
    scores = [e for e in events if e["event"] == "score" and e["fitness"] is not None and e["steps"] >= e["total"]]
    human, chance = (float(intervals.iqm(confirmed[label])) for label in ("human", "random"))
    return task, human, chance, {event["candidate"]: event["fitness"] for event in scores}


def share(hits: int, total: int) -> str:
    """hits / total with its Clopper-Pearson interval."""
    if total == 0:
        return "0 of 0"
    from scipy.stats import beta

    low = beta.ppf(0.025, hits, total - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, total - hits) if hits < total else 1.0
    return f"{hits} of {total}: {100 * hits / total:.0f}% [{100 * low:.0f}, {100 * high:.0f}]"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=100, help="of the banks")
    arguments = parser.parse_args()
    ends: dict[tuple[str, str], Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for run in arguments.runs:
            task, human, chance, trained = candidates(run)
            if human - chance <= CHANCE_SHARE * max(abs(human), abs(chance)):
                print(f"{run.name}: left out, the human reward does not beat chance ({human:.3g} and {chance:.3g})")
                continue
            for candidate, fitness in trained.items():
                kind = "bad" if fitness < 0.5 * human else "good" if fitness >= human else "between"
                said, rules = verdict(check(run / "candidates" / f"{candidate}.py", task, arguments.seed, folder))
                ends.setdefault((task, kind), Counter())[said] += 1
                line = f"fitness {fitness:7.3f} of {human:.3f}  {kind:8} {said:9} {', '.join(rules)}"
                print(f"{task:18} {candidate} {line}", flush=True)
    for kind in ("bad", "between", "good"):
        found = sum((count for (_, k), count in ends.items() if k == kind), Counter())
        print(f"{kind}: refused {share(found['refused'], sum(found.values()))}")
        for (task, k), count in sorted(ends.items()):
            if k == kind:
                print(f"  {task}: refused {share(count['refused'], sum(count.values()))}")


if __name__ == "__main__":
    main()
