"""Hack certificates of confirmed rewards, at the end of a run: a warning light beside the fitness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eureka_cli import combiners
from eureka_cli.core import Candidate, Job, Task, Trial
from eureka_cli.run import Run
from eureka_cli.steps import shipped_checkpoint

TRACE_VERSION = 1
CERTIFICATE_VERSION = 2
EPISODES = 16
"""Of chance, of the checkpoints before the shipped one, and of the shipped one, each."""


class Suspect(NamedTuple):
    """A confirmed reward and the policy to look at."""

    label: str
    candidate: Candidate
    trial: Trial
    film: int | None = None
    """Seed of the episode that will be filmed."""


def certify(run: Run, task: Task, suspects: Sequence[Suspect]) -> list[str | None]:
    """Log a certificate for each in the world of `task`.

    Returns where what the filmed episode paid is written, None where nothing is.
    """
    traces = [_trace(run, task, suspect) for suspect in suspects]
    traced = run.execute(traces)
    jobs = []
    for suspect, trace, outcome in zip(suspects, traces, traced, strict=True):
        spec = {
            "world": task.world,
            "horizon": outcome.result["horizon"],
            "version": CERTIFICATE_VERSION,
            **combiners.of_key(suspect.candidate.code),
        }
        texts = {"reward.py": suspect.candidate.code}
        links = {"trace.npz": f"{outcome.address}/trace.npz"}
        jobs.append(Job(kind="certify", spec=spec, texts=texts, links=links, shared=trace.shared))
    films: list[str | None] = []
    for suspect, job, outcome in zip(suspects, jobs, run.execute(jobs), strict=True):
        run.event("certificate", label=suspect.label, candidate=suspect.candidate.id, **outcome.result)
        made = (run.folder.job_folder(job) / "film.npz").exists()
        films.append(f"{outcome.address}/film.npz" if made else None)
    return films


def _trace(run: Run, task: Task, suspect: Suspect) -> Job:
    trial = suspect.trial
    index = shipped_checkpoint(trial)
    links = {"shipped.npz": f"{trial.job}/policy-{index:02d}.npz"}
    links |= {f"before-{k:02d}.npz": f"{trial.job}/policy-{k:02d}.npz" for k in range(index)}
    spec = {
        "world": task.world,
        "judge": task.judge,
        "version": TRACE_VERSION,
        "seeds": run.seeds("trace", EPISODES),
        "before": index,
        "film": suspect.film,
    }
    return Job(kind="trace", spec=spec, links=links, paths=task.paths, shared=suspect.label != "candidate")
