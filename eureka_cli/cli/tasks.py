"""reward-synth tasks: what can be learnt out of the box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eureka_cli.core import Task


def command(
    suite: Annotated[
        str | None, typer.Option(help="Only tasks of this suite or tier: eureka, icpl, text2reward, quick, ...")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the tasks: name, tier, budget in environment steps, physics on a GPU (mjx_ppo), sentence, suites.

    Examples: reward-synth tasks; reward-synth tasks --suite text2reward; reward-synth tasks --suite quick
    """
    import json as encoder

    from eureka_cli import tasks, worlds

    listed = sorted(tasks.names()) if suite is None else _listed(suite)
    suites = {name: tasks.memberships(name) for name in listed}
    found = [tasks.find(name) for name in listed]
    fits = {task.name: _fit(task) for task in found}
    if json:
        facts = [
            {
                **{"name": t.name, "env": t.env, "tier": t.tier, "budget": t.budget, "sentence": t.sentence},
                "suites": suites[t.name],
                "lacking": worlds.lacking(t.world),
                "mjx": dict(zip(("physics", "why"), fits[t.name], strict=True)),
            }
            for t in found
        ]
        print(encoder.dumps(facts, indent=1))
        return
    width = max(len(task.name) for task in found)
    for task in found:
        gpu = f"mjx {fits[task.name][0]}"
        part_of = f" [{', '.join(suites[task.name])}]" if suites[task.name] else ""
        print(f"{task.name:{width}}  {task.tier:6}  {task.budget:>9,} steps  {gpu:8}  {task.sentence}{part_of}")
    for name, (physics, why) in fits.items():
        if why:
            print(f"mjx {physics}: {name}. {why}")
    if lacking := {task.name: package for task in found if (package := worlds.lacking(task.world))}:
        packages = ", ".join(sorted(set(lacking.values())))
        print(f"not installed: {', '.join(lacking)} need {packages}: pip install 'reward-synth[worlds]'")


def _listed(suite: str) -> list[str]:
    from eureka_cli import tasks
    from eureka_cli.errors import UsageError

    known = tasks.suites()
    if suite not in known:
        raise UsageError(f"No suite {suite!r}. There are: {', '.join(sorted(known))}.")
    return known[suite]


def _fit(task: Task) -> tuple[str, str]:
    """How MJX does with a task, and why not better: from its env.py and model, which a person may have broken."""
    from eureka_cli.simulators import mjx_models

    try:
        return mjx_models.fit(task)
    except (Exception, SystemExit) as error:
        return "no", f"Its world cannot be made: {type(error).__name__}: {error}"
