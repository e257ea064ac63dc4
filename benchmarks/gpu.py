"""mjx_ppo on a GPU beside native_ppo on the same machine's CPU: steps per second, time to the human baseline, memory.

python benchmarks/gpu.py --out DIR --limit 330       # the first task, native_ppo on all, the rest; gpu.json grows
python benchmarks/gpu.py --earlier OLD/gpu.json      # GPU parts of another run on the same kind of machine count too
python benchmarks/gpu.py --trace programs.npz        # rewards traced beforehand, for a machine without a sandbox
JAX_COMPILATION_CACHE_DIR=DIR keeps compiled programs, and a second run needs no compiling.

A round is 1 or 16 candidates: the human reward, then those of the recordings and the sparse one, again with other seeds
where they are too few. Programs compile side by side; compile times are told apart and are never part of a rate.
Beside a single native_ppo only one thread works (it lowers programs); beside sixteen, none.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from eureka_cli import evaluator, tasks  # noqa: E402
from eureka_cli.combiners import declared  # noqa: E402
from eureka_cli.core import Task  # noqa: E402
from eureka_cli.simulators import make  # noqa: E402
from eureka_cli.store import write_atomic  # noqa: E402

SETTINGS: dict[str, dict[str, Any]] = {
    "pen_spin": {"total": 2_000_000, "seconds": 25},
    "cheetah_run": {"total": 4_000_000, "seconds": 10},
    "hopper_hop": {"total": 4_000_000, "seconds": 12},
    "cartpole_balance": {"total": 1_000_000, "seconds": 5},
}
SIZES = (1, 16)
POINTS = 20
"""Policies kept of a training, to see when it reached the baseline."""
EPISODES = 20
TINY: dict[str, Any] = {"num_envs": 16, "rollout_steps": 4, "minibatch": 32, "epochs": 2, "starts": 8}
CACHE = Path("/tmp/reward-synth-gpu")


class Log:
    """What was found so far, on disk after every part, so that a cut run has lost nothing."""

    def __init__(self, out: Path, limit: float) -> None:
        self._file, self._started, self.limit = out / "gpu.json", time.monotonic(), limit
        self._lock = threading.Lock()
        self.facts: dict[str, Any] = {"parts": [], "errors": []}

    @property
    def left(self) -> float:
        return self.limit - (time.monotonic() - self._started)

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._started:6.1f} s] {text}", flush=True)

    def add(self, **part: Any) -> None:
        with self._lock:
            self.facts["parts"].append(part)
            self.write()
        self.say(json.dumps({k: v for k, v in part.items() if k not in ("curve", "updates_s")})[:400])

    def failed(self, what: str) -> None:
        with self._lock:
            self.facts["errors"].append({"what": what, "error": traceback.format_exc()[-3000:]})
            self.write()
        self.say(f"{what} failed: {traceback.format_exc().strip().splitlines()[-1][:300]}")

    def write(self) -> None:
        self.facts["seconds"] = time.monotonic() - self._started
        write_atomic(self._file, json.dumps(self.facts, indent=1).encode())


def native_world(task: Task, count: int) -> Any:
    return make(task.world, {**task.paths, "cache": str(CACHE)}, num_envs=count)


def fitness(task: Task, policy: Any, seed: int = 12345) -> float:
    """Mean over episodes on the official physics."""
    world = native_world(task, EPISODES)
    seeds = np.arange(EPISODES, dtype=np.uint64) + np.uint64(seed)
    seen = evaluator.rollouts(world, evaluator.acting(policy), seeds)
    return evaluator.judge(seen, tasks.load(task.paths, "task")).fitness


# ---------------------------------------------------------------- rewards


def codes(task: Task) -> dict[str, str]:
    """Name to code: human first, then the recordings', then sparse."""
    found = {"human": str(tasks.baseline(task, "human"))}
    for file in sorted((ROOT / "tests" / "recordings" / task.name).rglob("attempt-*.json")):
        text = json.loads(file.read_text())["completion"]["text"]
        block = re.search(r"```python\n(.*?)```", text, re.S)
        if block:
            found["/".join(file.parts[-4:-1])] = block[1]
    return {**found, "sparse": str(tasks.baseline(task, "sparse"))}


def traced(task: Task, world: Any, log: Log, spare: Path | None) -> dict[str, Any]:
    """Every reward of the task as arithmetic; from `spare` where no tracer starts here."""
    from eureka_cli.errors import RewardFailure
    from eureka_cli.sandbox import arithmetic

    def one(item: tuple[str, str]) -> tuple[str, Any]:
        try:
            shapes = {"fields": world.fields, "action_shape": world.action_shape}
            return item[0], arithmetic.trace(item[1], **shapes, allow_unconfined=True)
        except RewardFailure as failure:
            return item[0], failure.finding.message

    started = time.monotonic()
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = dict(pool.map(one, codes(task).items()))
    except Exception:
        log.failed(f"tracing for {task.name}")
        found = {}
    good = {name: program for name, program in found.items() if not isinstance(program, str)}
    if not good and spare is not None:
        good = unpacked(task, world, spare)
    level = next(iter(good.values())).level
    bad = {name: message for name, message in found.items() if isinstance(message, str)}
    log.add(part="trace", task=task.name, traced=len(good), refused=bad, level=level, s=time.monotonic() - started)
    return good


def pack_all(file: Path) -> None:
    """Trace here what another machine may not be able to."""
    log = Log(file.resolve().parent, 1e9)
    arrays = {}
    for name in SETTINGS:
        task = tasks.find(name)
        for reward, program in traced(task, native_world(task, 1), log, None).items():
            facts = json.dumps({"names": program.names, "memory": program.memory, "level": program.level})
            arrays[f"{name}:{reward}:facts"] = np.frombuffer(facts.encode(), np.uint8)
            arrays[f"{name}:{reward}:program"] = np.frombuffer(program.program, np.uint8)
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def unpacked(task: Task, world: Any, spare: Path) -> dict[str, Any]:
    from eureka_cli.sandbox.arithmetic import Arithmetic

    found = {}
    with np.load(spare, allow_pickle=False) as arrays:
        for name, code in codes(task).items():
            if f"{task.name}:{name}:facts" not in arrays.files:
                continue
            facts = json.loads(arrays[f"{task.name}:{name}:facts"].tobytes())
            found[name] = Arithmetic(
                program=arrays[f"{task.name}:{name}:program"].tobytes(),
                names=tuple(facts["names"]),
                memory=facts["memory"],
                combine=declared(code),  # type: ignore[arg-type]
                fields=world.fields,
                action_shape=world.action_shape,
                level=f"traced elsewhere under {facts['level']}",
            )
    return found


def filled(rewards: dict[str, Any], count: int) -> list[tuple[str, Any, int]]:
    """`count` candidates as (name, reward, seed): all rewards in turn, the seed one higher every time around."""
    items = list(rewards.items())
    return [(*items[k % len(items)], k // len(items)) for k in range(count)]


# ---------------------------------------------------------------- the GPU


Waiting = tuple[Task, list[tuple[str, Any, int]], Any, Any, float]
"""A task, its round, trainer and lowered program, and how long lowering took."""


def lowered(log: Log, name: str, sizes: list[int], rewards: dict[str, Any], config: Any) -> list[Waiting]:
    from eureka_cli.trainers import mjx_ppo_trainer

    found: list[Waiting] = []
    try:
        task = tasks.find(name)
        world = native_world(task, 1)
        for size in sizes:
            round_ = filled(rewards[name], size)
            started = time.monotonic()
            _, programs, seeds = zip(*round_, strict=True)
            trainer = mjx_ppo_trainer.Trainer(world, programs, config, seeds)
            program = trainer.lower()
            spent = time.monotonic() - started
            log.say(f"{name} K={size}: lowered in {spent:.1f} s")
            found.append((task, round_, trainer, program, spent))
    except Exception:
        log.failed(f"preparing {name}")
    return found


def gpu_part(log: Log, waiting: list[Waiting], tiny: bool) -> None:
    """Compile side by side, then time each alone."""
    pool = ThreadPoolExecutor(8)
    compiling = [
        pool.submit(compiled, trainer, program, f"{task.name} K={len(round_)}", log)
        for task, round_, trainer, program, _ in waiting
    ]
    wait(compiling, timeout=max(1.0, log.left - log.limit / 3))
    for (task, round_, trainer, _, lower_s), done in zip(waiting, compiling, strict=True):
        try:
            busy = sum(not other.done() for other in compiling)
            compile_s = done.result(max(1.0, log.left - 60))
            if log.left < 30:
                raise TimeoutError(f"{log.left:.0f} s left")
            gpu_training(log, task, round_, trainer, lower_s, compile_s, busy, tiny)
        except Exception:
            log.failed(f"{task.name} K={len(round_)} on the GPU")


def compiled(trainer: Any, program: Any, what: str, log: Log) -> float:
    started = time.monotonic()
    trainer.compile(program)
    log.say(f"{what}: compiled in {time.monotonic() - started:.1f} s")
    return time.monotonic() - started


def gpu_training(
    log: Log,
    task: Task,
    round_: list[tuple[str, Any, int]],
    trainer: Any,
    lower_s: float,
    compile_s: float,
    busy: int,
    tiny: bool,
) -> None:
    import jax

    rows, count = trainer.config.rows, len(round_)
    setting = SETTINGS[task.name]
    started = time.monotonic()
    trainer.update(1.0)
    first = time.monotonic() - started
    started = time.monotonic()
    trainer.update(1.0)
    typical = time.monotonic() - started
    affordable = min(setting["seconds"], max(4.0, log.left - 40)) / typical
    updates = 4 if tiny else int(max(POINTS, min(setting["total"] / rows, affordable)))
    spent, seen, curve, returns = 2 * typical, [], [], []
    for k in range(2, updates + 2):
        started = time.monotonic()
        report = trainer.update(1 - k / (updates + 2))
        spent += time.monotonic() - started
        seen.append(time.monotonic() - started)
        if (k - 1) * POINTS // updates > (k - 2) * POINTS // updates:
            curve.append((spent, (k + 1) * rows, trainer.policy(0)))
        returns.append(float(report.total[0]))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda entry: fitness(task, entry[2]), curve))
        ends = list(pool.map(lambda k: fitness(task, trainer.policy(k)), range(count)))
    judged = [(s, steps, value) for (s, steps, _), value in zip(curve, found, strict=True)]
    final = {f"{name}#{seed}": value for (name, _, seed), value in zip(round_, ends, strict=True)}
    memory = trainer.compile().memory_analysis()
    held = {name: getattr(memory, f"{name}_size_in_bytes", None) for name in ("temp", "argument", "output", "alias")}
    log.add(
        part="gpu",
        task=task.name,
        candidates=count,
        num_envs=trainer.config.num_envs,
        lower_s=lower_s,
        compile_s=compile_s,
        others_still_compiling=busy,
        first_update_s=first,
        updates=updates + 2,
        update_s=float(np.median(seen)),
        steps_per_s=count * rows / float(np.median(seen)),
        steps_per_candidate=(updates + 2) * rows,
        training_s=spent,
        human_curve=judged,
        final_fitness=final,
        program_bytes=held,
        device_peak_bytes=(jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use"),
    )


# ---------------------------------------------------------------- the CPU beside it


def cpu_part(log: Log, names: list[str], count: int, tiny: bool) -> None:
    """native_ppo at its defaults on the human reward, in `count` processes."""
    for name in names:
        try:
            if log.left < 20:
                raise TimeoutError(f"{log.left:.0f} s left")
            native_round(log, tasks.find(name), count, tiny)
        except Exception:
            log.failed(f"{name} x {count} on the CPU")


def native_round(log: Log, task: Task, count: int, tiny: bool) -> None:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu"}
    steps = 4096 if tiny else task.budget
    command = [sys.executable, __file__, "--native", task.name, "--steps", str(steps), "--seed"]
    running = [
        subprocess.Popen([*command, str(seed)], stdout=subprocess.PIPE, env=environment, text=True)
        for seed in range(count)
    ]
    answers = []
    for process in running:
        said, _ = process.communicate(timeout=max(10.0, log.left - 5))
        answers.append(json.loads(said.strip().splitlines()[-1]))
    span = max(a["ended"] for a in answers) - min(a["began"] for a in answers)
    log.add(
        part="native",
        task=task.name,
        candidates=count,
        sandbox=answers[0]["sandbox"],
        steps_per_candidate=answers[0]["steps"],
        steps_per_s=sum(a["steps"] for a in answers) / span,
        training_s=float(np.mean([a["ended"] - a["began"] for a in answers])),
        final_fitness=[a["curve"][-1][2] for a in answers],
        curves=[a["curve"] for a in answers],
    )


def native_cell(name: str, steps: int, seed: int) -> None:
    """One training as the product does it: reward in its sandbox, native_ppo at its defaults. Prints JSON."""
    from eureka_cli.sandbox.client import RewardProcess, Zygote
    from eureka_cli.trainers import native_ppo

    task, config = tasks.find(name), native_ppo.Config()
    world, zygote = native_world(task, config.num_envs), Zygote.start(allow_unconfined=True)
    shapes = {"fields": world.fields, "action_shape": world.action_shape}
    when: dict[int, float] = {}
    with RewardProcess(zygote, str(tasks.baseline(task, "human")), **shapes, rows=config.rows) as process:
        began = time.monotonic()
        training = native_ppo.train(
            world,
            lambda rollout, memory: process.score(rollout, memory),
            config,
            seed=seed,
            total_timesteps=steps,
            until=steps,
            start=None,
            on_progress=lambda done, _: when.setdefault(done, time.monotonic() - began),
        )
        ended = time.monotonic()
        level = process.level
    zygote.close()
    at = training.curve["steps"]
    curve = [(when[int(at[k])], int(at[k]), fitness(task, policy)) for k, policy in training.policies.items()]
    print(json.dumps({"steps": training.steps, "began": began, "ended": ended, "sandbox": level, "curve": curve}))


# ---------------------------------------------------------------- what it comes to


def to_baseline(log: Log) -> None:
    """Seconds of training until the human reward's policy is as fit as native_ppo's at the task's full budget."""
    parts = log.facts["parts"]
    for name in SETTINGS:
        full = [p for p in parts if p["part"] == "native" and p["task"] == name]
        if not full:
            continue
        target = float(np.mean(full[-1]["final_fitness"]))
        row: dict[str, Any] = {"part": "to baseline", "task": name, "target": target}
        for p in parts:
            if p["part"] == "gpu" and p["task"] == name:
                row[f"gpu x {p['candidates']}"] = next((c for c in p["human_curve"] if c[2] >= target), None)
        for p in full:
            reached = [next((c for c in curve if c[2] >= target), None) for curve in p["curves"]]
            row[f"native x {p['candidates']}"] = {
                "reached": sum(c is not None for c in reached),
                "median_s": float(np.median([c[0] for c in reached if c])) if any(reached) else None,
            }
        log.add(**row)


def everything(log: Log, names: list[str], sizes: list[int], given: argparse.Namespace) -> None:
    import jax

    from eureka_cli.trainers import mjx_ppo

    device = jax.devices()[0]
    log.facts |= {"device": f"{device.platform}: {device.device_kind}", "jax": jax.__version__}
    config = mjx_ppo.Config(**(TINY if given.tiny else {}))
    log.facts["config"] = config.model_dump()
    rewards = {name: traced(tasks.find(name), native_world(tasks.find(name), 1), log, given.traced) for name in names}
    alone = threading.Thread(target=cpu_part, args=(log, names, 1, given.tiny))
    alone.start()
    first = lowered(log, names[0], sizes, rewards, config)
    alone.join()
    gpu_part(log, first, given.tiny)
    cpu_part(log, names, given.processes, given.tiny)
    for name in names[1:]:
        gpu_part(log, lowered(log, name, sizes, rewards, config), given.tiny)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("."))
    parser.add_argument("--limit", type=float, default=330.0)
    parser.add_argument("--tasks", default=",".join(SETTINGS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--tiny", action="store_true", help="A few updates of a few environments: does it run?")
    parser.add_argument("--traced", type=Path, help="Programs to use where no tracer starts here.")
    parser.add_argument("--earlier", type=Path, help="gpu.json of an earlier run.")
    parser.add_argument("--trace", type=Path, help="Only trace, into this file.")
    parser.add_argument("--native", help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.native:
        return native_cell(given.native, given.steps, given.seed)
    if given.trace:
        return pack_all(given.trace)
    log = Log(given.out, given.limit)
    if given.earlier:
        earlier = json.loads(given.earlier.read_text())["parts"]
        log.facts["parts"] += [{**part, "earlier": True} for part in earlier if part["part"] == "gpu"]
    try:
        everything(log, given.tasks.split(","), [int(size) for size in given.sizes.split(",")], given)
    except Exception:
        log.failed("the whole")
    to_baseline(log)
    log.write()
    log.say(f"{len(log.facts['parts'])} parts, {len(log.facts['errors'])} errors")
    os._exit(0)  # threads that still compile must not hold the machine


if __name__ == "__main__":
    main()
