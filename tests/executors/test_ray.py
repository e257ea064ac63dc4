"""Jobs on a real Ray cluster of two nodes on this machine (two_node_ray.py), one of which is killed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from lent import measurements, result, results_here, search

from eureka_cli.errors import UsageError
from eureka_cli.executors import local_lending, ray
from eureka_cli.store import read_json

SCRIPT = Path(__file__).with_name("two_node_ray.py")
TELLS = "\nimport os; print(sorted(os.environ.items()))\n"
SLEEP = "\nimport os, pathlib, time; pathlib.Path({!r}).joinpath(str(os.getpid())).touch(); time.sleep(4)\n"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="pip install 'reward-synth[ray]'"),
]


class Cluster:
    def __init__(self, at_work: Path) -> None:
        self.at_work = at_work
        """Where nodes unpack their jobs."""
        clean = {name: value for name, value in os.environ.items() if "KEY" not in name}
        clean |= {"TMPDIR": str(at_work), "RAY_TMPDIR": "/tmp"}
        self.process = subprocess.Popen(
            [sys.executable, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean
        )
        self.address = self.said("address")

    def said(self, word: str) -> str:
        for line in self.process.stdout:
            if line.startswith(word):
                return line.removeprefix(word).strip()
        raise AssertionError("the cluster did not start")

    def tell(self, word: str, answer: str) -> None:
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        self.said(answer)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(60)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    started = Cluster(tmp_path_factory.mktemp("nodes"))
    yield started
    started.close()


@pytest.fixture
def executor(cluster):
    started = ray.start(ray.Config(address=cluster.address))
    yield started
    started.close()


def test_tasks_give_what_this_machine_gives_and_see_no_key(cluster, executor, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    folders = measurements(tmp_path / "a", 4, TELLS)
    assert sorted(executor.execute(folders, print)) == sorted(folders)
    assert [result(folder) for folder in folders] == results_here(tmp_path / "b", 4, TELLS)
    assert "seccomp" in executor.isolation
    assert not any("sk-secret" in (folder / "output.txt").read_text() for folder in folders)
    on_nodes = below(cluster.process.pid)
    assert any(b"ray::" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in on_nodes)
    assert not any(b"sk-secret" in Path(f"/proc/{pid}/environ").read_bytes() for pid in on_nodes)


def below(pid: int) -> list[int]:
    """All processes a process has started, and theirs."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    children = list(map(int, told.read_text().split())) if told.exists() else []
    return children + [other for child in children for other in below(child)]


def test_a_job_that_no_node_can_run_is_said(executor, tmp_path, monkeypatch):
    monkeypatch.setattr(local_lending.Config, "gpus_of", lambda self, folder: 1.0)

    def told(event: dict) -> None:
        raise Told(event["event"] + ": " + event["why"])

    with pytest.raises(Told, match=r"executor-waits: .*1 GPU.*executor\.gpus"):
        list(executor.execute(measurements(tmp_path, 1), told))


class Told(Exception):
    pass


def test_the_jobs_of_a_killed_node_run_again_and_count_once(cluster, executor, tmp_path):
    """The node dies while both are at work."""
    marks = tmp_path / "marks"
    marks.mkdir()
    folders, events = measurements(tmp_path / "a", 4, SLEEP.format(str(marks))), []

    def kill() -> None:
        while len(list(marks.iterdir())) < 2:
            time.sleep(0.1)
        cluster.tell("kill", "killed")

    killer = threading.Thread(target=kill)
    killer.start()
    ended = list(executor.execute(folders, events.append))
    killer.join()
    cluster.tell("add", "added")
    lost = [event for event in events if event["event"] == "job-lost"]
    assert len(lost) == 1
    assert "runs again" in lost[0]["why"]
    assert sorted(ended) == sorted(folders)
    assert len(list(marks.iterdir())) == 5  # processes: four that ended, one that was killed
    here = results_here(tmp_path / "b", 4, SLEEP.format(str(marks)))
    assert [result(folder) for folder in folders] == here


def trainings(at_work: Path) -> int:
    count = 0
    for job in at_work.glob("reward-synth-*/job/job.json"):
        with contextlib.suppress(FileNotFoundError):  # it ended meanwhile
            count += '"kind": "train"' in job.read_text()
    return count


def test_the_same_run_ends_the_same_with_a_node_killed_in_a_round(cluster, tmp_path):
    """Of the command line, whose log says what was lost."""
    longer = ("--racing", "off", "--budget-steps", "40000")

    def kill() -> None:
        while trainings(cluster.at_work) < 2:
            time.sleep(0.05)
        cluster.tell("kill", "killed")

    killer = threading.Thread(target=kill)
    killer.start()
    there = search(tmp_path / "b", *longer, "--executor", "ray", "--set", f"executor.address={cluster.address}")
    killer.join()
    cluster.tell("add", "added")
    assert (tmp_path / "b" / "runs" / "r" / "log.jsonl").read_text().count('"event": "job-lost"') == 1
    assert "seccomp" in read_json(tmp_path / "b" / "runs" / "r" / "summary.json")["isolation"]
    assert there == search(tmp_path / "a", *longer)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1"])
def test_a_cluster_that_is_not_there_is_said(address, tmp_path):
    executor = ray.start(ray.Config(address=address))
    with pytest.raises(UsageError, match=r"ray start --head.*executor.address"):
        list(executor.execute(measurements(tmp_path, 1), print))
    executor.close()
