"""Which train jobs run as one program, where a trainer steps several candidates as one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from eureka_cli.core import Job, digest
from eureka_cli.store import read_json, write_json

ITS_OWN = ("seed", "candidate", "start", "combiners")
"""What members of a batch may differ in, beside their reward; all else in their spec is the program's."""


def batches(jobs: Sequence[Job], most: int) -> list[list[Job]]:
    """All jobs, in lists of at most `most` of about equal length. One that nobody can join is alone."""
    alike: dict[str, list[Job]] = {}
    for job in jobs:
        shared = {name: value for name, value in job.spec.items() if name not in ITS_OWN}
        alike.setdefault(digest([job.kind, shared]), []).append(job)
    found = []
    for group in alike.values():
        count = -(-len(group) // most)
        found += [group[k::count] for k in range(count)]  # seeds of a candidate in different ones: equal programs
    return found


def hand_down(said: Path, of: Path) -> None:
    """What a batch died of is what its jobs died of."""
    if said != of and said.exists():
        write_json(of, read_json(said))


def as_one(folders: Mapping[Path, Job]) -> Job:
    """The job that runs prepared train jobs together."""
    paths = {job.address: str(folder) for folder, job in folders.items()}
    return Job(kind="round", spec={"jobs": list(paths)}, paths=paths)
