"""Files of a new task: an env.py over a Gymnasium id beside its task, or a task beside a known env.py."""

from __future__ import annotations

import json
import keyword
from pathlib import Path
from typing import Any

from eureka_cli import prompts, steps, tasks
from eureka_cli.cli import scratch
from eureka_cli.config import RunConfig
from eureka_cli.core import Json
from eureka_cli.data import folders
from eureka_cli.errors import UsageError
from eureka_cli.store import write_atomic

NO_GOAL = "say here, in one sentence, what is to be learnt"
KEPT = ("PARAMS", "CHOICES", "RANGES", "CAMERA")
"""Literals that env.py needs of every task beside it."""


def over_gymnasium(name: str, config: RunConfig, runs: Path) -> list[Path]:
    """env.py, NAME.py and, where the id says what reached is, a sparse reward. The id is measured in a job first."""
    folder = _fresh(name, Path("envs") / name)
    with scratch.run_in(config, runs / ".new") as run:
        found = steps.measured(run, [{}])[0][1].result
    world = {"gym_id": _quoted(config.env or ""), "kwargs": config.env_args, "imports": list(config.imports)}
    comments = {field: found["comments"][field] for field in found["fields"]}
    read = {field: found["sources"][field] for field in found["fields"] if field in found["sources"]}
    task = _task(config.goal, found["horizon"], tasks.GYM_BUDGET, found["success"] or "", {})
    written = [
        _write(folder / "env.py", "new/env", by="new", **world, comments=comments, sources=read),
        _write(folder / f"{name}.py", "new/task", **task),
    ]
    if found["threshold"] is not None:
        file = folder / "rewards" / f"{name}_sparse.py"
        written.append(_write(file, "new/sparse", threshold=found["threshold"]))
    return written


def beside(name: str, environment: str, goal: str | None) -> list[Path]:
    """NAME.py and a stub of its human reward, in the working folder's envs/ENVIRONMENT/."""
    env = next((root / environment / "env.py" for root in folders("envs") if (root / environment).is_dir()), None)
    if env is None or not env.is_file():
        known = sorted({file.parent.name for root in folders("envs") for file in root.glob("*/env.py")})
        raise UsageError(f"No environment {environment!r}. There are: {', '.join(known)}.")
    folder = _fresh(name, Path("envs") / environment, shared=True)
    sibling = next(iter(sorted(file for file in env.parent.glob("*.py") if file.name != "env.py")), None)
    facts = tasks.literals(sibling) if sibling else {}
    literals = {key: facts[key] for key in KEPT if key in facts}
    task = _task(goal, facts.get("HORIZON", 500), facts.get("BUDGET", tasks.GYM_BUDGET), "", literals)
    fields = tasks.state_fields(env)
    return [
        _write(folder / f"{name}.py", "new/task", **task),
        _write(folder / "rewards" / f"{name}_human.py", "new/human", fields=fields),
    ]


def _task(goal: str | None, horizon: int, budget: int, success: str, literals: dict[str, Json]) -> dict[str, Any]:
    sentence = goal or NO_GOAL
    title = (sentence[:1].upper() + sentence[1:]).replace("\\", "/").replace('"', "'").rstrip(".")
    return {
        **{"title": title, "goal": _quoted(sentence), "horizon": horizon, "budget": f"{budget:_}"},
        **{"success": success, "literals": {"PARAMS": {}, **literals}},
    }


def _fresh(name: str, folder: Path, *, shared: bool = False) -> Path:
    """The folder of a new task. UsageError for a name that is taken or is no name."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"{name!r} is no name for a task; take letters, digits and underscores: my_task.")
    if name in (known := tasks.names()):
        raise UsageError(f"There is a task {name!r} already: {known[name]}. Take another name.")
    if folder.exists() and not shared:
        raise UsageError(f"{folder} exists. Take another name, or move it away.")
    return folder


def _quoted(text: str) -> str:
    """A Python literal, in the quotes this code base writes."""
    return json.dumps(text, ensure_ascii=False)


def _write(file: Path, template: str, **values: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, prompts.render(template, **values).rstrip() + "\n")
    return file
