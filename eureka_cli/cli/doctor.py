"""reward-synth doctor: is this machine ready, and what cures what is not."""

from __future__ import annotations

import typer


def command() -> None:
    """Check Python, packages, isolation of reward code, rendering and the runs folder."""
    import importlib.util
    import os
    import platform
    from pathlib import Path

    from eureka_cli.errors import SandboxUnavailable
    from eureka_cli.jobs import versions
    from eureka_cli.rendering import GL_CURE, VIDEO_CURE, gl_works
    from eureka_cli.sandbox.client import Zygote

    print(f"python      {platform.python_version()} on {platform.machine()}, {len(os.sched_getaffinity(0))} cores")
    for name, version in versions().items():
        print(f"{name:11} {version}")
    healthy = True
    try:
        zygote = Zygote.start()
        print(f"isolation   {zygote.level}")
        zygote.close()
    except SandboxUnavailable as error:
        healthy = False
        print(f"isolation   none. {error}")
    print(f"rendering   {'works' if gl_works() else GL_CURE}")
    print(f"video       {'works' if importlib.util.find_spec('imageio_ffmpeg') else VIDEO_CURE}")
    folder = Path("runs") if Path("runs").is_dir() else Path(".")
    writable = os.access(folder, os.W_OK)
    print(f"runs        {'writable' if writable else f'{folder.resolve()} cannot be written: use --runs FOLDER'}")
    if not (healthy and writable):
        raise typer.Exit(1)
