"""reward-synth tasks: what can be learnt out of the box."""

from __future__ import annotations

from typing import Annotated

import typer


def command(json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List the tasks: name, tier, budget in environment steps, sentence.

    Example: reward-synth tasks
    """
    import json as encoder

    from eureka_cli import tasks

    found = [tasks.find(name) for name in sorted(tasks.names())]
    if json:
        facts = [
            {"name": t.name, "env": t.env, "tier": t.tier, "budget": t.budget, "sentence": t.sentence} for t in found
        ]
        print(encoder.dumps(facts, indent=1))
        return
    width = max(len(task.name) for task in found)
    for task in found:
        print(f"{task.name:{width}}  {task.tier:6}  {task.budget:>9,} steps  {task.sentence}")
