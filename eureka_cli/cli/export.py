"""reward-synth export: take a reward and its policy home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Examples:

reward-synth export demo

reward-synth export demo --out spinner
"""


def command(
    run: Annotated[str, typer.Argument(help="Name of a finished run, or its folder.")],
    out: Annotated[Path | None, typer.Option(help="Folder to write; RUN-export unless said.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
) -> None:
    """Write the best reward as a file of its own, environments that pay it, its policy, a card and a training script.

    The policy comes as arrays (.npz), with the extra sb3 as a Stable-Baselines3 save, with the extra onnx as ONNX.
    """
    from eureka_cli.cli import exporting, session

    folder = session.find_run(run, runs)
    session.must_be_done(folder)
    target = out or Path(f"{folder.path.name}-export")
    files, skipped = exporting.write(folder, target, runs)
    width = max(map(len, files))
    for name, about in files.items():
        print(f"{target / name!s:{len(str(target)) + 1 + width}}  {about}")
    for reason in skipped:
        print(f"left out: {reason}")
