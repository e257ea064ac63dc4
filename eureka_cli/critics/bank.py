"""Judge candidates on a rollout bank, in a second each, before any training is paid for.

The bank is built once for a world and a fitness and kept for other runs. What earlier candidates of this run were seen
to do joins it, marked with its source.
"""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli import combiners
from eureka_cli.bank import VERSION
from eureka_cli.core import Candidate, Entry, Finding, Job, Outcome
from eureka_cli.run import Run

MOST_NEWCOMERS = 12
MOST_EARLIER = 100
"""Candidates that a new one is compared with, the latest: with all of them a run's files would grow as their square."""
LARGEST_OBSERVATION = 1000
"""Numbers a policy sees from which no bank is built: scripts do not act on pictures."""


def build(run: Run) -> Outcome:
    """The bank of the run's world and fitness; answers from the cache where it was built before."""
    spec = {
        "world": run.task.world,
        "judge": run.task.judge,
        "seed": run.seeds("bank", 1)[0],
        "version": VERSION,
    }
    return run.execute([Job(kind="bank", spec=spec, paths=run.task.paths, shared=True)])[0]


def screen(run: Run, candidates: Sequence[Candidate]) -> dict[str, tuple[Finding, ...]]:
    """Findings by candidate id; what the bank measured is logged."""
    if not candidates:
        return {}
    if run.measurement["observation_size"] > LARGEST_OBSERVATION:
        run.event("no-bank", reason=f"{run.measurement['observation_size']} numbers are observed")
        return {}
    bank = build(run)
    judged = [name for name in run.evaluated if name in run.screened and run.screened[name].result["facts"]]
    jobs = [_job(run, bank, candidate, judged) for candidate in candidates]
    found = {}
    for candidate, outcome in zip(candidates, run.execute(jobs), strict=True):
        run.screened[candidate.id] = outcome
        run.event("screened", candidate=candidate.id, facts=outcome.result["facts"])
        found[candidate.id] = tuple(Finding.model_validate(finding) for finding in outcome.result["findings"])
    return found


def agreement(run: Run, candidate: str) -> float | None:
    """Spearman's rank correlation of its returns with fitness on the bank; None where the bank abstained."""
    facts = run.screened[candidate].result["facts"] if candidate in run.screened else {}
    rank: float | None = facts.get("spearman")
    return rank


def remember(run: Run, entries: Sequence[Entry]) -> None:
    """Let what trained candidates were seen to do join the bank of later rounds."""
    for entry in entries:
        seen = [trial.evaluation for trial in entry.trials if trial.evaluation]
        if seen and entry.failure is None:
            run.evaluated[entry.candidate.id] = seen


def _job(run: Run, bank: Outcome, candidate: Candidate, judged: Sequence[str]) -> Job:
    """`judged`: those that were trained and left their totals on the bank."""
    latest = list(run.evaluated.items())[-MOST_NEWCOMERS:]
    newcomers = [(name, address) for name, seen in latest for address in seen][-MOST_NEWCOMERS:]
    own = candidate.id
    earlier = [name for name in judged[-MOST_EARLIER - 1 :] if name != own][-MOST_EARLIER:]
    links = {"bank.npz": f"{bank.address}/bank.npz"}
    links |= {f"newcomer-{k:02d}.npz": f"{address}/episodes.npz" for k, (_, address) in enumerate(newcomers)}
    links |= {f"earlier-{name}.npy": f"{run.screened[name].address}/totals.npy" for name in earlier}
    spec = {
        "world": run.task.world,
        "judge": run.task.judge,
        "version": VERSION,
        "candidate": candidate.id,
        "newcomers": [name for name, _ in newcomers],
        "earlier": earlier,
        **combiners.of_key(candidate.code),
    }
    return Job(kind="screen", spec=spec, texts={"reward.py": candidate.code}, links=links, paths=run.task.paths)
