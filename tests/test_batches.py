"""Which train jobs run as one program, and what becomes of them where that program dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from eureka_cli import tasks
from eureka_cli.batches import as_one, batches
from eureka_cli.config import RunConfig
from eureka_cli.core import Job
from eureka_cli.models import builtin
from eureka_cli.run import Run
from eureka_cli.store import RunFolder


def job(candidate: str, seed: int, **spec) -> Job:
    facts = {"world": {"name": "w"}, "until": 10, "from": 0, "start": "", "trainer": {"config": {}}, **spec}
    return Job(kind="train", spec={**facts, "candidate": candidate, "seed": seed}, texts={"reward.py": candidate})


def test_candidates_and_seeds_of_a_round_go_together_in_even_batches():
    jobs = [job(candidate, seed) for candidate in "abc" for seed in (1, 2)]
    assert [len(batch) for batch in batches(jobs, 16)] == [6]
    first, second = batches(jobs, 4)
    assert [each.spec["candidate"] for each in first] == list("abc") == [each.spec["candidate"] for each in second]
    assert {each.spec["seed"] for each in first} == {1} and {each.spec["seed"] for each in second} == {2}
    assert [len(batch) for batch in batches(jobs, 1)] == [1] * 6


def test_only_who_is_at_the_same_place_goes_together():
    late = job("c", 1, start="train/x", **{"from": 5})
    other = job("d", 1, world={"name": "v"})
    found = batches([job("a", 1), late, job("b", 1), other, job("e", 1, start="train/y", **{"from": 5})], 16)
    assert [[each.spec["candidate"] for each in batch] for batch in found] == [["a", "b"], ["c", "e"], ["d"]]


def test_the_key_of_a_round_is_made_of_its_members_not_of_where_they_lie():
    jobs = [job("a", 1), job("b", 1)]
    here, there = (as_one({Path(root) / each.key: each for each in jobs}) for root in ("/here", "/there"))
    assert here.key == there.key and here.paths != there.paths


class Asked(Exception):
    """What an executor was handed: kinds of jobs."""


class Local:
    def execute(self, folders, on_event):
        raise Asked([folder.parent.name for folder in folders])


class Cluster(Local):
    apart = True


@pytest.mark.parametrize(("executor", "handed"), [(Local(), ["round"]), (Cluster(), ["train", "train"])])
def test_jobs_that_go_elsewhere_go_one_by_one(executor, handed, tmp_path):
    folder = RunFolder(tmp_path / "r")
    folder.path.mkdir()
    model, task = builtin.load("", builtin.Config()), tasks.find("cartpole_balance")
    run = Run(folder, RunConfig(task=task.name), task=task, model=model, executor=executor, on_event=lambda event: None)
    with pytest.raises(Asked) as asked:
        run.execute([job("a", 1), job("b", 1)], together=16)
    assert asked.value.args[0] == handed
