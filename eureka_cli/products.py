"""What a run leaves for a person: the reward file and videos."""

from __future__ import annotations

from pathlib import Path

from eureka_cli.core import Candidate, Job, Outcome, Task
from eureka_cli.errors import JobFailed, UsageError
from eureka_cli.run import Run
from eureka_cli.store import write_atomic

RENDER_VERSION = 4


def publish(run: Run, candidate: Candidate, says: str) -> None:
    """Write best.py: the reward a person can read and use."""
    head = f"# Reward {candidate.id} for {run.task.name}: {run.task.sentence}\n# {says}\n\n"
    write_atomic(run.folder.path / "best.py", head + candidate.code)


def filmed_seed(run: Run) -> int:
    return run.seeds("confirmation-evaluation", 1)[0]


def video(run: Run, task: Task, policy: str, *, panel: str | None = None) -> None:
    """Write best.mp4 and best.png, one episode of the policy at an address; `panel` tells what was paid in it."""
    made = film(run, task, policy, run.folder.path / "best.mp4", panel=panel)
    if made is None:
        return
    write_atomic(run.folder.path / "best.png", (run.folder.find(made.address) / "strip.png").read_bytes())
    run.event("video", file=str(run.folder.path / "best.mp4"), no_panel=made.result["no_panel"])


def film(run: Run, task: Task, policy: str, target: Path, *, panel: str | None = None) -> Outcome | None:
    """Write one episode in the world of `task` as mp4. No GL library costs no fitness: the cure is said instead."""
    if not run.config.video:
        return None
    spec = {"world": task.world, "camera": task.camera, "seed": filmed_seed(run), "version": RENDER_VERSION}
    links = {"policy.npz": policy, **({"film.npz": panel} if panel else {})}
    try:
        made = run.execute([Job(kind="render", spec=spec, links=links, paths=task.paths)])[0]
    except (UsageError, JobFailed) as error:
        run.event("no-video", reason=str(error))
        return None
    write_atomic(target, (run.folder.find(made.address) / "video.mp4").read_bytes())
    return made
