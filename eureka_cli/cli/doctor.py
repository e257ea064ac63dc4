"""reward-synth doctor: is this machine ready, and what cures what is not."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    model: Annotated[
        str | None, typer.Option(help="Also ask this model for one reward, and judge it. One paid call.")
    ] = None,
    task: Annotated[str, typer.Option(help="The task to ask it for.")] = "cartpole_balance",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Any setting, e.g. model_options.base_url=http://...")
    ] = None,
) -> None:
    """Check Python, packages, isolation of reward code, rendering and the runs folder; with --model, the model too.

    Examples: reward-synth doctor, reward-synth doctor --model openai:gpt-5-mini
    """
    import importlib.util
    import os
    import platform
    from pathlib import Path

    from eureka_cli.errors import SandboxUnavailable
    from eureka_cli.program import versions
    from eureka_cli.rendering import GL_CURE, VIDEO_CURE, gl_works
    from eureka_cli.sandbox.client import Zygote

    print(f"python      {platform.python_version()} on {platform.machine()}, {len(os.sched_getaffinity(0))} cores")
    for name, version in versions().items():
        print(f"{name:11} {version}")
    healthy = True
    try:
        zygote = Zygote.start()
        print(f"isolation   {zygote.level}{f'. No second wall: {zygote.note}.' if zygote.note else ''}")
        zygote.close()
    except SandboxUnavailable as error:
        healthy = False
        print(f"isolation   none. {error}")
    print(f"rendering   {'works' if gl_works() else GL_CURE}")
    print(f"video       {'works' if importlib.util.find_spec('imageio_ffmpeg') else VIDEO_CURE}")
    folder = Path("runs") if Path("runs").is_dir() else Path(".")
    writable = os.access(folder, os.W_OK)
    print(f"runs        {'writable' if writable else f'{folder.resolve()} cannot be written: use --runs FOLDER'}")
    if model is not None:
        healthy = _ask(model, task, set_ or []) and healthy
    if not (healthy and writable):
        raise typer.Exit(1)


def _ask(model: str, task: str, assignments: list[str]) -> bool:
    """One reward of this model, judged by the critic; False where it is refused."""
    import tempfile
    import time
    from pathlib import Path

    from eureka_cli import config as settings
    from eureka_cli import drafts
    from eureka_cli.cli import scratch, session

    resolved = settings.load(None, {"task": task, "model": model}, assignments)
    with tempfile.TemporaryDirectory() as folder, scratch.run_in(resolved, Path(folder) / "doctor") as run:
        method, _ = session.check_settings(run)
        messages = method.opening(run)
        started = time.monotonic()
        designed = drafts.design(run, messages, slot="doctor", samples=1)
        waited = time.monotonic() - started
        verdict = drafts.check(run, designed, messages, repairs=0)[0].verdict
        spent = run.spent
    price = "price unknown" if spent.unpriced_calls else f"${spent.usd:.4f}"
    print(f"model       {model} answered in {waited:.1f} s, {spent.tokens} tokens, {price}")
    for finding in verdict.findings:
        print("            " + scratch.finding_text(finding, "reward").replace("\n", "\n            "))
    print(f"reward      {'valid' if verdict.accepted else 'refused: try a stronger model'}")
    return verdict.accepted
