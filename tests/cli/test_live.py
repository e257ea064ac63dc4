from __future__ import annotations

import time

from eureka_cli.cli.live import Progress
from eureka_cli.reports import climb


def job(progress, address, steps=0, wait=0.0):
    progress.take({"event": "job-start", "address": address, "of": {"candidate": "c"}})
    time.sleep(wait)
    progress.take({"event": "job-done", "address": address, "cpu_s": 1.0, "steps": steps})


def test_time_left_counts_training_and_not_waiting():
    progress = Progress()
    progress.planned = 3000
    assert progress.left() == "time left unknown"
    job(progress, "bank/x", wait=0.3)
    time.sleep(0.3)  # a model thinks
    job(progress, "train/a", steps=1000, wait=0.05)
    assert progress.busy_s < 0.2
    job(progress, "train/b", steps=1000, wait=0.05)
    assert progress.left() == "about 0:00 left"


def test_a_job_that_failed_and_runs_again_is_counted_on():
    progress = Progress()
    progress.planned = 10
    progress.take({"event": "job-start", "address": "train/a", "of": {"candidate": "c"}})
    job(progress, "train/a", steps=5)
    assert not progress.busy


def chunk(steps, seed=7, *, stage="climb", help=1.0, fitness=0.5, height=0.0):
    facts = {"candidate": "c", "label": "candidate", "failure": None, "drops": 0.25, "total": 100}
    params = {"help": help, "rung": "assist"}
    return {
        "event": "chunk", "stage": stage, "seed": seed, "steps": steps, "params": params, "fitness": fitness,
        "height": height, **facts,
    }  # fmt: skip


def test_a_climber_has_a_row_that_says_where_it_is_and_its_best():
    progress = Progress()
    progress.take(chunk(10, seed=3, stage="rank"))
    progress.take({"event": "ranked", "candidates": []})
    of = {"candidate": "c", "seed": 7, "from": 10, "fresh_world": True}
    progress.take(chunk(10, fitness=0.9))
    progress.take(chunk(20, help=0.5, height=0.4, fitness=0.7))
    progress.take({"event": "job-start", "address": "train/b", "of": of})
    progress.take({"event": "progress", "address": "train/b", "steps": 25, "return": 1.0})
    assert list(progress.rows) == ["c seed 1"]
    row = progress.rows["c seed 1"]
    assert climb.standing(row["chunks"]) == "rung assist, help 0.5: fitness 0.7, drops 25%, best 0.7 at 40% of the way"
    assert row["at"] == 25 and row["curve"] == [0.9, 0.7]


def test_a_resumed_climb_counts_each_chunk_once_and_numbers_its_seeds():
    first, second = chunk(10), chunk(10, seed=8)
    found = climb.ways([first, second, first, second, chunk(20, fitness=0.1)])
    assert [(way.name, [event["steps"] for event in way.chunks]) for way in found] == [
        ("c seed 1", [10, 20]),
        ("c seed 2", [10]),
    ]
