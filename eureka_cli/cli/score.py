"""reward-synth score: run a reward written in PyTorch on recorded states."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eureka_cli.core import Array, Finding, Rewards


def command(
    file: Annotated[Path, typer.Argument(help="A Python file with a reward function of named tensors.")],
    states: Annotated[Path, typer.Option(help="An .npz with one array for each argument, by name.")],
    entry: Annotated[str, typer.Option(help="The function to call.")] = "compute_reward",
    context: Annotated[
        Path | None, typer.Option(help="The task's file: arguments must be attributes its observation code names.")
    ] = None,
    allow_unconfined: Annotated[bool, typer.Option(help="Run code you have read where no lock is to be had.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Lint a torch reward as Eureka publishes them and run it on recorded states in a locked process.

    Prints statistics of the total and of every component. Exits with 1 when it is refused or fails. Needs PyTorch.

    Example: reward-synth score reward.py --states states.npz
    """
    from eureka_cli.cli import scratch
    from eureka_cli.critics import lint_torch
    from eureka_cli.isaac import source

    code = scratch.read_text(file)
    attributes = source.read(scratch.read_text(context), str(context)).attributes if context else None
    findings: list[Finding] = list(lint_torch.check(code, entry=entry, attributes=attributes))
    found, level = None, ""
    if not findings:
        found, level, findings = _run(code, states, entry, allow_unconfined)
    _print(found, level, findings, file.name, as_json=json)
    if findings:
        raise typer.Exit(1)


def _run(code: str, file: Path, entry: str, unconfined: bool) -> tuple[Rewards | None, str, list[Finding]]:
    import ast

    from eureka_cli.core import Finding
    from eureka_cli.errors import RewardFailure
    from eureka_cli.isaac import states
    from eureka_cli.sandbox.torch_process import TorchProcess, Zygote

    functions = [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef) and node.name == entry]
    call = states.call(functions[-1], states.load(file))
    zygote = Zygote.start(torch=True, allow_unconfined=unconfined)
    try:
        with TorchProcess(zygote, code, call.arguments, rows=call.rows, entry=entry) as process:
            first, again = process.score(), process.score()
    except RewardFailure as failure:
        return None, zygote.level, [failure.finding]
    finally:
        zygote.close()
    if (first.total != again.total).any():
        cure = "Keep nothing between calls."
        return first, zygote.level, [Finding(rule="impure", message="The same states gave other rewards.", cure=cure)]
    return first, zygote.level, []


def _print(found: Rewards | None, level: str, findings: list[Finding], file: str, *, as_json: bool) -> None:
    import json as encoder

    from eureka_cli.cli import scratch

    columns = {} if found is None else {"total": found.total, **found.components}
    rows = {name: _statistics(values) for name, values in columns.items()}
    if as_json:
        told = [finding.model_dump() for finding in findings]
        print(encoder.dumps({"isolation": level, "statistics": rows, "findings": told}, indent=1))
        return
    for finding in findings:
        print(scratch.finding_text(finding, file))
    if found is None:
        return
    width = max(map(len, rows))
    print(f"{found.total.size} states, {level}")
    print(f"{'':{width}}  {'min':>10} {'mean':>10} {'std':>10} {'max':>10}")
    for name, numbers in rows.items():
        print(f"{name:{width}}  " + " ".join(f"{value:10.4g}" for value in numbers.values()))


def _statistics(values: Array) -> dict[str, float]:
    return {name: float(getattr(values, name)()) for name in ("min", "mean", "std", "max")}
