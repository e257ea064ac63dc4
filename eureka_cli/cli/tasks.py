"""reward-synth tasks: what can be learnt out of the box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eureka_cli.core import Task


def command(json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List the tasks: name, tier, budget in environment steps, physics on a GPU (mjx_ppo), sentence.

    Example: reward-synth tasks
    """
    import json as encoder

    from eureka_cli import tasks

    found = [tasks.find(name) for name in sorted(tasks.names())]
    fits = {task.name: _fit(task) for task in found}
    if json:
        facts = [
            {
                **{"name": t.name, "env": t.env, "tier": t.tier, "budget": t.budget, "sentence": t.sentence},
                "mjx": dict(zip(("physics", "why"), fits[t.name], strict=True)),
            }
            for t in found
        ]
        print(encoder.dumps(facts, indent=1))
        return
    width = max(len(task.name) for task in found)
    for task in found:
        gpu = f"mjx {fits[task.name][0]}"
        print(f"{task.name:{width}}  {task.tier:6}  {task.budget:>9,} steps  {gpu:8}  {task.sentence}")
    for name, (physics, why) in fits.items():
        if why:
            print(f"mjx {physics}: {name}. {why}")


def _fit(task: Task) -> tuple[str, str]:
    """How MJX does with a task, and why not better: from its env.py and model, which a person may have broken."""
    from eureka_cli.simulators import mjx_models

    try:
        return mjx_models.fit(task)
    except (Exception, SystemExit) as error:
        return "no", f"Its world cannot be made: {type(error).__name__}: {error}"
