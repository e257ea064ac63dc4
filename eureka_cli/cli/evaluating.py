"""A policy from a file, as a job: its fitness on the episodes that runs report on, and a film of the first of them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from eureka_cli import policy_files, steps
from eureka_cli.core import Job, Score
from eureka_cli.errors import UsageError
from eureka_cli.products import RENDER_VERSION, filmed_seed
from eureka_cli.run import Run
from eureka_cli.store import write_atomic


def measure(run: Run, policy: Path, episodes: int) -> Score:
    """Fitness of the policy in a file on `episodes` of the run's confirmation pool."""
    given, paths = _given(run, policy)
    spec = steps.judging(run.task, run.seeds("confirmation-evaluation", episodes)) | given
    outcome = run.execute([Job(kind="evaluate", spec=spec, paths=paths)])[0]
    return Score.model_validate(outcome.result["score"])


def film(run: Run, policy: Path, target: Path) -> None:
    """Write the first of those episodes as mp4. Raises UsageError where nothing can be drawn."""
    given, paths = _given(run, policy)
    seen = {"world": run.task.world, "camera": run.task.camera, "seed": filmed_seed(run)}
    made = run.execute([Job(kind="render", spec={**seen, **given, "version": RENDER_VERSION}, paths=paths)])[0]
    write_atomic(target, (run.folder.find(made.address) / "video.mp4").read_bytes())


def _given(run: Run, policy: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """What names the policy in a job's key, and the paths of the job; the environment is measured first."""
    if policy.suffix not in policy_files.SUFFIXES:
        raise UsageError(f"{policy} is no policy by its name; they end in {', '.join(policy_files.SUFFIXES)}.")
    if not policy.is_file():
        raise UsageError(f"No file {policy}. Check the path.")
    if not run.measurement:
        steps.measure(run)
    offers = {name: run.measurement[name] for name in ("observation_size", "action_size", "discrete")}
    named = hashlib.sha256(policy.read_bytes()).hexdigest()[:16]
    return {"policy": named, "spaces": offers}, {**run.task.paths, "policy": str(policy.resolve())}


def text(score: Score, task: str, video: Path | None) -> str:
    """The score for a person."""
    low, high = min(score.episodes), max(score.episodes)
    lines = [f"{task}: fitness {score.fitness:.3g} over {len(score.episodes)} episodes, from {low:.3g} to {high:.3g}"]
    if score.success is not None:
        lines.append(f"success in {score.success:.0%}")
    lines.append(f"{score.length:.0f} steps an episode, {score.drops:.0%} ended early")
    lines += [f"{name.replace('_', ' ')} {value:.3g}" for name, value in score.extras.items()]
    lines += [score.behaviour] if score.behaviour else []
    return "\n".join([*lines, *([f"video {video}"] if video else [])])
