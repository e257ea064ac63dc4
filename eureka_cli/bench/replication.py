"""Do the reported intervals hold? The shipped reward of every racing run is trained anew on ten seeds of its own pool.

The runs are those of the benchmark `racing` with racing on: measure that first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eureka_cli import tasks
from eureka_cli.analysis import intervals
from eureka_cli.bench import racing, searching, tables
from eureka_cli.bench.cells import Cell, Plan, Record, each
from eureka_cli.config import RunConfig
from eureka_cli.core import Candidate, Json, Trial
from eureka_cli.errors import JobFailed, UsageError
from eureka_cli.reports import summary
from eureka_cli.steps import Work, evaluate, train
from eureka_cli.store import RunFolder

ABOUT = "reported intervals of racing's runs against ten fresh trainings each (needs racing)"
TASKS = racing.TASKS
ARMS = ("fresh",)
SEEDS = 10
POOL, EPISODES_POOL = "replication", "replication-evaluation"
VERSION = 1


def cells(plan: Plan) -> list[Cell]:
    return [_cell(plan, task, repeat) for repeat, task, _ in each(plan, TASKS, ARMS)]


def _cell(plan: Plan, task: str, repeat: int) -> Cell:
    of = racing.cell(plan, tasks.find(task), "on", repeat)
    settings = {"version": VERSION, "run": racing.run_name(of), "seeds": SEEDS, "steps": of.settings["steps"]}
    guess_s = 10 + SEEDS * of.settings["steps"] / racing.TYPICAL
    return Cell(benchmark="replication", arm=ARMS[0], task=task, repeat=repeat, settings=settings, guess_s=guess_s)


def measure(cell: Cell, work: Path) -> dict[str, Json]:
    """{reported: the run's own scores, interval and IQM; fresh: fitness per fresh seed}."""
    folder = RunFolder(work.parent.parent / "racing" / "scratch" / cell.settings["run"])
    if not (folder.path / "summary.json").exists():
        raise UsageError(f"The run {folder.name} is not finished. Measure it first: reward-synth bench racing")
    best = summary.read(folder)["best"]
    code = (folder.path / "candidates" / f"{best['candidate']}.py").read_text(encoding="utf-8")
    steps = cell.settings["steps"]
    with searching.run_in(
        work / f"{cell.name}-{cell.key}", RunConfig(task=cell.task, seed=cell.repeat), cores=None
    ) as run:
        candidate = Candidate(code=code, slot="replication")
        seeds = run.seeds(POOL, cell.settings["seeds"])
        work_items = [Work(code, Trial(candidate=candidate.id, seed=seed, job="", steps=0)) for seed in seeds]
        trials = evaluate(run, train(run, work_items, until=steps, total=steps), curve=False, purpose=EPISODES_POOL)
    failed = [trial.failure.message for trial in trials if trial.failure]
    if failed:
        raise JobFailed(f"The reward {best['candidate']} failed on a fresh seed: {failed[0]}")
    fresh = [trial.score.fitness for trial in trials if trial.score]
    return {"reported": {name: best[name] for name in ("scores", "interval", "iqm")}, "fresh": fresh}


# ---------------------------------------------------------------- tables


def report(records: Sequence[Record]) -> str:
    """Per run: what it reported, what ten fresh seeds give, and whether one covers the other; the shares of all."""
    rows, covered, differ = [], 0, 0
    for record in sorted(records, key=lambda record: (record.cell.task, record.cell.repeat)):
        reported, fresh = record.result["reported"], record.result["fresh"]
        low, high = reported["interval"]
        covers = low <= float(intervals.iqm(fresh)) <= high
        verdict = intervals.verdict(fresh, reported["scores"])
        covered, differ = covered + covers, differ + (verdict in ("better", "worse"))
        told = f"{reported['iqm']:.3g} [{low:.3g}, {high:.3g}]"
        told_fresh = f"{tables.interval(fresh)} (n = {len(fresh)})"
        names = [record.cell.task, str(record.cell.repeat)]
        rows.append([*names, f"{told} (n = {len(reported['scores'])})", told_fresh, "yes" if covers else "no", verdict])
    head = ["task", "run", "reported", "fresh seeds", "interval covers them", "fresh seeds are"]
    total = len(records)
    share = f"{covered} of {total} reported intervals hold the fresh seeds' IQM; {differ} of {total} differ."
    return "\n\n".join([tables.markdown(head, rows), share, tables.circumstances(records)])
