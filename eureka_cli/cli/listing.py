"""reward-synth list: every run in a line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List runs, sweeps' too, a line each: state, fitness, cost. `reward-synth status` says how to go on with each.

    Example: reward-synth list
    """
    import json as encoder

    from eureka_cli.cli import cleaning
    from eureka_cli.reports import account, sweep

    found = {folder.name: sweep.standing(folder) for folder in cleaning.runs_in(runs)}
    if json:
        rows = {name: {**stands._asdict(), "spent": account.as_json(stands.spent)} for name, stands in found.items()}
        print(encoder.dumps(rows, indent=1))
        return
    if not found:
        print(f"No run in {runs}/. Start one: reward-synth run --task pen_spin")
        return
    width = max(map(len, found))
    print(
        f"{'run':{width}}  {'state':13}  round  {'search':>8}  {'confirmed':>9}  {'CPU-s':>8}  {'tokens':>9}  dollars"
    )
    for name, stands in found.items():
        search, confirmed = (f"{v:.3g}" if v is not None else "" for v in (stands.best, stands.confirmed))
        spent = stands.spent
        money = "unknown" if spent.unpriced_calls else f"{spent.usd:.2f}"
        print(
            f"{name:{width}}  {stands.state:13}  {stands.round:5}  {search:>8}  {confirmed:>9}"
            f"  {spent.cpu_s:8,.0f}  {spent.tokens:9,}  {money:>7}"
        )
