"""reward-synth evaluate: the fitness of a policy, by the evaluator that judges every run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Examples:

reward-synth evaluate home/policy.npz --task hopper_hop --seed 3

reward-synth evaluate ppo.zip --env Reacher-v5 --fitness my_fitness.py --episodes 50 --video reacher.mp4

reward-synth evaluate policy.onnx --task pen_spin --set params.rung=lite --json
"""


def command(
    policy: Annotated[Path, typer.Argument(help="Arrays (.npz), a Stable-Baselines3 save (.zip) or an ONNX graph.")],
    task: Annotated[str | None, typer.Option(help="The task it is to be measured on.")] = None,
    env: Annotated[str | None, typer.Option(help="Instead of a task: a registered Gymnasium id.")] = None,
    fitness: Annotated[str | None, typer.Option(help="With --env: a file with fitness(trajectory) -> float.")] = None,
    env_arg: Annotated[list[str] | None, typer.Option(help="With --env: NAME=VALUE it is made with.")] = None,
    import_: Annotated[
        list[str] | None, typer.Option("--import", help="With --env: a package or .py file that registers it.")
    ] = None,
    episodes: Annotated[int, typer.Option(min=1, help="Episodes, one after another's seed.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of the episodes: those on which a run of this seed reports.")] = 0,
    video: Annotated[Path | None, typer.Option(help="Write the first episode as mp4.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Any setting: key=value, e.g. params.rung=free.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print the score as JSON.")] = False,
) -> None:
    """Measure a policy with the trusted fitness; no reward is involved. No pickle in a file is ever loaded."""
    import json as encoder

    from eureka_cli import config as settings
    from eureka_cli.cli import evaluating, scratch

    flags = {
        **{"task": task, "env": env, "goal": "evaluate" if env else None, "fitness": fitness, "seed": seed},
        **{"env_args": settings.arguments(env_arg) if env_arg else None, "imports": import_ or None},
    }
    resolved = settings.load(None, flags, set_ or [])
    with scratch.run_in(resolved, runs / ".evaluate") as run:
        score = evaluating.measure(run, policy, episodes)
        if video is not None:
            evaluating.film(run, policy, video)
    facts = {**score.model_dump(), "success": score.success}
    print(encoder.dumps(facts, indent=1) if json else evaluating.text(score, run.task.name, video))
