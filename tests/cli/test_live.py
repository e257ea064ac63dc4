from __future__ import annotations

import time

from eureka_cli.cli.live import Progress


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
