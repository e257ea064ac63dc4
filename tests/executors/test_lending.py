"""Jobs lent to a node: run as at home, refused where the node is not as it should be, run again where it is lost."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from lent import measurements, result

from eureka_cli import parcels, program
from eureka_cli.errors import SandboxUnavailable
from eureka_cli.executors import local, local_lending, local_node
from eureka_cli.executors.local_lending import Lost
from eureka_cli.store import locked, read_json, write_json


@pytest.fixture(autouse=True)
def node(tmp_path, monkeypatch):
    """A node's own cache, and no job server that outlives a test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "node-cache"))
    yield
    for server in local_node._servers.values():
        server.close()
    local_node._servers.clear()


def performed(folder: Path, config: local.Config | None = None) -> None:
    """What a node does of a job, and its answer taken."""
    *_, answer = local_node.perform(parcels.pack(folder, local_node.sender(config or local.Config())))
    parcels.take_answer(answer, folder)


def test_a_node_gives_what_this_machine_gives(tmp_path):
    [here] = measurements(tmp_path / "here")
    [there] = measurements(tmp_path / "there")
    executor = local.start(local.Config(cores=1))
    list(executor.execute([here], print))
    executor.close()
    performed(there)
    assert result(here) == result(there)
    assert (here / "recorded.npz").read_bytes() == (there / "recorded.npz").read_bytes()
    assert read_json(there / "node.json")["isolation"] == executor.isolation


def test_the_job_sees_no_key_on_a_node_either(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    [folder] = measurements(tmp_path, trouble="\nimport os; print(sorted(os.environ.items()))\n")
    performed(folder)
    told = (folder / "output.txt").read_text()
    assert "'PATH'" in told
    assert "sk-secret" not in told


def test_a_node_of_another_release_refuses(tmp_path, monkeypatch):
    [folder] = measurements(tmp_path)
    parcel = parcels.pack(folder, local_node.sender(local.Config()))
    monkeypatch.setattr(
        program, "versions", lambda: {**dict.fromkeys(("mujoco", "mjbatch", "gymnasium"), "1"), "numpy": "0"}
    )
    *_, answer = local_node.perform(parcel)
    parcels.take_answer(answer, folder)
    error = read_json(folder / "error.json")
    assert error["kind"] == "UsageError"
    assert "numpy 0, not" in error["message"] and "on every node" in error["message"]


def test_a_node_with_another_program_refuses(tmp_path):
    [folder] = measurements(tmp_path)
    *_, answer = local_node.perform(parcels.pack(folder, {**local_node.sender(local.Config()), "program": "other"}))
    parcels.take_answer(answer, folder)
    assert "another version of reward-synth" in read_json(folder / "error.json")["message"]


def without_bubblewrap(tmp_path, monkeypatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def test_a_node_behind_less_than_is_asked_for_refuses(tmp_path, monkeypatch):
    without_bubblewrap(tmp_path, monkeypatch)
    [folder] = measurements(tmp_path)
    performed(folder, local.Config(isolation="bubblewrap"))
    error = read_json(folder / "error.json")
    assert error["kind"] == "SandboxUnavailable"
    assert "executor.isolation asks for bubblewrap" in error["message"]
    assert not (folder / "result.json").exists()


def test_this_machine_refuses_likewise(tmp_path, monkeypatch):
    without_bubblewrap(tmp_path, monkeypatch)
    executor = local.start(local.Config(isolation="bubblewrap"))
    with pytest.raises(SandboxUnavailable, match="doctor"):
        list(executor.execute(measurements(tmp_path), print))
    assert executor._server is None


@pytest.mark.parametrize(
    ("level", "rung"),
    [("bubblewrap + landlock ABI 7 + seccomp", 2), ("landlock ABI 4 + seccomp", 1), ("seccomp", 0), ("none", -1)],
)
def test_the_ladder_has_an_order(level, rung):
    assert local.rung(level) == rung


# ---------------------------------------------------------------- lost nodes


class Flaky:
    """A cluster whose answers are one file, and whose nodes go away so many times before one answers."""

    def __init__(self, losses: int) -> None:
        self.losses = losses
        self.out: list[Path] = []
        self.sent: list[Path] = []

    def send(self, folders: Sequence[Path]) -> None:
        self.out += folders
        self.sent += folders

    def hear(self) -> Iterator[tuple[Path, dict | bytes | Lost]]:
        time.sleep(0.01)
        for folder in list(self.out):
            self.out.remove(folder)
            if self.losses:
                self.losses -= 1
                yield folder, Lost("the node was lost")
            else:
                write_json(folder / "answered.json", 1)
                answer = parcels._zip({"result.json": json.dumps({"count": self.sent.count(folder)}).encode()})
                yield folder, {"event": "progress", "steps": 1}
                yield folder, answer

    def drop(self, folders: Sequence[Path]) -> None:
        self.dropped = list(folders)


def lend(cluster: Flaky, folders: list[Path], **options) -> tuple[list[Path], list[str]]:
    events = []
    given = {"at_most": None, **options}
    ended = list(local_lending.lend(cluster, folders, lambda event: events.append(event["event"]), **given))
    return ended, events


def test_jobs_of_lost_nodes_run_again_and_count_once(tmp_path):
    folders, cluster = measurements(tmp_path, 3), Flaky(losses=2)
    ended, events = lend(cluster, folders)
    assert sorted(ended) == sorted(folders)
    assert events.count("job-lost") == 2
    assert len(cluster.sent) == 5
    assert cluster.dropped == []


def test_a_job_that_loses_every_node_is_a_failure_of_ours(tmp_path):
    [folder], cluster = measurements(tmp_path), Flaky(losses=99)
    assert lend(cluster, [folder])[0] == [folder]
    assert len(cluster.sent) == local_lending.LOST_AT_MOST
    assert "lost 3 times: the node was lost" in read_json(folder / "error.json")["message"]


def test_no_more_are_out_than_said(tmp_path):
    folders, cluster = measurements(tmp_path, 3), Flaky(losses=0)
    most = []
    cluster.hear = lambda: most.append(len(cluster.out)) or Flaky.hear(cluster)
    lend(cluster, folders, at_most=1)
    assert max(most) == 1


def test_what_another_run_works_on_is_waited_for_and_not_sent(tmp_path):
    [folder], cluster = measurements(tmp_path), Flaky(losses=0)
    with locked(folder / ".lock"):
        worker = threading.Thread(target=lend, args=(cluster, [folder]))
        worker.start()
        time.sleep(0.5)
        write_json(folder / "result.json", {})
    worker.join(10)
    assert not worker.is_alive()
    assert cluster.sent == []


def test_half_an_answer_is_a_lost_node(tmp_path):
    [folder], cluster = measurements(tmp_path), Flaky(losses=0)
    whole = Flaky.hear

    def torn():
        for folder, word in whole(cluster):
            first = len(cluster.sent) == 1 and isinstance(word, bytes)
            yield folder, word[:50] if first else word

    cluster.hear = torn
    _, events = lend(cluster, [folder])
    assert events.count("job-lost") == 1
    assert read_json(folder / "result.json") == {"count": 2}


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize(
    ("kind", "trainer", "config", "gpus"),
    [
        ("train", "mjx_ppo", {}, 1),
        ("train", "native_ppo", {}, 0),
        ("evaluate", "mjx_ppo", {}, 0),
        ("train", "mjx_ppo", {"gpus": 0.25}, 0.25),
        ("train", "mjx_ppo", {"gpus": 0}, 0),
    ],
)
def test_a_training_asks_for_the_gpus_its_trainer_needs(kind, trainer, config, gpus, tmp_path):
    write_json(tmp_path / "job.json", {"kind": kind, "spec": {"trainer": {"name": trainer}}})
    assert local_lending.Config(**config).gpus_of(tmp_path) == gpus
