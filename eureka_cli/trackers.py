"""Program: tells Weights & Biases or Trackio what comes in on stdin. Started by tracking.py, imported by nobody.

The first line says project, name, folder and config; every further line is a row of numbers by name. Without a key
Weights & Biases writes files beside the run (`wandb sync` sends them); Trackio keeps its own on this machine.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

AXIS = "/steps"
"""How the name of the number ends over which the others of its policy are drawn."""
KEYS = "api.wandb.ai"
QUIET = {"WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""Reports of the libraries' own about this machine."""


def arguments(name: str, about: dict[str, Any]) -> dict[str, Any]:
    """What the library's `init` is called with: nothing of this machine, its programs or its code goes along."""
    common = {"project": about["project"], "name": about["name"], "config": about["config"]}
    if name == "trackio":
        return {**common, "embed": False, "auto_log_cpu": False, "auto_log_gpu": False}
    settings = {
        "console": "off",
        "disable_git": True,
        "disable_code": True,
        "save_code": False,
        "x_disable_stats": True,
    }
    offline = {} if "WANDB_MODE" in os.environ or _has_key() else {"mode": "offline"}
    return {**common, "dir": about["folder"], "settings": settings, **offline}


def _has_key() -> bool:
    """In the environment, or where `wandb login` puts it."""
    file = Path.home() / ".netrc"
    return "WANDB_API_KEY" in os.environ or (file.is_file() and KEYS in file.read_text(encoding="utf-8"))


def main(name: str) -> None:
    about = json.loads(sys.stdin.readline())
    os.environ.update(QUIET)
    library: Any = importlib.import_module(name)
    library.init(**arguments(name, about))
    places = set()
    for line in sys.stdin:
        row = json.loads(line)
        axis = next(key for key in row if key.endswith(AXIS))
        if name == "wandb" and axis not in places:
            places.add(axis)
            library.define_metric(axis.removesuffix(AXIS) + "/*", step_metric=axis)
        library.log(row)
    library.finish()


if __name__ == "__main__":
    main(sys.argv[1])
