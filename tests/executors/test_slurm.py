"""Job arrays on a real Slurm: the one that is there, or for root one of a single node (one_node_slurm.sh)."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from lent import TINY, command, measurements, result, results_here, search

from eureka_cli.errors import UsageError
from eureka_cli.executors import slurm
from eureka_cli.store import read_json

SCRIPT = Path(__file__).with_name("one_node_slurm.sh")
TELLS = "\nimport os; print(sorted(os.environ.items()))\n"
SLEEP = "\nimport time; time.sleep(8)\n"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def works() -> bool:
    return subprocess.run(["sinfo"], capture_output=True, check=False).returncode == 0


def free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], other.getsockname()[1]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    if shutil.which("sbatch") is None:
        pytest.skip("no Slurm here: apt install slurm-wlm munge")
    if works():
        yield
        return
    if os.geteuid() or not shutil.which("slurmctld"):
        pytest.skip("Slurm's commands are here, but no cluster answers")
    home = tmp_path_factory.mktemp("slurm")
    ports = dict(zip(("SLURMCTLD_PORT", "SLURMD_PORT"), map(str, free_ports()), strict=True))
    os.environ["SLURM_CONF"] = str(home / "slurm.conf")
    try:
        subprocess.run([SCRIPT, "start", home], env={**os.environ, **ports}, check=True)
        yield
    finally:
        subprocess.run([SCRIPT, "stop", home], check=True)
        del os.environ["SLURM_CONF"]


@pytest.fixture
def begin(cluster, monkeypatch):
    """Starts executors that look at the queue often."""
    monkeypatch.setattr(slurm, "QUEUE_S", 2.0)
    begun = []

    def start(**settings) -> slurm.Slurm:
        begun.append(slurm.start(slurm.Config(**settings)))
        return begun[-1]

    yield start
    for executor in begun:
        executor.close()


def queued() -> list[str]:
    return list(slurm._queue() or {})


def wait_until(true, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_an_array_gives_what_this_machine_gives(begin, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    folders = measurements(tmp_path / "a", 3, TELLS)
    executor = begin(folder=tmp_path / "exchange")
    assert sorted(executor.execute(folders, print)) == sorted(folders)
    assert [result(folder) for folder in folders] == results_here(tmp_path / "b", 3, TELLS)
    assert "seccomp" in executor.isolation
    assert not any("sk-secret" in (folder / "output.txt").read_text() for folder in folders)
    assert list((tmp_path / "exchange").iterdir()) == []


def test_the_same_run_ends_the_same(cluster, tmp_path):
    assert search(tmp_path / "a") == search(tmp_path / "b", "--executor", "slurm")


def test_what_a_killed_run_left_in_the_queue_is_taken_over(cluster, tmp_path):
    """The first process dies by SIGKILL while its array runs; the second submits none of it again."""
    exchange, done = tmp_path / "runs" / ".cache" / "slurm", "runs/.cache/jobs/measure/*/result.json"

    def tasks() -> set[str]:
        return {file.read_text() for file in exchange.glob("*/task")}

    first = subprocess.Popen(command("run", *TINY, "--executor", "slurm"), cwd=tmp_path, stderr=subprocess.DEVNULL)
    wait_until(tasks)
    first.kill()
    first.wait()
    left = tasks()
    assert left <= set(queued())
    second = subprocess.Popen(command("run", *TINY, "--executor", "slurm"), cwd=tmp_path, stderr=subprocess.DEVNULL)
    wait_until(lambda: list(tmp_path.glob(done)) and tasks() - left)
    numbers = sorted(int(task.split("_")[0]) for task in left | tasks())
    assert numbers[-1] - numbers[0] == 1  # the next array is of the next jobs: nothing was submitted in between
    second.send_signal(signal.SIGINT)
    second.wait()


def test_ctrl_c_leaves_nothing_in_the_queue(cluster, tmp_path):
    process = subprocess.Popen(
        command("run", *TINY, "--executor", "slurm"),
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_until(queued)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    wait_until(lambda: not queued())


def test_a_requeued_task_counts_once(begin, tmp_path):
    """Slurm itself runs the jobs of a failed node again."""
    folders, executor = measurements(tmp_path / "a", 1, SLEEP), begin()
    asked = threading.Timer(5, lambda: subprocess.run(["scontrol", "requeue", queued()[0]], check=True))
    asked.start()
    ended = list(executor.execute(folders, print))
    asked.join()
    assert ended == folders
    assert [result(folder) for folder in folders] == results_here(tmp_path / "b", 1, SLEEP)


def test_a_task_without_an_answer_runs_again(begin, tmp_path):
    """Its interpreter fails at first: the array is gone from the queue and nothing came."""
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\n[ -e {tmp_path}/tried ] || {{ touch {tmp_path}/tried; exit 1; }}\nexec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    events = []
    executor = begin(python=str(python))
    assert list(executor.execute(measurements(tmp_path, 1), events.append))
    assert [event["event"] for event in events].count("job-lost") == 1


def test_a_cancelled_task_stops_the_run_with_the_cure(begin, tmp_path):
    executor = begin()
    threading.Timer(4, lambda: subprocess.run(["scancel", *queued()], check=True)).start()
    with pytest.raises(UsageError, match=r"CANCELLED.*resume the run"):
        list(executor.execute(measurements(tmp_path, 1, SLEEP), print))


def test_options_that_sbatch_refuses_are_said(begin, tmp_path):
    executor = begin(options=["--partition=nowhere"])
    with pytest.raises(UsageError, match=r"sbatch refused.*partition.*executor.options"):
        list(executor.execute(measurements(tmp_path, 1), print))
    assert queued() == []


def test_requests_reach_slurm(begin, tmp_path):
    executor = begin(cpus=2, memory_gb=0.5)
    [folder] = measurements(tmp_path, 1, SLEEP)
    told = []

    def look() -> None:
        wait_until(queued)
        told.append(slurm._run("scontrol", "show", "job", "--oneliner", queued()[0]))

    threading.Thread(target=look).start()
    list(executor.execute([folder], print))
    assert "NumCPUs=2" in told[0] and "MinMemoryNode=512M" in told[0]
    assert read_json(folder / "node.json")["isolation"] == executor.isolation
