"""reward-synth bank build: graded episodes of a task, on which rewards are judged before training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def main() -> None:
    """Rollout banks: graded episodes on which rewards are judged before training.

    Example: reward-synth bank build --task pen_spin
    """


@app.command()
def build(
    task: Annotated[str | None, typer.Option(help="A task by name.")] = None,
    env: Annotated[str | None, typer.Option(help="Instead of a task: a registered Gymnasium id.")] = None,
    fitness: Annotated[str | None, typer.Option(help="With --env: a file with fitness(trajectory) -> float.")] = None,
    seed: Annotated[int | None, typer.Option(help="Decides everything that is chance.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Any setting: key=value.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs and their cache.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print what the bank holds as JSON.")] = False,
) -> None:
    """Build a task's bank, or say what the one in the cache holds. A run builds it by itself when it first needs it.

    Episodes come from chance, from scripts (stillness, noise, rhythms, reflexes) and from those bred by fitness alone;
    no reward is read and no policy trained. The best are spoilt on purpose: reversed, frozen, trembling, cut short.

    Example: reward-synth bank build --task pen_spin
    """
    import json as encoder

    from eureka_cli import config as settings
    from eureka_cli import steps
    from eureka_cli.cli import scratch
    from eureka_cli.critics import bank

    flags = {"task": task, "env": env, "goal": "bank" if env else None, "fitness": fitness, "seed": seed}
    with scratch.run_in(settings.load(None, flags, set_ or []), runs / ".bank") as run:
        steps.measure(run)
        outcome = bank.build(run)
        file = run.folder.find(outcome.address) / "bank.npz"
    found = outcome.result
    if json:
        print(encoder.dumps({**found, "file": str(file), "cpu_s": outcome.cpu_s}, indent=1))
        return
    span = found["fitness"]
    sources = ", ".join(f"{count} {name}" for name, count in found["sources"].items())
    print(f"{found['episodes']} episodes ({sources}) and {found['spoilt']} spoilt ones, {found['steps']:,} steps")
    print(f"fitness {span['min']:.3g} to {span['max']:.3g}, median {span['median']:.3g}, chance {found['chance']:.3g}")
    if found["abstains"]:
        print(f"it says nothing of ranks: {found['abstains']}")
    else:
        print(f"{found['good']} good and {found['poor']} poor episodes are compared")
    print(f"{file}  {file.stat().st_size / 1e6:.1f} MB, built in {outcome.cpu_s:.1f} CPU-s")
