"""Where reward code can be confined at all: Linux. Said in one sentence before anything is spent."""

from __future__ import annotations

import sys

from eureka_cli.errors import SandboxUnavailable


def require_linux() -> None:
    """Refuse elsewhere: the lock is made of Linux calls, and a lock that was never tried is none."""
    if sys.platform != "linux":
        raise SandboxUnavailable(
            f"Reward code can be confined on Linux only, and this is {sys.platform}: use a Linux container, or WSL2 on"
            " Windows."
        )
