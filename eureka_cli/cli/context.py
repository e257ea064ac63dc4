"""reward-synth context: what a model is shown of a task written for Isaac Gym."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eureka_cli.isaac.shapes import Shapes
    from eureka_cli.isaac.source import Source


def command(
    file: Annotated[Path, typer.Argument(help="A Python file with a task class for Isaac Gym.")],
    shapes: Annotated[bool, typer.Option(help="Make the task on a stand-in for Isaac Gym to learn shapes.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Print the observation code of an Isaac Gym task and its tensors: Eureka's environment context, without reward.

    The file's own code runs for the shapes, in a process without our environment; --no-shapes only reads it.

    Example: reward-synth context isaacgymenvs/tasks/ant.py
    """
    import json as encoder

    from eureka_cli.cli import scratch
    from eureka_cli.isaac import shapes as measuring
    from eureka_cli.isaac import source

    seen = source.read(scratch.read_text(file), str(file))
    found = measuring.measure(file) if shapes else measuring.Shapes({}, "", ())
    if not json:
        print(_text(seen, found))
        return
    facts = {
        "task": seen.task,
        "code": seen.code,
        "tensors": {
            name: {"shape": list(found.tensors[name].shape), "dtype": found.tensors[name].dtype}
            if name in found.tensors
            else None
            for name in seen.attributes
        },
        "functions": seen.functions,
        "stopped": found.stopped,
        "absent": list(found.absent),
    }
    print(encoder.dumps(facts, indent=1))


def _text(seen: Source, found: Shapes) -> str:
    width = max((len(name) for name in seen.attributes), default=0)
    lines = ["", "# Attributes of the task; dofs, bodies and ? depend on the files of its assets:"]
    for name in seen.attributes:
        about = found.tensors.get(name)
        shape = f"({', '.join(about.shape)}{',' if len(about.shape) == 1 else ''})" if about and about.shape else ""
        kind = f"{shape} {about.dtype}".strip() if about else "not known"
        lines.append(f"#   self.{name:{width}}  {kind}")
    if seen.functions:
        lines += ["# Functions at hand:", *(f"#   {signature}" for signature in seen.functions.values())]
    if found.stopped:
        lines.append(f"# The task could be made up to {found.stopped}")
    if found.absent:
        lines.append(f"# Not installed, empty modules stood in: {', '.join(found.absent)}")
    return seen.code + "\n".join(lines)
