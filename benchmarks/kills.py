"""Kill whole runs with SIGKILL at random instants, resume each time, compare with a run nobody disturbed.

    python benchmarks/kills.py --kills 200 --file kills.json

Three methods, tiny budgets. Eureka's answers come from a real HTTP server, which counts what it is
asked.
One kill in five hits the job server, the others the run itself. Checked of every run that was killed on its way:

- its candidates, decisions, results and arrays are those of the undisturbed run, byte for byte;
- no result that stood at a kill was written again (same inode at the end);
- no answer that was recorded at a kill was asked for again, as the HTTP server sees it.

Each process is forked from this one, which has loaded the program: a kill then costs no second of imports.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/cli"), str(ROOT / "tests/models")]
os.environ |= {"PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "sk-0123456789", "OPENBLAS_NUM_THREADS": "1"}

import openai  # noqa: E402, F401  (loaded once, for all that are forked)
import program  # noqa: E402
import server as fake  # noqa: E402

from eureka_cli.cli import session  # noqa: E402, F401
from eureka_cli.cli.main import main  # noqa: E402

TINY = ("--preset", "smoke", "--set", "budget.steps=2048", "--set", "search.racing=off")
METHODS = {
    "eureka": ("--task", "cartpole_balance", *TINY),
    "text2reward": ("--task", "cartpole_balance", "--method", "text2reward", *TINY),
    "mcreward": ("--task", "dk5", "--method", "mcreward", *TINY),
}
COSTS = {"cpu_s", "simulation_cpu_s"}
SERVER_KILLS = 5
"""One kill in so many hits the job server."""
LONGEST_WAIT_S = 0.4
"""After what a kill waits for has happened."""


def serve(heard: Path, told: Any) -> None:
    """The HTTP server, in a process of its own; every request is one line of `heard` before it is answered."""

    def hear(handler: fake.Handler, body: dict[str, Any]) -> bool:
        with heard.open("a") as stream:
            stream.write(digest(body["messages"]) + "\n")
        handler.state.faults.append(hear)  # faults are taken from the list
        return False

    with fake.serving() as state:
        state.takes_n = False  # so that an answer hangs on prompt and seed alone, whatever was recorded before
        state.faults += [hear] * 64
        told.send(state.url)
        signal.pause()


def digest(messages: list[dict[str, str]]) -> str:
    said = [[message["role"], message["content"]] for message in messages]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


# ---------------------------------------------------------------- one process


def begin(folder: Path, arguments: tuple[str, ...]) -> int:
    """`reward-synth run ...` in a fork of this process."""
    pid = os.fork()
    if pid:
        return pid
    os.chdir(folder)
    os.dup2(os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), 1)
    os.dup2(1, 2)
    sys.argv = ["reward-synth", "run", *arguments]
    status = 1
    try:
        main()
        status = 0
    except SystemExit as ending:
        status = int(ending.code or 0)
    finally:
        os._exit(status)


def ended(pid: int) -> int | None:
    """Exit status, where it has ended."""
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def effects(run: Path) -> int:
    """Jobs and answers that the log of a run knows of."""
    log = run / "log.jsonl"
    text = log.read_bytes() if log.exists() else b""
    return text.count(b'"event": "job-done"') + text.count(b'"event": "answered"')


def killed(pid: int, run: Path, chance: random.Random, victim: str) -> bool:
    """Kill once up to two more effects have happened, and a moment later; False where it ended by itself first."""
    wanted = effects(run) + chance.choice((0, 1, 1, 2))
    while effects(run) < wanted:
        if (status := ended(pid)) is not None:
            assert status == 0, f"it failed: {run.parent.parent / 'output.txt'}"
            return False
        time.sleep(0.01)
    time.sleep(chance.uniform(0, LONGEST_WAIT_S))
    if (status := ended(pid)) is not None:
        assert status == 0, f"it failed: {run.parent.parent / 'output.txt'}"
        return False
    servers = children(pid) if victim == "server" else []
    os.kill(servers[0] if servers else pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


# ---------------------------------------------------------------- what a run left


def standing(folder: Path) -> dict[str, int]:
    """Every result there is, with its inode: written again it would have another."""
    return {str(file): file.stat().st_ino for file in folder.glob("runs/**/jobs/*/*/result.json")}


def recorded(run: Path) -> Counter[str]:
    """Answers there are, by prompt."""
    files = (run / "llm").rglob("*.json")
    return Counter(digest(json.loads(file.read_text())["messages"]) for file in files if file.name[0] != ".")


def left(run: Path) -> dict[str, Any]:
    """All that a run decided, found and measured; what it cost is left out."""
    results = {}
    for root in (run, run.parent / ".cache"):
        for file in root.glob("jobs/*/*/result.json"):
            found = json.loads(file.read_text())["result"]
            kept = {name: value for name, value in found.items() if name not in COSTS}
            results[str(file.relative_to(root))] = json.dumps(kept, sort_keys=True)
    answers = {str(f.relative_to(run)): json.loads(f.read_text()) for f in (run / "llm").rglob("[!.]*.json")}
    return {**program.facts(run), "results": results, "answers": answers}


def torture(
    method: str, arguments: tuple[str, ...], kills: int, folder: Path, heard: Path, seed: int
) -> dict[str, Any]:
    """Runs of one method, killed on their way `kills` times in all."""
    chance = random.Random(f"{method}-{seed}")
    undisturbed = folder / "undisturbed"
    undisturbed.mkdir(parents=True)
    pid = begin(undisturbed, (*arguments, "--name", "run-0"))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, undisturbed / "output.txt"
    reference = left(undisturbed / "runs/run-0")
    facts: Counter[str] = Counter()
    while facts["kills"] < kills:
        run = folder / "runs" / f"run-{facts['runs']}"
        facts["runs"] += 1
        over = False
        while not over:
            results, answers = standing(folder), recorded(run)
            before = len(heard.read_text().splitlines())
            pid = begin(folder, (*arguments, "--name", run.name))
            if facts["kills"] < kills:
                victim = "server" if chance.random() < 1 / SERVER_KILLS else "run"
                over = not killed(pid, run, chance, victim)
                facts["kills"] += not over
            else:
                assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, folder / "output.txt"
                over = True
            now = standing(folder)
            facts["results written again"] += sum(now.get(name) != inode for name, inode in results.items())
            asked = Counter(heard.read_text().splitlines()[before:])
            wanted = Counter(digest(record["messages"]) for record in reference["answers"].values())
            facts["answered calls repeated"] += sum(max(0, n - (wanted[d] - answers[d])) for d, n in asked.items())
            facts["calls heard"] += sum(asked.values())
            print(method, dict(facts), flush=True)
        found = left(run)
        facts["runs that differ"] += any(found[name] != reference[name] for name in ("decisions", "best", "candidates"))
        facts["runs that differ"] += any(
            found[name][key] != reference[name][key]
            for name in ("arrays", "results", "answers")
            for key in reference[name]
        )
        program.assert_nothing_finished_was_run_again(run)
    facts["results checked"] = len(reference["results"])
    facts["answers checked"] = len(reference["answers"])
    return dict(facts)


def command() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--method", action="append", choices=METHODS, help="these alone; repeatable")
    parser.add_argument("--file", type=Path, help="where the numbers go as JSON")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    heard = folder / "heard"
    heard.touch()
    ours, theirs = multiprocessing.Pipe()
    served = multiprocessing.Process(target=serve, args=(heard, theirs), daemon=True)
    served.start()
    http = ("--model", "openai:tiny", "--set", f"model_options.base_url={ours.recv()}")
    methods = given.method or list(METHODS)
    found: dict[str, Any] = {}
    started = time.monotonic()
    for k, method in enumerate(methods):
        share = given.kills // len(methods) + (k < given.kills % len(methods))
        arguments = METHODS[method] + (http if method == "eureka" else ())
        found[method] = torture(method, arguments, share, folder / method, heard, given.seed)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    found["cpu_s"] = round(usage.ru_utime + usage.ru_stime)
    found["wall_s"] = round(time.monotonic() - started)
    print(json.dumps(found, indent=1))
    if given.file:
        given.file.write_text(json.dumps(found, indent=1) + "\n")
    served.terminate()
    shutil.rmtree(folder)


if __name__ == "__main__":
    command()
