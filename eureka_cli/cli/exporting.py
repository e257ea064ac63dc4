"""The folder of an export: the reward, its world, environments that pay it, the policy in three forms, a card.

    reward.py [reward_math.py] [totals.py]   NumPy only
    env.py [task.py] [model.xml]             State, and the world or how State is read of a Gymnasium id
    environment.py vec_env.py scoring.py     Gymnasium, Stable-Baselines3
    policy.npz policy.py [policy.zip] [policy.onnx] sb3_files.py train.py requirements.txt card.json README.md

Nothing of it is run here: reward code runs in its own process, or where the person takes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import eureka_cli
from eureka_cli import combiners, policies, policy_exports, prompts, steps, tasks, worlds
from eureka_cli.cli import scratch, session
from eureka_cli.config import RunConfig
from eureka_cli.core import Json, Params, Task
from eureka_cli.errors import UsageError
from eureka_cli.reports import card
from eureka_cli.simulators.gym_making import LATE_PACKAGES
from eureka_cli.store import RunFolder

PACKAGE = Path(eureka_cli.__file__).parent
TRAINER = "stable-baselines3>=2.7,<3"
"""What train.py needs."""

Files = dict[str, str]
"""Name to what it is."""


def write(folder: RunFolder, target: Path, runs: Path) -> tuple[Files, list[str]]:
    """Write the export of a finished run; what was written, and what was left out and why."""
    best = next(event for event in reversed(folder.events()) if event["event"] == "best")
    if "policy" not in best:
        raise UsageError(f"{folder.name} was finished by an older version. First: reward-synth resume {folder.name}")
    if target.exists() and any(target.iterdir()) and not (target / "card.json").is_file():
        raise UsageError(f"{target} holds other things. Give --out another folder.")
    target.mkdir(parents=True, exist_ok=True)
    config = session.read_config(folder, []).model_copy(update={"model": "builtin", "model_options": {}})
    config = config.model_copy(update={"params": best["params"]})
    with scratch.run_in(config, runs / ".export") as run:
        measured, task = steps.measured(run, [{}])[0][1].result, run.task
    files = _reward(folder, best["candidate"], target)
    files |= _world(task, config, measured, target)
    kind = "simulated" if task.world["kind"] == "files" else "gymnasium"
    files |= _kit(kind, target)
    policy, skipped = _policy(folder, best["policy"], target)
    files |= policy
    _write(target / "requirements.txt", "\n".join(_requirements(kind, measured, target)) + "\n")
    usual: Params = tasks.find(config.task).params if config.task else {}
    facts = card.facts(folder, config, measured["versions"], usual) | {"world": _told(task, measured)}
    _write(target / "card.json", json.dumps(facts, indent=1) + "\n")
    files |= {"requirements.txt": "what train.py needs", "card.json": "all of this for programs"}
    _write(target / "README.md", card.text(facts, files, skipped))
    return {**files, "README.md": "the card"}, skipped


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def _copy(source: Path, file: Path) -> None:
    file.write_bytes(source.read_bytes())


def _reward(folder: RunFolder, candidate: str, target: Path) -> Files:
    head = (folder.path / "best.py").read_text(encoding="utf-8").partition("\n\n")[0]
    code = (folder.path / "candidates" / f"{candidate}.py").read_text(encoding="utf-8")
    _write(
        target / "reward.py", f"{head}\n# compute_reward is a pure function of arrays; it needs NumPy alone.\n\n{code}"
    )
    files = {"reward.py": "the reward, a pure function of arrays"}
    if "reward_math" in code:
        _copy(PACKAGE / "reward_math.py", target / "reward_math.py")
        files["reward_math.py"] = "what it imports"
    if combiners.declared(code) is not None:
        _copy(PACKAGE / "totals.py", target / "totals.py")
        files["totals.py"] = "how its components become a total (COMBINE)"
    return files


def _world(task: Task, config: RunConfig, measured: dict[str, Json], target: Path) -> Files:
    """env.py as the run knew it, or what the run derived of the id written down."""
    files = {"env.py": "State: what the reward sees, and where it comes from"}
    if "env" in task.paths:
        _copy(Path(task.paths["env"]), target / "env.py")
        _copy(Path(task.paths["task"]), target / "task.py")
        files["task.py"] = "the task: its fitness, which no reward sees"
        if (model := Path(task.paths["env"]).with_name("model.xml")).is_file():
            _copy(model, target / "model.xml")
            files["model.xml"] = "the world's model"
        return files
    comments = {name: measured["comments"][name] for name in measured["fields"]}
    sources = {name: measured["sources"][name] for name in measured["fields"] if name in measured["sources"]}
    made = {"gym_id": json.dumps(config.env), "kwargs": config.env_args, "imports": list(config.imports)}
    text = prompts.render("new/env", by="export", **made, comments=comments, sources=sources)
    _write(target / "env.py", text.rstrip() + "\n")
    if "task" in task.paths:
        _copy(Path(task.paths["task"]), target / "fitness.py")
        files["fitness.py"] = "the fitness, which no reward sees"
    for name, path in task.paths.items():
        if name.startswith(worlds.IMPORT):
            _copy(Path(path), target / Path(path).name)
            files[Path(path).name] = "registers the environment"
    return files


def _kit(kind: str, target: Path) -> Files:
    files = {
        "environment.py": "make(): the environment that pays the reward (Gymnasium)",
        "vec_env.py": "make_vec(N): the same for Stable-Baselines3, one reward call a step",
        "scoring.py": "how environments call the reward",
        "policy.py": "Policy()(observation): the policy in NumPy",
        "sb3_files.py": "saves that `reward-synth evaluate` reads",
        "train.py": "trains on the reward with Stable-Baselines3",
    }
    for name in files:
        source = PACKAGE / "kit" / f"{kind}_{name}"
        _copy(source if source.is_file() else PACKAGE / "kit" / name, target / name)
    return files


def _policy(folder: RunFolder, address: str, target: Path) -> tuple[Files, list[str]]:
    job, _, name = address.rpartition("/")
    source = folder.find(job) / name
    _copy(source, target / "policy.npz")
    policy = policies.load(source)
    files, skipped = {"policy.npz": "its arrays"}, []
    for form, about, missing, convert in (
        ("policy.zip", "a Stable-Baselines3 save", policy_exports.sb3_missing(), policy_exports.to_sb3),
        ("policy.onnx", "an ONNX graph, normalisation inside", policy_exports.onnx_missing(), policy_exports.to_onnx),
    ):
        if missing:
            skipped.append(f"{form}. {missing}")
            continue
        convert(policy, target / form)
        files[form] = about
    return files, skipped


def _told(task: Task, measured: dict[str, Json]) -> dict[str, Any]:
    """What environment.py makes the world from."""
    if task.world["kind"] == "files":
        return {"kind": "files", "params": task.params, "horizon": measured["horizon"]}
    named = {name.replace("-", "_").lower() for name in measured["versions"]}
    imports = [Path(name).name if name.endswith(".py") else name for name in task.world.get("imports", {})]
    return {
        "id": task.world["id"],
        "kwargs": task.world.get("kwargs", {}),
        "params": task.params,
        "packages": [*imports, *sorted(named & set(LATE_PACKAGES))],
        "horizon": measured["horizon"],
        "dt": measured["dt"],
        "observation_size": measured["observation_size"],
    }


def _requirements(kind: str, measured: dict[str, Json], target: Path) -> list[str]:
    """With the releases the run had."""
    if kind == "simulated":
        return [f"reward-synth=={eureka_cli.__version__}", f"mujoco=={measured['versions']['mujoco']}", TRAINER]
    physical = "env.data" in (target / "env.py").read_text(encoding="utf-8")
    spared = {"mjbatch", *(() if physical else ("mujoco",))}
    pins = [f"{name}=={version}" for name, version in measured["versions"].items() if name not in spared]
    return [*pins, TRAINER]
