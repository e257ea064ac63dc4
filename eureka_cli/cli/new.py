"""reward-synth new: the files of a task of your own, to be edited."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    name: Annotated[str, typer.Argument(help="Of the task; also of its folder, with --env.")],
    env: Annotated[str | None, typer.Option(help="A registered Gymnasium id to stand on.")] = None,
    on: Annotated[str | None, typer.Option(help="Or an environment that is there: hopper, hand_pen, ...")] = None,
    goal: Annotated[str | None, typer.Option(help="What to learn, in one sentence.")] = None,
    env_arg: Annotated[list[str] | None, typer.Option(help="With --env: NAME=VALUE it is made with.")] = None,
    import_: Annotated[
        list[str] | None, typer.Option("--import", help="With --env: a package or .py file that registers it.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
) -> None:
    """Write the files of a new task into envs/ of the working folder; `run --task NAME` finds them there.

    With --env an env.py (State and how it is read), a task file and, where the id says so itself, a sparse reward.
    With --on a task file and a stub of its human reward beside an environment that exists.

    Example: reward-synth new reach --env FetchReach-v4 --goal "bring the gripper to the goal"
    """
    from eureka_cli import config as settings
    from eureka_cli.cli import scaffold
    from eureka_cli.errors import UsageError

    if (env is None) == (on is None):
        raise UsageError("Say what the task stands on: --env ID, or --on an environment that is there.")
    if on is not None:
        written = scaffold.beside(name, on, goal)
    else:
        arguments = settings.arguments(env_arg) if env_arg else None
        flags = {"env": env, "goal": goal or scaffold.NO_GOAL, "imports": import_ or None, "env_args": arguments}
        written = scaffold.over_gymnasium(name, settings.load(None, flags, []), runs)
    for file in written:
        print(file)
    print(f"Edit them, then: reward-synth check-task {name}")
