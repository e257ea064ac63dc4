"""Run candidates on recorded and extreme transitions in their sandbox, before any training is paid for."""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli import combiners
from eureka_cli.core import Candidate, Finding, Job
from eureka_cli.run import Run

VERSION = 1


def probe(run: Run, candidates: Sequence[Candidate]) -> dict[str, tuple[Finding, ...]]:
    """Findings by candidate id; all candidates are probed side by side."""
    jobs = [_job(run, candidate) for candidate in candidates]
    outcomes = run.execute(jobs)
    return {
        candidate.id: tuple(Finding.model_validate(finding) for finding in outcome.result["findings"])
        for candidate, outcome in zip(candidates, outcomes, strict=True)
    }


def _job(run: Run, candidate: Candidate) -> Job:
    return Job(
        kind="probe",
        spec={"world": run.task.world, "seed": run.config.seed, "version": VERSION, "candidate": candidate.id}
        | combiners.of_key(candidate.code),
        texts={"reward.py": candidate.code},
        links={"recorded.npz": f"{run.measurement['address']}/recorded.npz"},
        paths=run.task.paths,
    )
